import type {Scope} from '../expr/index.ts'
import type {Evaluation} from './evaluate-fields.ts'
import {touches} from './field-plan.ts'
import type {ResolveContext} from './types.ts'
import {type Broken, type Computed, describeFailure} from './value-template.ts'

/** What expressions about all parameters together read. */
export function fullScope({params}: Evaluation, context: ResolveContext, more: Scope = {}): Scope {
  return {...more, params, app: context.app, cluster: context.cluster, images: context.images}
}

/** Does it read a parameter that is wrong or missing? Then it cannot be judged before that is mended. */
export function readsFaulty(computed: Computed, {states}: Evaluation): boolean {
  return computed.reads.some(
    ([root, ...path]) =>
      root === 'params' && [...states.values()].some(({faulty, planned}) => faulty && touches(path, planned.field)),
  )
}

/** The value of a parsed expression, or why there is none. */
export function evaluateIn(
  computed: Computed | Broken,
  scope: Scope,
  evaluation: Evaluation,
): {value: unknown} | {why: string} {
  if ('broken' in computed) return {why: computed.broken}
  try {
    return {value: computed.evaluate(scope, evaluation.types)}
  } catch (error) {
    return {why: describeFailure(error)}
  }
}
