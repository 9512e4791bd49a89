import type {Expression} from './parse.ts'
import type {Template} from './template.ts'
import type {Scope, TypeScope} from './types.ts'

/** Cost that several evaluations share. Make one per render with {@link createBudget}. */
export interface Budget {
  remaining: number
}

export interface EvaluateOptions {
  /** With it, a whole number where the type says `double` stays a double: `params.ratio / 2.0` must not depend on the answer. */
  types?: TypeScope
  /** Shared by many evaluations; each has its own limit besides. */
  budget?: Budget
}

/** The value that `omit()` gives: the field or element that it is the value of is dropped. */
export const OMIT: unique symbol = Symbol('omit()')

/**
 * Evaluates: plain JSON values out (maps as objects with sorted keys), integers as `number`, secrets as tokens, or {@link OMIT}.
 * @throws ExpressionError `template.failed`
 */
export function evaluateExpression(_expression: Expression, _scope: Scope, _options: EvaluateOptions = {}): unknown {
  throw new TypeError('being written')
}

/**
 * The typed value of a template that is one expression, else the concatenation of its parts, which must be strings.
 * @throws ExpressionError `template.failed`
 */
export function evaluateTemplate(_template: Template, _scope: Scope, _options: EvaluateOptions = {}): unknown {
  throw new TypeError('being written')
}

export function createBudget(): Budget {
  return {remaining: 10_000_000}
}
