import {createHash} from 'node:crypto'
import {Duration} from './duration.ts'
import {base64, shellQuote, urlEncode} from './encodings.ts'
import {format} from './format.ts'
import {Fault, type Run} from './run.ts'
import {hasSecret, pendingToken, splitSecrets} from './secrets.ts'
import {define, type Signature} from './signatures.ts'
import {
  charAt,
  countOf,
  indexOf,
  join,
  lastIndexOf,
  matches,
  quote,
  replace,
  split,
  substring,
  toBool,
  toDouble,
  toInt,
  toText,
  trim,
} from './strings.ts'
import {Dict, kindOf, OMIT, plain, refuseSecret, type Value} from './values.ts'
import {toIni, toJson, toToml, toYaml} from './writers.ts'

/**
 * Everything that can be called. What is made is counted by the caller, and the characters of what is given; here stands what costs more.
 * Macros are syntax (parser.ts); operators are in operators.ts.
 */
const table: Signature[] = [
  define('size(string): int', (_, text) => countOf(text)),
  define('size(list): int', (_, list) => BigInt(list.length)),
  define('size(map): int', (_, map) => BigInt(map.keys.length)),
  define('size(bytes): int', (_, bytes) => BigInt(bytes.length)),
  define('string.size(): int', (_, text) => countOf(text)),
  define('list.size(): int', (_, list) => BigInt(list.length)),
  define('map.size(): int', (_, map) => BigInt(map.keys.length)),
  define('bytes.size(): int', (_, bytes) => BigInt(bytes.length)),

  define('string.contains(string): bool', (run, text, part) => indexOf(run, text, part) >= 0n),
  define('string.startsWith(string): bool', (_, text, part) => text.startsWith(part)),
  define('string.endsWith(string): bool', (_, text, part) => text.endsWith(part)),
  define('string.matches(string): bool', matches),
  define('string.charAt(int): string', (_, text, at) => charAt(text, at)),
  define('string.indexOf(string): int', indexOf),
  define('string.indexOf(string, int): int', indexOf),
  define('string.lastIndexOf(string): int', lastIndexOf),
  define('string.lastIndexOf(string, int): int', lastIndexOf),
  define('string.lowerAscii(): string', (_, text) => text.replace(/[A-Z]+/g, upper => upper.toLowerCase())),
  define('string.upperAscii(): string', (_, text) => text.replace(/[a-z]+/g, lower => lower.toUpperCase())),
  define('string.replace(string, string): string', replace),
  define('string.replace(string, string, int): string', replace),
  define('string.split(string): strings', split),
  define('string.split(string, int): strings', split),
  define('string.substring(int): string', (_, text, from) => substring(text, from)),
  define('string.substring(int, int): string', (_, text, from, to) => substring(text, from, to)),
  define('string.trim(): string', (_, text) => trim(text)),
  define('string.format(list): string', format),
  define('texts.join(): text', join),
  define('texts.join(text): text', join),
  define('strings.quote(string): string', (_, text) => quote(text)),

  define('int(int): int', (_, int) => int),
  define('int(double): int', (_, double) => {
    // The least integer is left out, as CEL has it: a double next to it may stand for less.
    if (!(Math.abs(double) < 2 ** 63)) throw new Fault(`int: ${double} does not fit in 64 bits`)
    return BigInt(Math.trunc(double))
  }),
  define('int(string): int', (_, text) => toInt(text)),
  define('int(duration): int', (_, duration) => duration.in('s')),
  define('double(double): double', (_, double) => double),
  define('double(int): double', (_, int) => Number(int)),
  define('double(string): double', (_, text) => toDouble(text)),
  define('bool(bool): bool', (_, bool) => bool),
  define('bool(string): bool', (_, text) => toBool(text)),
  define('string(text): text', (_, text) => text),
  define('string(bool): string', (_, bool) => String(bool)),
  define('string(int): string', (_, int) => String(int)),
  define('string(double): string', (_, double) => String(double)),
  define('string(bytes): string', (_, bytes) => toText(bytes)),
  define('string(duration): string', (_, duration) => String(duration)),
  define('bytes(bytes): bytes', (_, bytes) => bytes),
  define('bytes(string): bytes', (_, text) => Buffer.from(text)),
  define('duration(duration): duration', (_, duration) => duration),
  define('duration(string): duration', (_, text) => Duration.parse(text)),
  define('duration.getHours(): int', (_, duration) => duration.in('h')),
  define('duration.getMinutes(): int', (_, duration) => duration.in('m')),
  define('duration.getSeconds(): int', (_, duration) => duration.in('s')),
  define('duration.getMilliseconds(): int', (_, duration) => duration.milliseconds),
  define('dyn(data): dyn', (_, value) => value),

  define('merge(map, map): map', merge),
  define('merge(map, map, map): map', merge),
  define('merge(map, map, map, map): map', merge),
  define('sort(list): list', (run, list) => sorted(run, list, item => item)),
  define('sort(list, string): list', (run, list, field) => sorted(run, list, item => fieldOf(item, field))),
  define('distinct(list): list', distinct),
  define('urlEncode(text): text', (_, text) =>
    splitSecrets(text, urlEncode, token => pendingToken('urlEncode', token)),
  ),
  define('shellQuote(text): text', (_, text) => shellWord(text)),
  define('shellQuote(texts): text', (_, words) => words.map(shellWord).join(' ')),
  define('base64(text): text', (_, text) => (hasSecret(text) ? pendingToken('base64', text) : base64(text))),
  define('base64(bytes): string', (_, bytes) => Buffer.from(bytes).toString('base64')),
  define('sha256(string): string', (_, text) => sha256(text)),
  define('sha256(bytes): string', (_, bytes) => sha256(bytes)),
  define('toJson(data): text', (run, value) => toJson(plain(value, run))),
  define('toJson(data, int): text', (run, value, indent) =>
    toJson(plain(value, run), Math.min(8, Math.max(0, Number(indent)))),
  ),
  define('toYaml(data): text', (run, value) => toYaml(plain(value, run))),
  define('toIni(table): text', (run, map) => toIni(plain(map, run))),
  define('toToml(table): text', (run, map) => toToml(plain(map, run))),
  define('omit(): omit', () => OMIT),
]

