import type {Evaluation} from './evaluate-fields.ts'
import {fromPointer} from './pointer.ts'
import type {Fault} from './schema/fault.ts'
import {evaluateIn, fullScope, readsFaulty} from './scope.ts'
import type {ResolveContext, Rule} from './types.ts'
import {compileExpression} from './value-template.ts'

/** Checks across fields. One that reads something faulty waits until that is mended. */
export function checkRules(
  rules: readonly Rule[],
  evaluation: Evaluation,
  lets: Record<string, unknown>,
  context: ResolveContext,
): Fault[] {
  const scope = fullScope(evaluation, context, lets)
  return rules.flatMap(({check, field, message}): Fault[] => {
    const path = fromPointer(field)
    const computed = compileExpression(check, `rule on ${field}`)
    if (!('broken' in computed) && readsFaulty(computed, evaluation)) return []
    if (!('broken' in computed) && readsMissingLet(computed.reads, scope)) return []
    const result = evaluateIn(computed, scope, evaluation)
    if ('why' in result)
      return [{path, code: 'template', message: `the package's rule cannot be checked: ${result.why}`}]
    return result.value === true ? [] : [{path, code: 'rule', message}]
  })
}

/** A `let` without a value has been told, or waits as the rule does. */
function readsMissingLet(reads: string[][], scope: Record<string, unknown>): boolean {
  return reads.some(([root = '']) => !Object.hasOwn(scope, root))
}
