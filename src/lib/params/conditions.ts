import {ExpressionError, parseExpression} from '../expr/index.ts'

/** A condition that JSON Schema can say, too: comparisons of fields with constants, joined. */
export type Condition =
  | {is: 'all' | 'any'; of: Condition[]}
  | {is: 'not'; of: Condition}
  /** The field equals one of the values; null stands for unset. */
  | {is: 'oneOf'; path: string[]; values: unknown[]}

type Node = ReturnType<typeof parseExpression>['root']

/** Reads CEL as a condition, or undefined: most conditions are simple, the rest stays CEL. */
export function readCondition(source: string): Condition | undefined {
  try {
    return conditionOf(parseExpression(source, {file: 'when', line: 1, column: 1}).root)
  } catch (error) {
    // what cannot be parsed is told with its field
    if (error instanceof ExpressionError) return undefined
    throw error
  }
}

function conditionOf(node: Node): Condition | undefined {
  if (node.k !== 'call') return compare(node, [true])
  const [left, right] = node.args
  if (left === undefined) return undefined
  switch (node.fn) {
    case '!_':
      return not(conditionOf(left))
    case '_&&_':
    case '_||_': {
      const parts = node.args.map(conditionOf).filter(part => part !== undefined)
      return parts.length < node.args.length ? undefined : {is: node.fn === '_&&_' ? 'all' : 'any', of: parts}
    }
    case '_==_':
      return compare(left, constants([right]))
    case '_!=_':
      return not(compare(left, constants([right])))
    case '@in':
      return compare(left, right?.k === 'list' ? constants(right.elements) : undefined)
    default:
      return undefined
  }
}

function not(of: Condition | undefined): Condition | undefined {
  return of === undefined ? undefined : {is: 'not', of}
}

function compare(node: Node, values: unknown[] | undefined): Condition | undefined {
  const [root, ...path] = pathOf(node) ?? []
  return root === 'params' && path.length > 0 && values !== undefined ? {is: 'oneOf', path, values} : undefined
}

function constants(nodes: (Node | undefined)[]): unknown[] | undefined {
  const values = nodes.flatMap(node => (node?.k === 'const' ? [node.value] : []))
  const plain = values.map(value => (typeof value === 'bigint' ? Number(value) : value))
  return plain.length === nodes.length ? plain : undefined
}

function pathOf(node: Node): string[] | undefined {
  if (node.k === 'name') return [node.name]
  const operand = node.k === 'select' ? pathOf(node.operand) : undefined
  return node.k === 'select' && operand !== undefined ? [...operand, node.field] : undefined
}

/** The fields that a condition reads. */
export function fieldsOf(condition: Condition): string[][] {
  if (condition.is === 'oneOf') return [condition.path]
  return condition.is === 'not' ? fieldsOf(condition.of) : condition.of.flatMap(fieldsOf)
}