/** By name, each with its forms. */
export const functions: ReadonlyMap<string, readonly Signature[]> = Map.groupBy(table, ({name}) => name)

export const leaveNullOut = 'leave it out: xs.filter(x, x != null)'

/** Maps into maps; anything else takes the place of what was there. */
function merge(run: Run, ...maps: Dict[]): Dict {
  const result = new Map<string, Value>()
  for (const map of maps) {
    run.elements(map.keys.length)
    run.charge(map.keys.length * 4)
    for (const [key, value] of map.entries()) {
      const before = result.get(key)
      result.set(key, before instanceof Dict && value instanceof Dict ? merge(run, before, value) : value)
    }
  }
  return new Dict(result)
}

/** Stable; strings by code unit, as CEL's `<` does. */
function sorted(run: Run, list: Value[], keyOf: (item: Value) => Value): Value[] {
  run.charge(list.length * 8)
  const keyed = list.map(item => ({item, key: keyOf(item)}))
  const kinds = new Set(keyed.map(({key}) => kindOf(key).replace('double', 'int')))
  const [kind = 'int'] = kinds
  if (kinds.size > 1 || !['string', 'int', 'bool'].includes(kind))
    throw new Fault(
      'sort needs elements that are all strings, all numbers or all booleans',
      kinds.has('null') ? leaveNullOut : 'maps are sorted by a field: sort(xs, "name")',
    )
  for (const {key} of keyed) refuseSecret('sort', key, run)
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return keyed.sort((a, b) => order(a.key as string, b.key as string)).map(({item}) => item)
}

function fieldOf(item: Value, field: string): Value {
  const value = item instanceof Dict ? item.get(field) : undefined
  if (value === undefined) throw new Fault(`sort: an element has no field ${JSON.stringify(field)}`)
  return value
}

/** First occurrences stay. What is equal is written the same: 1 and 1.0, too. */
function distinct(run: Run, list: Value[]): Value[] {
  const seen = new Map<string, Value>()
  for (const item of list) {
    refuseSecret('distinct', item, run)
    const key = toJson(plain(item, run))
    if (!seen.has(key)) seen.set(key, item)
  }
  return [...seen.values()]
}

function shellWord(word: string): string {
  return hasSecret(word) ? pendingToken('shellQuote', word) : shellQuote(word)
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
