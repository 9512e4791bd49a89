import {type CelExpr, childrenOf, type Node} from './tree.ts'

/** An expression ready for the library's planner, and where each of its nodes stands in the source. */
export interface Guarded {
  expr: CelExpr
  offsets: number[]
}

/**
 * Our tree back as CEL's, with counters in its macros: each round first pays for its body, and the range is paid for and put in order.
 * The shapes of the macros are those of the library's builder.js; what differs calls a function of machinery.ts.
 */
export function guard(root: Node): Guarded {
  const offsets: number[] = [0]
  return {expr: convert(root), offsets}

  function node(at: number, exprKind: CelExpr['exprKind']): CelExpr {
    offsets.push(at)
    return {$typeName: 'cel.expr.Expr', id: BigInt(offsets.length - 1), exprKind}
  }

  function call(at: number, fn: string, args: CelExpr[], target?: CelExpr): CelExpr {
    return node(at, {
      case: 'callExpr',
      value: {$typeName: 'cel.expr.Expr.Call', function: fn, args, ...(target === undefined ? {} : {target})},
    })
  }

  function name(at: number, value: string): CelExpr {
    return node(at, {case: 'identExpr', value: {$typeName: 'cel.expr.Expr.Ident', name: value}})
  }

  function constant(at: number, value: Extract<Node, {k: 'const'}>['value']): CelExpr {
    return node(at, {case: 'constExpr', value: {$typeName: 'cel.expr.Constant', constantKind: constantKind(value)}})
  }

  function convert(from: Node): CelExpr {
    const {at} = from
    switch (from.k) {
      case 'const':
        return constant(at, from.value)
      case 'name':
        return name(at, from.name)
      case 'select':
      case 'has':
        return node(at, {
          case: 'selectExpr',
          value: {
            $typeName: 'cel.expr.Expr.Select',
            operand: convert(from.operand),
            field: from.field,
            testOnly: from.k === 'has',
          },
        })
      case 'call':
        if (from.fn === 'changed' && from.args[0] !== undefined) return changed(from.args[0])
        return call(at, from.fn, from.args.map(convert), from.target === undefined ? undefined : convert(from.target))
      case 'list':
        return node(at, {
          case: 'listExpr',
          value: {$typeName: 'cel.expr.Expr.CreateList', elements: from.elements.map(convert), optionalIndices: []},
        })
      case 'map':
        return node(at, {
          case: 'structExpr',
          value: {
            $typeName: 'cel.expr.Expr.CreateStruct',
            messageName: '',
            entries: from.entries.map(({key, value}) => ({
              $typeName: 'cel.expr.Expr.CreateStruct.Entry',
              id: 0n,
              keyKind: {case: 'mapKey', value: convert(key)},
              value: convert(value),
              optionalEntry: false,
            })),
          },
        })
      case 'macro':
        return macro(from)
    }
  }

  /** True where the value differs from the one before, or there was none: an error is not false. */
  function changed(path: Node): CelExpr {
    return call(path.at, '@not_strictly_false', [call(path.at, '_!=_', [convert(before(path)), convert(path)])])
  }

  function macro(from: Extract<Node, {k: 'macro'}>): CelExpr {
    const {at, test, step} = from
    const so = () => name(at, '@result')
    const tick = call(at, '@tick', [constant(at, BigInt(weigh(test) + weigh(step) + 1))])
    const when = (condition: Node | undefined, then: CelExpr) =>
      condition === undefined ? then : call(at, '_?_:_', [convert(condition), then, so()])
    const fold = (accuInit: CelExpr, loopStep: CelExpr, goOn?: CelExpr, result: CelExpr = so()): CelExpr =>
      node(at, {
        case: 'comprehensionExpr',
        value: {
          $typeName: 'cel.expr.Expr.Comprehension',
          accuVar: '@result',
          accuInit,
          iterVar: from.variable,
          iterVar2: '',
          iterRange: call(at, '@range', [convert(from.range)]),
          loopCondition: goOn === undefined ? tick : call(at, '_&&_', [tick, call(at, '@not_strictly_false', [goOn])]),
          loopStep,
          result,
        },
      })
    const given = (condition: Node | undefined) => (condition === undefined ? constant(at, true) : convert(condition))
    switch (from.macro) {
      case 'all':
        return fold(constant(at, true), call(at, '_&&_', [so(), given(test)]), so())
      case 'exists':
        return fold(constant(at, false), call(at, '_||_', [so(), given(test)]), call(at, '!_', [so()]))
      case 'exists_one':
        return fold(
          constant(at, 0n),
          when(test, call(at, '_+_', [so(), constant(at, 1n)])),
          undefined,
          call(at, '_==_', [so(), constant(at, 1n)]),
        )
      case 'map':
      case 'filter': {
        const element = step === undefined ? name(at, from.variable) : convert(step)
        return fold(call(at, '@builder', []), when(test, call(at, '@append', [so(), element])))
      }
    }
  }
}

/** Binding of a name's value in the state before. */
export const previousPrefix = '@previous.'

/** The same path in the state before. */
function before(node: Node): Node {
  switch (node.k) {
    case 'name':
      return {...node, name: previousPrefix + node.name}
    case 'select':
      return {...node, operand: before(node.operand)}
    case 'call':
      return {...node, args: node.args.map((arg, position) => (position === 0 ? before(arg) : arg))}
    default:
      return node
  }
}

/** Nodes that one evaluation visits; the bodies of macros pay for themselves. */
export function weigh(node: Node | undefined): number {
  if (node === undefined) return 0
  const children = node.k === 'macro' ? [node.range] : childrenOf(node)
  return children.reduce((sum, child) => sum + weigh(child), 1)
}

type ConstantKind = Extract<CelExpr['exprKind'], {case: 'constExpr'}>['value']['constantKind']

function constantKind(value: Extract<Node, {k: 'const'}>['value']): ConstantKind {
  if (value === null) return {case: 'nullValue', value: 0}
  if (value instanceof Uint8Array) return {case: 'bytesValue', value: value as Uint8Array<ArrayBuffer>}
  switch (typeof value) {
    case 'string':
      return {case: 'stringValue', value}
    case 'boolean':
      return {case: 'boolValue', value}
    case 'bigint':
      return {case: 'int64Value', value}
    case 'number':
      return {case: 'doubleValue', value}
  }
}
