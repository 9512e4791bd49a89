import {createHash} from 'node:crypto'
import {
  type CelMap,
  CelScalar,
  type CelValue,
  celFunc,
  celList,
  celMap,
  isCelMap,
  listType,
  mapType,
} from '@bufbuild/cel'
import {base64, shellQuote, urlEncode} from './encodings.ts'
import {meter} from './meter.ts'
import {hasSecret, pendingToken, splitSecrets} from './secrets.ts'
import {celHoldsSecret, measure, omitted, type Plain, plain} from './values.ts'
import {toIni, toJson, toToml, toYaml} from './writers.ts'

const {BYTES, DYN, INT, STRING} = CelScalar
const LIST = listType(DYN)
const MAP = mapType(DYN, DYN)

/** berth's functions beyond CEL's own; the checker's signatures of them stand in signatures.ts. */
export const ownFunctions = [
  celFunc('merge', [MAP, MAP], MAP, (a, b) => merge(a, b)),
  celFunc('merge', [MAP, MAP, MAP], MAP, (a, b, c) => merge(merge(a, b), c)),
  celFunc('merge', [MAP, MAP, MAP, MAP], MAP, (a, b, c, d) => merge(merge(merge(a, b), c), d)),
  celFunc('sort', [LIST], LIST, list => celList(sorted([...list], item => item))),
  celFunc('sort', [LIST, STRING], LIST, (list, field) => celList(sorted([...list], item => fieldOf(item, field)))),
  celFunc('distinct', [LIST], LIST, list => celList(distinct([...list]))),
  celFunc('urlEncode', [STRING], STRING, text =>
    counted(splitSecrets(input(text), urlEncode, token => pendingToken('urlEncode', token))),
  ),
  celFunc('shellQuote', [STRING], STRING, text => counted(quoteWord(text))),
  celFunc('shellQuote', [LIST], STRING, words => counted([...words].map(quoteWord).join(' '))),
  celFunc('base64', [STRING], STRING, text =>
    counted(hasSecret(input(text)) ? pendingToken('base64', text) : base64(text)),
  ),
  celFunc('base64', [BYTES], STRING, bytes => counted(Buffer.from(bytes).toString('base64'))),
  celFunc('sha256', [STRING], STRING, text => sha256(input(text))),
  celFunc('sha256', [BYTES], STRING, bytes => sha256(bytes)),
  celFunc('toJson', [DYN], STRING, value => counted(toJson(written(value)))),
  celFunc('toJson', [DYN, INT], STRING, (value, indent) =>
    counted(toJson(written(value), Math.min(8, Math.max(0, Number(indent))))),
  ),
  celFunc('toYaml', [DYN], STRING, value => counted(toYaml(written(value)))),
  celFunc('toIni', [DYN], STRING, value => counted(toIni(written(value)))),
  celFunc('toToml', [DYN], STRING, value => counted(toToml(written(value)))),
  celFunc('omit', [], DYN, () => omitted),
]

/** Maps into maps; anything else of `b` takes the place of what `a` had. */
function merge(a: CelMap, b: CelMap): CelMap {
  meter().elements(a.size + b.size)
  const result = new Map([...a])
  for (const [key, value] of b) {
    const before = result.get(key)
    result.set(
      key,
      before !== undefined && isCelMap(before) && isCelMap(value) && value !== omitted && before !== omitted
        ? merge(before, value)
        : value,
    )
  }
  return celMap(result)
}

/** Stable; strings by code unit, as CEL's `<` does. */
function sorted(items: CelValue[], keyOf: (item: CelValue) => CelValue): CelValue[] {
  meter().elements(items.length * 8)
  const keyed = items.map(item => ({item, key: keyOf(item)}))
  const kinds = new Set(keyed.map(({key}) => (typeof key === 'bigint' ? 'number' : typeof key)))
  const [kind] = kinds
  if (kinds.size > 1 || (kind !== undefined && kind !== 'string' && kind !== 'number' && kind !== 'boolean')) {
    throw new Error(
      'sort needs elements that are all strings, all numbers or all booleans; maps are sorted by a field: sort(xs, "name")',
    )
  }
  for (const {key} of keyed) if (typeof key === 'string') refuseSecret('sort', key)
  return keyed.sort((a, b) => compare(a.key as string, b.key as string)).map(({item}) => item)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function fieldOf(item: CelValue, field: string): CelValue {
  const value = isCelMap(item) ? item.get(field) : undefined
  if (value === undefined) throw new Error(`sort: an element has no field ${JSON.stringify(field)}`)
  return value
}

/** First occurrences stay. */
function distinct(items: CelValue[]): CelValue[] {
  const seen = new Map<string, CelValue>()
  for (const item of items) {
    meter().charge(measure(item, meter().remaining + 1))
    if (celHoldsSecret(item, meter()))
      throw new Error('distinct is not possible on a secret: rendering never sees its value')
    const key = toJson(normal(plain(item, meter())))
    if (!seen.has(key)) seen.set(key, item)
  }
  return [...seen.values()]
}

/** 1 and 1.0 are equal in CEL. */
function normal(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(normal)
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, normal(entry)]))
}

function quoteWord(word: CelValue): string {
  if (typeof word !== 'string') throw new Error('shellQuote takes a string or a list of strings: write string(x)')
  return hasSecret(input(word)) ? pendingToken('shellQuote', word) : shellQuote(word)
}

function sha256(data: string | Uint8Array): string {
  if (typeof data === 'string') refuseSecret('sha256', data)
  meter().charge(data.length / 16)
  return createHash('sha256').update(data).digest('hex')
}

function refuseSecret(name: string, text: string): void {
  if (hasSecret(text)) throw new Error(`${name} is not possible on a secret: rendering never sees its value`)
}

function written(value: CelValue): Plain {
  return plain(value, meter())
}

function input(text: string): string {
  meter().charge(1 + text.length / 16)
  return text
}

function counted(text: string): string {
  meter().string(text.length)
  return text
}
