import type {Expression} from './parse.ts'
import {type Node, pathOf} from './tree.ts'
import type {ExprType, TypeScope} from './types.ts'

/** Paths (`params.proxy`, `params.proxy.host`) that are known not to be null, by {@link keyOf}. */
export type Facts = ReadonlySet<string>

export const noFacts: Facts = new Set()

/** One string per path; undefined for what is no path, such as a call. */
export function keyOf(node: Node): string | undefined {
  return pathOf(node)?.join('\u0000')
}

/** What is known not to be null where `condition` has turned out true, or false. */
export function factsOf(condition: Node, outcome: boolean): Facts {
  if (condition.k === 'has') return outcome ? keys(condition, condition.operand) : noFacts
  if (condition.k === 'unary' && condition.op === '!') return factsOf(condition.operand, !outcome)
  if (condition.k !== 'binary') return noFacts
  const {op, left, right} = condition
  switch (op) {
    case '&&':
    case '||': {
      const [first, second] = [factsOf(left, outcome), factsOf(right, outcome)]
      // Both sides of a true `&&` are true; of a false one, either may be false.
      return outcome === (op === '&&') ? union(first, second) : first.intersection(second)
    }
    case '==':
      return equality(left, right, outcome)
    case '!=':
      return equality(left, right, !outcome)
    case 'in':
      return outcome && left.k === 'const' && typeof left.value === 'string'
        ? keys({at: 0, k: 'select', operand: right, field: left.value}, right)
        : noFacts
    default:
      return noFacts
  }
}

/** `x == null` is false, or `x == "a"` is true: x is something. */
function equality(left: Node, right: Node, equal: boolean): Facts {
  if (isNull(left) || isNull(right)) return equal ? noFacts : keys(isNull(left) ? right : left)
  if (!equal) return noFacts
  if (left.k === 'const') return keys(right)
  return right.k === 'const' ? keys(left) : noFacts
}

function isNull(node: Node): boolean {
  return node.k === 'const' && node.value === null
}

function keys(...nodes: Node[]): Facts {
  return new Set(nodes.map(keyOf).filter(key => key !== undefined))
}

export function union(a: Facts, b: Facts): Facts {
  return b.size === 0 ? a : a.union(b)
}

/** Without what is said about `name`, which a macro's variable hides now. */
export function hide(facts: Facts, name: string): Facts {
  return new Set([...facts].filter(key => key !== name && !key.startsWith(`${name}\u0000`)))
}

/** The scope where a condition has turned out true: what it guards is no longer null. For conditions around whole pieces of a template. */
export function assumeTrue(condition: Expression, scope: TypeScope): TypeScope {
  const facts = factsOf(condition.root, true)
  const names = Object.keys(scope).flatMap(name => {
    const type = scope[name]
    return type === undefined ? [] : [[name, narrowed(type, name, facts)] as const]
  })
  return Object.fromEntries(names)
}

/** The type of what is called `name`, where facts are known. */
export function narrowed(type: ExprType, name: string, facts: Facts): ExprType {
  const paths = [...facts].map(key => key.split('\u0000')).filter(([root]) => root === name)
  return paths.reduce((narrow, [, ...path]) => withoutNullAt(narrow, path), type)
}

function withoutNullAt(type: ExprType, path: string[]): ExprType {
  const [field, ...rest] = path
  if (field === undefined) return type.t === 'nullable' ? type.of : type
  if (type.t === 'nullable') return {t: 'nullable', of: withoutNullAt(type.of, path)}
  const found = type.t === 'object' && Object.hasOwn(type.fields, field) ? type.fields[field] : undefined
  return type.t === 'object' && found !== undefined
    ? {t: 'object', fields: {...type.fields, [field]: withoutNullAt(found, rest)}}
    : type
}
