import {nearest} from '../nearest.ts'
import {checkCall} from './calls.ts'
import type {Checked, Checker} from './checker.ts'
import {type Facts, factsOf, hide, keyOf, noFacts, union} from './narrow.ts'
import type {Expression} from './parse.ts'
import {asMap, dyn, fits, holdsSecretType, joinAll, typeName, withoutNull} from './relations.ts'
import type {Template} from './template.ts'
import type {Node} from './tree.ts'
import type {ExprType, Locator, Problem, TypeScope} from './types.ts'

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
  const problems: Problem[] = []
  const checker = createChecker(expression.source, expression.locate, problems, changed)
  return {type: checker.typeOf(expression.root, scope, noFacts), problems}
}

/** As {@link checkExpression}: the type of a whole expression, else string or secret; parts of mixed text must be strings. */
export function checkTemplate(template: Template, scope: TypeScope): Checked {
  if (template.whole !== undefined) return checkExpression(template.whole, scope)
  let type: ExprType = {t: 'string'}
  const problems: Problem[] = []
  for (const part of template.parts) {
    if ('literal' in part) continue
    const checked = checkExpression(part.expression, scope)
    problems.push(...checked.problems)
    if (checked.problems.length === 0) problems.push(...notText(part.expression, checked.type))
    if (holdsSecretType(checked.type)) type = {t: 'secret'}
  }
  return {type, problems}
}

function notText({source, position}: Expression, type: ExprType): Problem[] {
  const text = source.trim()
  const problem = {position, expression: source}
  if (type.t === 'nullable' || type.t === 'null') {
    const message = `\`${text}\` may be null, inside a text`
    return [
      {...problem, rule: 'unguarded-null', message, fix: `say what to write then: \${${text} != null ? ${text} : ""}`},
    ]
  }
  if (fits(type, {t: 'secret'})) return []
  const scalar = ['int', 'double', 'bool', 'bytes', 'duration', 'timestamp'].includes(type.t)
  const message = `\`${text}\` is ${typeName(type)}, inside a text, which takes strings only`
  return [
    {
      ...problem,
      rule: 'not-a-string',
      message,
      fix: type.t === 'omit' ? 'omit() must be the whole value' : scalar ? `string(${text})` : `toJson(${text})`,
    },
  ]
}

