import {parse} from '@bufbuild/cel'

/** CEL's own syntax tree; its package is no dependency of ours, so its type comes from the parser's. */
export type CelExpr = ReturnType<typeof parse>['expr']

type Macro = 'all' | 'exists' | 'exists_one' | 'map' | 'filter'

/**
 * Our syntax tree: CEL's with its macros as they were written, because the checker speaks to authors in terms of `map`, and because the
 * guard unrolls macros in its own way. `at` is the offset in the source.
 */
export type Node = {at: number} & (
  | {k: 'const'; value: string | boolean | bigint | number | Uint8Array | null}
  | {k: 'name'; name: string}
  | {k: 'select'; operand: Node; field: string}
  | {k: 'has'; operand: Node; field: string}
  | {k: 'call'; fn: string; target: Node | undefined; args: Node[]}
  | {k: 'list'; elements: Node[]}
  | {k: 'map'; entries: {key: Node; value: Node}[]}
  | {k: 'macro'; macro: Macro; range: Node; variable: string; test: Node | undefined; step: Node | undefined}
)

/** Thrown while converting; {@link parseExpression} gives it a position. */
export class UnsupportedSyntax extends Error {
  readonly at: number
  readonly fix: string

  constructor(message: string, at: number, fix: string) {
    super(message)
    this.at = at
    this.fix = fix
  }
}

/** Parses with the library and converts. @throws whatever the parser throws, or {@link UnsupportedSyntax} */
export function toTree(source: string): Node {
  const {expr, sourceInfo} = parse(source)
  const positions = sourceInfo?.positions ?? {}
  const macros = sourceInfo?.macroCalls ?? {}
  return convert(expr)

  function offsetOf(expr: CelExpr): number {
    return positions[String(expr.id)] ?? 0
  }

  function convert(expr: CelExpr | undefined): Node {
    if (expr === undefined) throw new UnsupportedSyntax('an empty expression', 0, 'write an expression')
    const at = offsetOf(expr)
    const kind = expr.exprKind
    switch (kind.case) {
      case 'constExpr':
        return {at, k: 'const', value: constant(kind.value.constantKind, at)}
      case 'identExpr':
        return {at, k: 'name', name: kind.value.name.replace(/^\./, '')}
      case 'selectExpr':
        return {
          at,
          k: kind.value.testOnly ? 'has' : 'select',
          operand: convert(kind.value.operand),
          field: kind.value.field,
        }
      case 'callExpr':
        return {
          at,
          k: 'call',
          fn: kind.value.function,
          target: kind.value.target === undefined ? undefined : convert(kind.value.target),
          args: kind.value.args.map(convert),
        }
      case 'listExpr':
        return {at, k: 'list', elements: kind.value.elements.map(convert)}
      case 'structExpr':
        if (kind.value.messageName !== '') {
          throw new UnsupportedSyntax(
            `protobuf messages (\`${kind.value.messageName}{…}\`) do not exist here`,
            at,
            'write a map: {"field": value}',
          )
        }
        return {
          at,
          k: 'map',
          entries: kind.value.entries.map(({keyKind, value}) => ({
            key: convert(keyKind.case === 'mapKey' ? keyKind.value : undefined),
            value: convert(value),
          })),
        }
      case 'comprehensionExpr':
        return macro(expr, at)
      default:
        throw new UnsupportedSyntax('this syntax is not supported', at, 'write it another way')
    }
  }

  /** The parser has expanded macros; it remembers their names, and their expansion has a fixed shape (its builder.js). */
  function macro(expr: CelExpr, at: number): Node {
    if (expr.exprKind.case !== 'comprehensionExpr') throw new TypeError('not a comprehension')
    const {iterRange, iterVar, loopStep} = expr.exprKind.value
    const called = macros[String(expr.id)]?.exprKind
    const name = called?.case === 'callExpr' ? called.value.function : ''
    const args = called?.case === 'callExpr' ? called.value.args.length : 0
    const parts = {at, k: 'macro' as const, range: convert(iterRange), variable: iterVar}
    const [first, second] = callArgs(loopStep)
    switch (name) {
      case 'all':
      case 'exists':
        return {...parts, macro: name, test: convert(second), step: undefined}
      case 'exists_one':
      case 'existsOne':
        return {...parts, macro: 'exists_one', test: convert(first), step: undefined}
      case 'filter':
        return {...parts, macro: 'filter', test: convert(first), step: undefined}
      case 'map':
        return args === 3
          ? {...parts, macro: 'map', test: convert(first), step: convert(appended(second))}
          : {...parts, macro: 'map', test: undefined, step: convert(appended(loopStep))}
      default:
        throw new UnsupportedSyntax('this macro is not supported', at, 'use all, exists, exists_one, map or filter')
    }
  }
}

function callArgs(expr: CelExpr | undefined): CelExpr[] {
  return expr?.exprKind.case === 'callExpr' ? expr.exprKind.value.args : []
}

/** The `x` of `@result + [x]`. */
function appended(expr: CelExpr | undefined): CelExpr | undefined {
  const list = callArgs(expr)[1]
  return list?.exprKind.case === 'listExpr' ? list.exprKind.value.elements[0] : undefined
}

type Constant = Extract<CelExpr['exprKind'], {case: 'constExpr'}>['value']['constantKind']

function constant(kind: Constant, at: number) {
  switch (kind.case) {
    case 'stringValue':
    case 'bytesValue':
    case 'boolValue':
    case 'int64Value':
    case 'doubleValue':
      return kind.value
    case 'nullValue':
      return null
    case 'uint64Value':
      throw new UnsupportedSyntax(`unsigned integers (\`${kind.value}u\`) do not exist here`, at, `write ${kind.value}`)
    default:
      throw new UnsupportedSyntax('this literal is not supported', at, 'write it another way')
  }
}

/** Direct children, in the order of evaluation. */
export function childrenOf(node: Node): Node[] {
  switch (node.k) {
    case 'const':
    case 'name':
      return []
    case 'select':
    case 'has':
      return [node.operand]
    case 'call':
      return node.target === undefined ? node.args : [node.target, ...node.args]
    case 'list':
      return node.elements
    case 'map':
      return node.entries.flatMap(({key, value}) => [key, value])
    case 'macro':
      return [node.range, node.test, node.step].filter(child => child !== undefined)
  }
}
