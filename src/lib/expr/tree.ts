/** The syntax tree. `at` is an offset in the source. */
export type Node = {at: number} & (
  | {k: 'const'; value: Constant}
  | {k: 'name'; name: string}
  | {k: 'select'; operand: Node; field: string}
  | {k: 'has'; operand: Node; field: string}
  | {k: 'index'; operand: Node; index: Node}
  | {k: 'unary'; op: '!' | '-'; operand: Node}
  | {k: 'binary'; op: BinaryOperator; left: Node; right: Node}
  | {k: 'choice'; test: Node; then: Node; otherwise: Node}
  | {k: 'list'; elements: Node[]}
  | {k: 'map'; entries: {key: Node; value: Node}[]}
  | {k: 'call'; fn: string; target: Node | undefined; args: Node[]}
  | {k: 'macro'; macro: Macro; range: Node; variable: string; test: Node | undefined; step: Node | undefined}
)

export type Kind<K extends Node['k']> = Extract<Node, {k: K}>

export type Constant = string | boolean | bigint | number | Uint8Array | null

/** Binary operators, from those that bind least. */
export const precedence = [
  ['||'],
  ['&&'],
  ['<', '<=', '>=', '>', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
] as const

export type BinaryOperator = (typeof precedence)[number][number]

export const macros = ['all', 'exists', 'exists_one', 'map', 'filter'] as const

export type Macro = (typeof macros)[number]

/** Direct children, in the order of evaluation. */
export function childrenOf(node: Node): Node[] {
  switch (node.k) {
    case 'const':
    case 'name':
      return []
    case 'select':
    case 'has':
    case 'unary':
      return [node.operand]
    case 'index':
      return [node.operand, node.index]
    case 'binary':
      return [node.left, node.right]
    case 'choice':
      return [node.test, node.then, node.otherwise]
    case 'list':
      return node.elements
    case 'map':
      return node.entries.flatMap(({key, value}) => [key, value])
    case 'call':
      return node.target === undefined ? node.args : [node.target, ...node.args]
    case 'macro':
      return [node.range, node.test, node.step].filter(child => child !== undefined)
  }
}

/** `['params', 'smtp', 'host']` of `params.smtp.host`; undefined for what is no path, such as a call. */
export function pathOf(node: Node): string[] | undefined {
  if (node.k === 'name') return [node.name]
  if (node.k !== 'select' && node.k !== 'has') return undefined
  const operand = pathOf(node.operand)
  return operand && [...operand, node.field]
}