function createChecker(source: string, locate: Locator, problems: Problem[], changed: boolean): Checker {
  const checker: Checker = {
    changed,
    report(rule, at, message, fix) {
      problems.push({position: locate(at), rule, message, expression: source, ...(fix === undefined ? {} : {fix})})
    },
    typeOf,
    present(node, type) {
      if (type.t !== 'nullable' && type.t !== 'null') return type
      const text = checker.source(node)
      checker.report(
        'unguarded-null',
        node.at,
        `\`${text}\` may be null here`,
        `guard it: ${text} != null ? … : … , or ${text} != null && …`,
      )
      return type.t === 'nullable' ? type.of : dyn
    },
    refuseSecret(node, what) {
      checker.report(
        'secret',
        node.at,
        `${what} is not possible with a secret: rendering never sees its value`,
        'secrets can be concatenated, and given to urlEncode, shellQuote, base64, toJson, toYaml, toIni, toToml',
      )
    },
    source: node =>
      keyOf(node)?.replaceAll('\u0000', '.') ??
      (node.k === 'call' ? `${node.fn.replace(/^_(.+)_$/, '$1')}(…)` : 'this'),
  }
  return checker

  function typeOf(node: Node, scope: TypeScope, facts: Facts): ExprType {
    switch (node.k) {
      case 'const':
        return constantType(node.value)
      case 'name':
        return narrowed(node, nameType(node, scope), facts)
      case 'select':
        return narrowed(node, selectType(node, scope, facts), facts)
      case 'has':
        hasType(node, scope, facts)
        return {t: 'bool'}
      case 'list':
        return {
          t: 'list',
          of: joinAll(node.elements.map(element => typeOf(element, scope, facts)).filter(({t}) => t !== 'omit')),
        }
      case 'map':
        return mapType(node, scope, facts)
      case 'call':
        return narrowed(node, checkCall(checker, node, scope, facts), facts)
      case 'macro':
        return macroType(node, scope, facts)
    }
  }

  function narrowed(node: Node, type: ExprType, facts: Facts): ExprType {
    if (type.t !== 'nullable') return type
    const key = keyOf(node)
    return key !== undefined && facts.has(key) ? type.of : type
  }

  function nameType(node: Extract<Node, {k: 'name'}>, scope: TypeScope): ExprType {
    const type = Object.hasOwn(scope, node.name) ? scope[node.name] : undefined
    if (type !== undefined) return type
    const names = Object.keys(scope)
    const guess = nearest(node.name, names)
    // Authors forget the `params.` more often than they mistype it.
    const owner = names.find(name => hasField(scope[name], node.name))
    const fix =
      owner !== undefined
        ? `did you mean ${owner}.${node.name}?`
        : guess !== undefined
          ? `did you mean ${guess}?`
          : `in scope: ${names.sort().join(', ') || 'nothing'}`
    checker.report('unknown-name', node.at, `there is no \`${node.name}\` here`, fix)
    return dyn
  }

  function selectType(node: Extract<Node, {k: 'select'}>, scope: TypeScope, facts: Facts): ExprType {
    const type = checker.present(node.operand, typeOf(node.operand, scope, facts))
    return fieldType(node, type)
  }

  /** `has(x.y)` is a guard: x may be null; but a field that cannot exist is a mistake. */
  function hasType(node: Extract<Node, {k: 'has'}>, scope: TypeScope, facts: Facts): void {
    fieldType(node, withoutNull(typeOf(node.operand, scope, facts)))
  }

  function fieldType(node: Extract<Node, {k: 'select' | 'has'}>, type: ExprType): ExprType {
    if (type.t === 'dyn') return dyn
    if (type.t === 'map') return type.of
    if (type.t !== 'object') {
      checker.report(
        'type-mismatch',
        node.at,
        `\`${checker.source(node.operand)}\` is ${typeName(type)} and has no fields`,
      )
      return dyn
    }
    const found = Object.hasOwn(type.fields, node.field) ? type.fields[node.field] : undefined
    if (found !== undefined) return found
    const guess = nearest(node.field, Object.keys(type.fields))
    const fix =
      guess !== undefined
        ? `did you mean ${guess}?`
        : `it has: ${Object.keys(type.fields).sort().join(', ') || 'no fields'}`
    checker.report('unknown-field', node.at, `\`${checker.source(node.operand)}\` has no field \`${node.field}\``, fix)
    return dyn
  }

  function mapType(node: Extract<Node, {k: 'map'}>, scope: TypeScope, facts: Facts): ExprType {
    const fields: Record<string, ExprType> = {}
    const values: ExprType[] = []
    for (const {key, value} of node.entries) {
      const keyType = checker.present(key, typeOf(key, scope, facts))
      if (!fits(keyType, {t: 'string'}))
        checker.report('type-mismatch', key.at, `a key is ${typeName(keyType)}; keys are strings`, 'string(x)')
      const type = typeOf(value, scope, facts)
      values.push(type)
      if (key.k === 'const' && typeof key.value === 'string' && type.t !== 'omit') {
        if (Object.hasOwn(fields, key.value))
          checker.report('duplicate-key', key.at, `the key "${key.value}" stands twice`)
        fields[key.value] = type
      }
    }
    const fixed = node.entries.every(({key}) => key.k === 'const')
    return fixed ? {t: 'object', fields} : {t: 'map', of: joinAll(values.filter(({t}) => t !== 'omit'))}
  }

  function macroType(node: Extract<Node, {k: 'macro'}>, scope: TypeScope, facts: Facts): ExprType {
    const range = checker.present(node.range, typeOf(node.range, scope, facts))
    const element = elementType(node, range)
    const inner: TypeScope = {...scope, [node.variable]: element}
    const outside = hide(facts, node.variable)
    if (node.test !== undefined) {
      const test = checker.present(node.test, typeOf(node.test, inner, outside))
      if (!fits(test, {t: 'bool'}))
        checker.report('type-mismatch', node.test.at, `the condition of ${node.macro} is ${typeName(test)}, not bool`)
    }
    const passed = node.test === undefined ? outside : union(outside, factsOf(node.test, true))
    if (node.macro === 'map') return {t: 'list', of: node.step === undefined ? dyn : typeOf(node.step, inner, passed)}
    if (node.macro === 'filter') return {t: 'list', of: passed.has(node.variable) ? withoutNull(element) : element}
    return {t: 'bool'}
  }

  function elementType(node: Extract<Node, {k: 'macro'}>, range: ExprType): ExprType {
    if (range.t === 'list') return range.of
    if (range.t === 'dyn') return dyn
    if (asMap(range) !== undefined) return {t: 'string'}
    checker.report('type-mismatch', node.at, `${node.macro} goes over a list or a map, not ${typeName(range)}`)
    return dyn
  }
}

function constantType(value: Extract<Node, {k: 'const'}>['value']): ExprType {
  if (value === null) return {t: 'null'}
  if (value instanceof Uint8Array) return {t: 'bytes'}
  switch (typeof value) {
    case 'string':
      return {t: 'string'}
    case 'boolean':
      return {t: 'bool'}
    case 'bigint':
      return {t: 'int'}
    case 'number':
      return {t: 'double'}
  }
}

function hasField(type: ExprType | undefined, field: string): boolean {
  return type?.t === 'object' && Object.hasOwn(type.fields, field)
}
