import {nodeType} from './check-node.ts'
import {type Checked, Checker} from './checker.ts'
import {problemAt} from './errors.ts'
import {noFacts} from './narrow.ts'
import type {Expression} from './parse.ts'
import {fits, holdsSecretType, typeName} from './relations.ts'
import type {Template} from './template.ts'
import type {ExprType, Problem, TypeScope} from './types.ts'

export interface CheckOptions {
  /** Allow `changed(params.x)`: in conditions of tasks, where there is a state before. */
  changed?: boolean
}

/** Finds the type of an expression and its faults. Never throws: an expression with problems has type `dyn` where it is unknown. */
export function checkExpression(
  expression: Expression,
  scope: TypeScope,
  {changed = false}: CheckOptions = {},
): Checked {
  const checker = new Checker(expression, nodeType, changed)
  return {type: checker.typeOf(expression.root, {scope, facts: noFacts}), problems: checker.problems}
}

/** As {@link checkExpression}: the type of a whole expression, else string or secret; parts of mixed text must be strings. */
export function checkTemplate(template: Template, scope: TypeScope): Checked {
  if (template.whole !== undefined) return checkExpression(template.whole, scope)
  let type: ExprType = {t: 'string'}
  const problems: Problem[] = []
  for (const part of template.parts) {
    if ('literal' in part) continue
    const checked = checkExpression(part.expression, scope)
    problems.push(...(checked.problems.length > 0 ? checked.problems : notText(part.expression, checked.type)))
    if (holdsSecretType(checked.type)) type = {t: 'secret'}
  }
  return {type, problems}
}

function notText(expression: Expression, type: ExprType): Problem[] {
  const text = expression.source.trim()
  if (type.t === 'nullable' || type.t === 'null') {
    const fix = `say what to write then: \${${text} != null ? ${text} : ""}`
    return [problemAt(expression, 'unguarded-null', 0, `\`${text}\` may be null, inside a text`, fix)]
  }
  if (fits(type, {t: 'secret'})) return []
  const scalar = ['int', 'double', 'bool', 'bytes', 'duration'].includes(type.t)
  const fix = type.t === 'omit' ? 'omit() must be the whole value' : scalar ? `string(${text})` : `toJson(${text})`
  const message = `\`${text}\` is ${typeName(type)}, inside a text, which takes strings only`
  return [problemAt(expression, 'not-a-string', 0, message, fix)]
}
