import {type CelList, CelScalar, type CelValue, celFunc, celList, isCelList, isCelMap, listType} from '@bufbuild/cel'
import {meter} from './meter.ts'

const {BOOL, DYN, INT} = CelScalar

/** Lists under construction by `map` and `filter`, and the arrays behind them. */
const builders = new WeakMap<CelList, CelValue[]>()

/**
 * Functions that guard.ts writes into expressions and nobody else can: `@` is no identifier. They count the rounds of a macro, give maps
 * an order, and build lists in place, where the library's `accu + [x]` nests a list per element: quadratic, and over the stack at 10,000.
 */
export const machinery = [
  celFunc('@tick', [INT], BOOL, weight => {
    meter().charge(Number(weight))
    return true
  }),
  celFunc('@range', [DYN], DYN, range => {
    if (isCelList(range)) {
      meter().elements(range.size)
      return range
    }
    if (!isCelMap(range)) throw new Error('a macro needs a list or a map')
    meter().elements(range.size * 4)
    return celList([...range.keys()].sort(compareKeys))
  }),
  celFunc('@builder', [], DYN, () => {
    const array: CelValue[] = []
    const list = celList(array)
    builders.set(list, array)
    return list
  }),
  celFunc('@append', [DYN, DYN], DYN, (list, element) => {
    const array = isCelList(list) ? builders.get(list) : undefined
    if (array === undefined) throw new TypeError('not under construction')
    array.push(element)
    meter().elements(1)
    return list
  }),
  celFunc('_+_', [listType(DYN), listType(DYN)], DYN, (left, right) => {
    meter().elements(left.size + right.size)
    return celList([...left, ...right])
  }),
]

function compareKeys(a: unknown, b: unknown): number {
  const [left, right] = typeof a === typeof b ? [a as string, b as string] : [typeof a, typeof b]
  return left < right ? -1 : left > right ? 1 : 0
}
