import type {Constant} from './tree.ts'

/** `bad` is a character that begins nothing, such as the quote of a string that is not closed. */
export interface Token {
  kind: (typeof kinds)[number] | 'end'
  text: string
  at: number
}

const kinds = ['string', 'number', 'name', 'sign', 'bad'] as const
/** A pattern each; the first that matches has the token. */
const patterns = [
  /(?:[bB]?[rR]|[rR][bB])(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\r\n]*"|'[^'\r\n]*')|[bB]?(?:"""(?:\\[\s\S]|[^\\])*?"""|'''(?:\\[\s\S]|[^\\])*?'''|"(?:\\[^\r\n]|[^"\\\r\n])*"|'(?:\\[^\r\n]|[^'\\\r\n])*')/,
  /0[xX][0-9a-fA-F]+[uU]?|(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?[uU]?/,
  /[A-Za-z_]\w*/,
  /[=!<>]=|&&|\|\||[-+*/%!<>?:.,()[\]{}]/,
  /[\s\S]/,
]
/** Blanks and comments, and what follows them; at the end nothing does. */
const blank = /(?:[ \t\r\n\f]|\/\/[^\n]*)*/
const next = new RegExp(`${blank.source}(?:${patterns.map(({source}) => `(${source})`).join('|')})?`, 'y')

/** The tokens of a text from `start` on, the last of kind `end`. Never fails: what is wrong is the parser's to say. */
export function* tokenize(text: string, start = 0): Generator<Token> {
  for (let at = start; ; ) {
    next.lastIndex = at
    const found = next.exec(text)?.slice(1) ?? []
    at = next.lastIndex
    const index = found.findIndex(token => token !== undefined)
    const token = found[index] ?? ''
    yield {kind: kinds[index] ?? 'end', text: token, at: at - token.length}
    if (index < 0) return
  }
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
