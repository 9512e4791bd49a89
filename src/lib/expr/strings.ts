import {RE2JS} from '@bufbuild/re2'
import {limits} from './limits.ts'
import {int64} from './operators.ts'
import {Fault, type Run} from './run.ts'

// CEL's strings extension (https://pkg.go.dev/github.com/google/cel-go/ext#Strings), where it is more than a method of JavaScript's
// strings. Positions are counted in characters, not in UTF-16 units.

const pair = /[\ud800-\udbff][\udc00-\udfff]/g

/** In characters. */
export function countOf(text: string): bigint {
  return BigInt(text.length - (text.match(pair)?.length ?? 0))
}

/** Where the character at `index` begins, in UTF-16 units; the end is a place, too. */
function unitsTo(text: string, index: bigint): number {
  const size = countOf(text)
  if (index < 0n || index > size) throw new Fault(`index ${index} is out of bounds: the string has ${size} characters`)
  return size === BigInt(text.length) ? Number(index) : [...text].slice(0, Number(index)).join('').length
}

export function charAt(text: string, index: bigint): string {
  const code = text.codePointAt(unitsTo(text, index))
  return code === undefined ? '' : String.fromCodePoint(code)
}

export function substring(text: string, from: bigint, to: bigint = countOf(text)): string {
  if (from > to) throw new Fault(`substring: it would begin at ${from} and end at ${to}`)
  return text.slice(unitsTo(text, from), unitsTo(text, to))
}

/** A search compares at each place, at worst. */
function search(run: Run, text: string, part: string): void {
  run.charge((text.length * part.length) / 1024)
}

export function indexOf(run: Run, text: string, part: string, from = 0n): bigint {
  search(run, text, part)
  const found = text.indexOf(part, unitsTo(text, from))
  return found < 0 ? -1n : countOf(text.slice(0, found))
}

export function lastIndexOf(run: Run, text: string, part: string, from: bigint = countOf(text)): bigint {
  search(run, text, part)
  const found = text.lastIndexOf(part, unitsTo(text, from))
  return found < 0 ? -1n : countOf(text.slice(0, found))
}

export function join(run: Run, texts: string[], separator = ''): string {
  run.text(texts.reduce((sum, text) => sum + text.length + separator.length, 0))
  return texts.join(separator)
}

/** At most `count` parts, the last with what is left; all, if it is negative. */
export function split(run: Run, text: string, separator: string, count = -1n): string[] {
  if (count === 0n) return []
  const parts = pieces(run, text, separator)
  const last = count < 0n ? parts.length : Math.min(parts.length, Number(count)) - 1
  return last >= parts.length - 1 ? parts : [...parts.slice(0, last), parts.slice(last).join(separator)]
}

/** All, if `count` is negative. An empty `from` stands before and behind each character. */
export function replace(run: Run, text: string, from: string, to: string, count = -1n): string {
  const parts = from === '' ? ['', ...pieces(run, text, from), ''] : pieces(run, text, from)
  const times = count < 0n ? parts.length - 1 : Math.min(parts.length - 1, Number(count))
  run.text(text.length + times * (to.length - from.length))
  const [done, left] = [parts.slice(0, times + 1).join(to), parts.slice(times + 1)]
  return [done, ...left].join(from)
}

function pieces(run: Run, text: string, separator: string): string[] {
  search(run, text, separator)
  const parts = separator === '' ? [...text] : text.split(separator)
  run.elements(parts.length)
  return parts
}

/** What Unicode calls white space: JavaScript's `\s` has U+FEFF besides, and lacks U+0085. */
const blanks = '[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const leading = new RegExp(`^${blanks}+`)
const trailing = new RegExp(`(?<!${blanks})${blanks}+$`)

export function trim(text: string): string {
  return text.replace(leading, '').replace(trailing, '')
}

const escapes: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

/** As a literal of CEL. */
export function quote(text: string): string {
  return `"${text.toWellFormed().replace(/[^ !#-[\]-~]/g, character => escapes[character] ?? character)}"`
}

/** In RE2, whose time is that of text and pattern: a package is a stranger, and JavaScript's engine takes hours for `^(a+)+$`. */
export function matches(run: Run, text: string, pattern: string): boolean {
  if (pattern.length > limits.patternLength)
    throw new Fault(`a regular expression of ${pattern.length} characters, ${limits.patternLength} are allowed`)
  // A compiled pattern grows with its counted repetitions, of which RE2 allows 1000.
  const repeats = [...pattern.matchAll(/\{(\d+)?,?(\d+)?\}/g)].reduce(
    (product, [, from, to]) => product * Math.max(1, Number(to ?? from ?? 1)),
    1,
  )
  run.charge((text.length * pattern.length * Math.min(1000, repeats)) / 4)
  return compile(pattern).test(text)
}

function compile(pattern: string): {test(text: string): boolean} {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    throw new Fault(`matches: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export function toInt(text: string): bigint {
  if (!/^[+-]?\d{1,19}$/.test(text)) throw new Fault(`int: ${shown(text)} is not an integer`)
  return int64(BigInt(text.replace('+', '')), 'int')
}

export function toDouble(text: string): number {
  if (!/^[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,4})?$/.test(text))
    throw new Fault(`double: ${shown(text)} is not a number`)
  return Number(text)
}

export function toBool(text: string): boolean {
  if (/^(true|True|TRUE|t|1)$/.test(text)) return true
  if (/^(false|False|FALSE|f|0)$/.test(text)) return false
  throw new Fault(`bool: ${shown(text)} is neither true nor false`)
}

/** Of UTF-8. */
export function toText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString()
  if (!Buffer.from(text).equals(bytes)) throw new Fault('string: the bytes are no UTF-8', 'base64(x)')
  return text
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}
