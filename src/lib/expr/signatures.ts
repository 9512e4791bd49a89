import type {ExprType} from './types.ts'

/** `x.target.name(args): result`; `target` undefined for `name(args)`. */
export interface Signature {
  name: string
  target: ExprType | undefined
  args: ExprType[]
  result: ExprType
  /** As written in the table below: for error messages and the documentation. */
  text: string
}

/**
 * Everything that can be called. `list` is a list of anything, `text` a string or a secret string: given a secret, the result is one.
 * Operators, macros, and `merge`, `sort`, `distinct`, `dyn`, whose result depends on the arguments, are typed in operators.ts.
 */
const table = `
size(string): int
size(list): int
size(map): int
size(bytes): int
string.size(): int
list.size(): int
map.size(): int
bytes.size(): int

string.contains(string): bool
string.startsWith(string): bool
string.endsWith(string): bool
string.matches(string): bool
string.charAt(int): string
string.indexOf(string): int
string.indexOf(string, int): int
string.lastIndexOf(string): int
string.lastIndexOf(string, int): int
string.lowerAscii(): string
string.upperAscii(): string
string.replace(string, string): string
string.replace(string, string, int): string
string.split(string): strings
string.split(string, int): strings
string.substring(int): string
string.substring(int, int): string
string.trim(): string
string.format(list): string
texts.join(): text
texts.join(text): text
strings.quote(string): string

int(int): int
int(double): int
int(string): int
int(duration): int
int(timestamp): int
double(double): double
double(int): double
double(string): double
bool(bool): bool
bool(string): bool
string(text): text
string(bool): string
string(int): string
string(double): string
string(bytes): string
string(duration): string
string(timestamp): string
bytes(bytes): bytes
bytes(string): bytes
duration(string): duration
duration(duration): duration
timestamp(string): timestamp
timestamp(timestamp): timestamp
duration.getHours(): int
duration.getMinutes(): int
duration.getSeconds(): int
duration.getMilliseconds(): int

urlEncode(text): text
shellQuote(text): text
shellQuote(texts): text
base64(text): text
base64(bytes): string
sha256(string): string
sha256(bytes): string
toJson(data): text
toJson(data, int): text
toYaml(data): text
toIni(table): text
toToml(table): text
omit(): omit
merge(map, map): map
merge(map, map, map): map
merge(map, map, map, map): map
sort(list): list
sort(list, string): list
distinct(list): list
dyn(data): dyn
`

const dyn: ExprType = {t: 'dyn'}
const types: Record<string, ExprType> = {
  text: {t: 'secret'},
  texts: {t: 'list', of: {t: 'secret'}},
  strings: {t: 'list', of: {t: 'string'}},
  list: {t: 'list', of: dyn},
  map: {t: 'map', of: dyn},
  table: {t: 'map', of: dyn},
  data: dyn,
}

let parsed: ReadonlyMap<string, readonly Signature[]> | undefined

/** By name; `strings.quote` is a name of its own. */
export function signatures(): ReadonlyMap<string, readonly Signature[]> {
  parsed ??= Map.groupBy(
    table
      .split('\n')
      .filter(line => line !== '')
      .map(parseSignature),
    ({name}) => name,
  )
  return parsed
}

function parseSignature(text: string): Signature {
  const match = /^(?:(\w+)\.)?(\w+)\((.*)\): (\w+)$/.exec(text)
  if (match === null) throw new TypeError(`not a signature: ${text}`)
  const [, target, name = '', args = '', result = ''] = match
  const signature = {args: args === '' ? [] : args.split(', ').map(typeOf), result: typeOf(result), text}
  if (target === 'strings') return {...signature, name: `strings.${name}`, target: undefined}
  return {...signature, name, target: target === undefined ? undefined : typeOf(target)}
}

function typeOf(word: string): ExprType {
  return types[word] ?? ({t: word} as ExprType)
}
