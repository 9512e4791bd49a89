import {ExpressionError, parseExpression} from '../expr/index.ts'
import {sameJson} from './json.ts'
import type {ParamSchema} from './types.ts'

type Node = ReturnType<typeof parseExpression>['root']

/**
 * A condition as JSON Schema, as far as that can say it: comparisons of fields with constants, joined. The rest stays CEL.
 * @param unset what the field at a path is without an answer; undefined where the schema cannot look at it
 */
export function conditionSchema(
  source: string,
  unset: (path: string[]) => {value: unknown} | undefined,
): ParamSchema | undefined {
  try {
    return schemaOf(parseExpression(source, {file: 'when', line: 1, column: 1}).root)
  } catch (error) {
    // what cannot be parsed is told with its field
    if (error instanceof ExpressionError) return undefined
    throw error
  }

  function schemaOf(node: Node): ParamSchema | undefined {
    if (node.k === 'unary' && node.op === '!') return not(schemaOf(node.operand))
    if (node.k !== 'binary') return oneOf(node, [true])
    const {op, left, right} = node
    switch (op) {
      case '&&':
      case '||': {
        const parts = [schemaOf(left), schemaOf(right)]
        return parts.includes(undefined) ? undefined : {[op === '&&' ? 'allOf' : 'anyOf']: parts}
      }
      case '==':
        return oneOf(left, constantsOf([right]))
      case '!=':
        return not(oneOf(left, constantsOf([right])))
      case 'in':
        return oneOf(left, right.k === 'list' ? constantsOf(right.elements) : undefined)
      default:
        return undefined
    }
  }

  function oneOf(node: Node, values: unknown[] | undefined): ParamSchema | undefined {
    const [root, ...path] = pathOf(node)
    const without = root === 'params' && path.length > 0 ? unset(path) : undefined
    if (without === undefined || values === undefined) return undefined
    const key = path.at(-1) ?? ''
    const holdsUnset = values.some(value => sameJson(value, without.value))
    const value = values.length === 1 ? {const: values[0]} : {enum: values}
    return {properties: {[key]: value}, ...(holdsUnset ? {} : {required: [key]})}
  }
}

function not(schema: ParamSchema | undefined): ParamSchema | undefined {
  return schema === undefined ? undefined : {not: schema}
}

function constantsOf(nodes: Node[]): unknown[] | undefined {
  const values = nodes.flatMap(node => (node.k === 'const' ? [node.value] : []))
  const plain = values.map(value => (typeof value === 'bigint' ? Number(value) : value))
  return plain.length === nodes.length ? plain : undefined
}

function pathOf(node: Node): string[] {
  if (node.k === 'name') return [node.name]
  const operand = node.k === 'select' ? pathOf(node.operand) : []
  return node.k === 'select' && operand.length > 0 ? [...operand, node.field] : []
}
