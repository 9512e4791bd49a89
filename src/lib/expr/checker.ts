import type {Facts} from './narrow.ts'
import type {Node} from './tree.ts'
import type {ExprType, Problem, TypeScope} from './types.ts'

/** A type, and everything that is wrong on the way to it. */
export interface Checked {
  type: ExprType
  problems: Problem[]
}

/** The state of one check: where problems go, and what they quote. */
export interface Checker {
  /** Is `changed(x)` allowed here? */
  changed: boolean
  report(rule: string, at: number, message: string, fix?: string): void
  typeOf(node: Node, scope: TypeScope, facts: Facts): ExprType
  /** Reports a value that may be null, and goes on as if it were not. */
  present(node: Node, type: ExprType): ExprType
  /** `what` of a secret is not possible. */
  refuseSecret(node: Node, what: string): void
  /** How to speak of a node: its path, or what it does. */
  source(node: Node): string
}
