import {problemAt} from './errors.ts'
import {type Facts, factsOf, keyOf, union} from './narrow.ts'
import type {Expression} from './parse.ts'
import {asMap, dyn, fits, typeName} from './relations.ts'
import type {Node} from './tree.ts'
import type {ExprType, Problem, TypeScope} from './types.ts'

/** A type, and everything that is wrong on the way to it. */
export interface Checked {
  type: ExprType
  problems: Problem[]
}

/** What is known where a node stands: the types of names, and what is not null. */
export interface Known {
  scope: TypeScope
  facts: Facts
}

type NodeType = (checker: Checker, node: Node, known: Known) => ExprType

/** One check of an expression: what is noted, and how to speak of it. Types are found by check-node.ts. */
export class Checker {
  readonly problems: Problem[] = []
  readonly #expression: Expression
  readonly #nodeType: NodeType
  /** Is `changed(x)` allowed here? */
  readonly changed: boolean

  constructor(expression: Expression, nodeType: NodeType, changed: boolean) {
    this.#expression = expression
    this.#nodeType = nodeType
    this.changed = changed
  }

  /** Notes a problem; the type of what has one is anything, so that it is not told twice. */
  report(node: Node, rule: string, message: string, fix?: string): ExprType {
    this.problems.push(problemAt(this.#expression, rule, node.at, message, fix))
    return dyn
  }

  mismatch(node: Node, message: string, fix?: string): ExprType {
    return this.report(node, 'type-mismatch', message, fix)
  }

  /** `what` of a secret is not possible. */
  refuseSecret(node: Node, what: string): ExprType {
    const message = `${what} is not possible with a secret: rendering never sees its value`
    const fix = 'secrets can be concatenated, and given to urlEncode, shellQuote, base64, toJson, toYaml, toIni, toToml'
    return this.report(node, 'secret', message, fix)
  }

  typeOf(node: Node, known: Known): ExprType {
    const type = this.#nodeType(this, node, known)
    const key = type.t === 'nullable' ? keyOf(node) : undefined
    return type.t === 'nullable' && key !== undefined && known.facts.has(key) ? type.of : type
  }

  /** The type of what must not be null: reports where it may be, and goes on as if it were not. */
  present(node: Node, known: Known): ExprType {
    const type = this.typeOf(node, known)
    if (type.t !== 'nullable' && type.t !== 'null') return type
    const text = sourceOf(node)
    const fix = `guard it: ${text} != null ? … : … , or ${text} != null && …`
    this.report(node, 'unguarded-null', `\`${text}\` may be null here`, fix)
    return type.t === 'nullable' ? type.of : dyn
  }

  condition(node: Node, known: Known): void {
    const type = this.present(node, known)
    if (fits(type, {t: 'bool'})) return
    const text = sourceOf(node)
    const sized = type.t === 'list' || asMap(type) !== undefined
    const fix = type.t === 'string' ? `${text} != ""` : sized ? `${text}.size() > 0` : `${text} != 0`
    this.mismatch(node, `a condition is ${typeName(type)}, not bool`, fix)
  }
}

/** With what a condition says once its outcome is known. */
export function given({scope, facts}: Known, condition: Node, outcome: boolean): Known {
  return {scope, facts: union(facts, factsOf(condition, outcome))}
}

/** How to speak of a node: its path, or what it calls. */
export function sourceOf(node: Node): string {
  return keyOf(node)?.replaceAll('\u0000', '.') ?? (node.k === 'call' ? `${node.fn}(…)` : 'this')
}
