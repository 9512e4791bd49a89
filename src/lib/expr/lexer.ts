import type {Constant} from './tree.ts'

/** `bad` is a character that begins nothing, such as the quote of a string that is not closed. */
export interface Token {
  kind: 'string' | 'number' | 'name' | 'sign' | 'bad' | 'end'
  text: string
  at: number
}

const blank = /(?:[ \t\r\n\f]|\/\/[^\n]*)*/y
const kinds: [Token['kind'], RegExp][] = [
  ['string', /(?:[bB]?[rR]|[rR][bB])(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\r\n]*"|'[^'\r\n]*')/y],
  [
    'string',
    /[bB]?(?:"""(?:\\[\s\S]|[^\\])*?"""|'''(?:\\[\s\S]|[^\\])*?'''|"(?:\\[^\r\n]|[^"\\\r\n])*"|'(?:\\[^\r\n]|[^'\\\r\n])*')/y,
  ],
  ['number', /0[xX][0-9a-fA-F]+[uU]?|(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?[uU]?/y],
  ['name', /[A-Za-z_]\w*/y],
  ['sign', /[=!<>]=|&&|\|\||[-+*/%!<>?:.,()[\]{}]/y],
  ['bad', /[\s\S]/y],
]

/** The tokens of a text from `start` on, the last of kind `end`. Never fails: what is wrong is the parser's to say. */
export function* tokenize(text: string, start = 0): Generator<Token> {
  for (let at = skip(blank, text, start); at < text.length; ) {
    const [kind, end] = tokenAt(text, at)
    yield {kind, text: text.slice(at, end), at}
    at = skip(blank, text, end)
  }
  yield {kind: 'end', text: '', at: text.length}
}

function tokenAt(text: string, at: number): [Token['kind'], number] {
  for (const [kind, pattern] of kinds) {
    const end = skip(pattern, text, at)
    if (end > at) return [kind, end]
  }
  throw new TypeError('every character is a token')
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

/** The value of a literal. @throws Error with the reason */
export function literal({kind, text}: Token): Constant {
  return kind === 'number' ? number(text) : string(text)
}

function number(text: string): bigint | number {
  const hex = /^-?0x/i.test(text)
  if (/u$/i.test(text)) throw new Error(`unsigned integers (\`${text}\`) do not exist here: write ${text.slice(0, -1)}`)
  if (!hex && /[.e]/i.test(text)) return Number(text)
  const value = text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)
  if (BigInt.asIntN(64, value) !== value) throw new Error(`${text} does not fit in 64 bits`)
  return value
}

const piece =
  /\\(?:[xX]([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([abfnrtv\\?"'`]))|\\|[^\\]+/g
const controls: Record<string, string> = {a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v'}

function string(text: string): string | Uint8Array {
  const [, prefix = '', quote = ''] = /^(\w*)("""|'''|"|')/.exec(text) ?? []
  const body = text.slice(prefix.length + quote.length, text.length - quote.length)
  const bytes = /b/i.test(prefix)
  const pieces = /r/i.test(prefix) ? [body] : [...body.matchAll(piece)].map(match => unescaped(match, bytes))
  return bytes ? Buffer.concat(pieces.map(piece => Buffer.from(piece))) : pieces.join('')
}

/** `\x` and octal escapes are a character in a string, a byte in bytes. */
function unescaped([whole, hex, octal, short, long, simple]: RegExpExecArray, bytes: boolean): string | Uint8Array {
  if (simple !== undefined) return controls[simple] ?? simple
  if (whole === '\\') throw new Error('a `\\` begins no escape that exists: write \\\\ , or r"…"')
  if (bytes && (short ?? long) !== undefined) throw new Error(`\`${whole}\` does not exist in bytes`)
  const unicode = hex ?? short ?? long
  if (unicode === undefined && octal === undefined) return whole
  const code = unicode === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(unicode, 16)
  if (bytes) return Uint8Array.of(code)
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new Error(`\`${whole}\` is no character`)
  return String.fromCodePoint(code)
}
