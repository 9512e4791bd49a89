import type {Expression} from './parse.ts'
import type {Template} from './template.ts'
import type {ExprType, Problem, TypeScope} from './types.ts'

/** A type, and everything that is wrong on the way to it. */
export interface Checked {
  type: ExprType
  problems: Problem[]
}

/** Finds the type of an expression and its faults. Never throws: an expression with problems has type `dyn` where it is unknown. */
export function checkExpression(_expression: Expression, _scope: TypeScope): Checked {
  return {type: {t: 'dyn'}, problems: []}
}

/** As {@link checkExpression}: the type of a whole expression, else string or secret; parts of mixed text must be strings. */
export function checkTemplate(_template: Template, _scope: TypeScope): Checked {
  return {type: {t: 'dyn'}, problems: []}
}
