import {randomBytes} from 'node:crypto'
import {type Reveal, reveals} from './encodings.ts'

/**
 * A secret's stand-in: a string that flows through expressions and templates in place of the value, which rendering never sees.
 *
 * Concatenation works by itself; functions that can wait (`urlEncode`, `base64`, …) wrap the token in another one that remembers them
 * (a *pending* token), and {@link revealSecrets} does the work on the real value, when a Secret is written. A token carries a nonce of
 * this process, 128 random bits: an answer cannot forge one, and a token that leaked into a file means nothing to the next process.
 */
export type SecretToken = string & {readonly secretToken: unique symbol}

const END = '\u0001'
const NO_TOKEN = /(?!)/g

/** Made with the first token: before it nothing holds a secret, and most commands need not load Node's crypto. */
let marks: {start: string; token: RegExp} | undefined

function makeMarks() {
  const nonce = randomBytes(16).toString('hex')
  const start = `\u0001berth:${nonce}:`
  return {start, token: new RegExp(`${start}([a-zA-Z0-9]+):([A-Za-z0-9_-]*)${END}`, 'g')}
}

const tokens = () => marks?.token ?? NO_TOKEN

/** The token of a secret by its name in the revision's Secret: `password`, `smtp.password`, `database.password`. */
export function secretToken(name: string): SecretToken {
  return encode('secret', name)
}

/** A token for `transform` of a text that holds tokens. */
export function pendingToken(transform: Reveal, text: string): SecretToken {
  return encode(transform, text)
}

export function hasSecret(text: string): boolean {
  return marks !== undefined && text.includes(marks.start)
}

/** Does a JSON-like value hold a token in any string or key? Stops at the first. */
export function holdsSecret(value: unknown): boolean {
  if (marks === undefined) return false
  if (typeof value === 'string') return hasSecret(value)
  if (Array.isArray(value)) return value.some(holdsSecret)
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).some(([key, entry]) => hasSecret(key) || holdsSecret(entry))
  return false
}

/**
 * Puts values in the place of tokens and carries out what is pending on them. The result is a secret: it goes into a Secret's data or
 * a command's stdin, nowhere else.
 * @param lookup the value of a secret by name; may throw
 */
export function revealSecrets(text: string, lookup: (name: string) => string): string {
  return text.replace(tokens(), (_, kind: string, payload: string) => {
    const inner = Buffer.from(payload, 'base64url').toString()
    return kind === 'secret' ? lookup(inner) : reveals[kind as Reveal](revealSecrets(inner, lookup))
  })
}

/** Where a value holds secrets, and which: `{path: ['data', 'url'], names: ['database.password']}`. */
export function secretsIn(value: unknown, path: string[] = []): {path: string[]; names: string[]}[] {
  if (marks === undefined) return []
  if (typeof value === 'string') {
    const names = secretNames(value)
    return names.length === 0 ? [] : [{path, names}]
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => secretsIn(item, [...path, String(index)]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, entry]) => [
    ...secretsIn(key, [...path, maskSecrets(key)]),
    ...secretsIn(entry, [...path, maskSecrets(key)]),
  ])
}

/** Names of the secrets in a text, each once, in order of appearance. */
export function secretNames(text: string): string[] {
  const names = new Set<string>()
  for (const [, kind, payload] of text.matchAll(tokens())) {
    const inner = Buffer.from(payload ?? '', 'base64url').toString()
    for (const name of kind === 'secret' ? [inner] : secretNames(inner)) names.add(name)
  }
  return [...names]
}

/**
 * The same value with readable words for tokens: `<secret password>`, `<base64 of <secret password>>`. Equal in every process, so fit
 * for hashes, plans and diffs.
 */
export function maskSecrets<T>(value: T): T
export function maskSecrets(value: unknown): unknown {
  if (marks === undefined) return value
  if (typeof value === 'string') {
    return value.replace(tokens(), (_, kind: string, payload: string) => {
      const inner = Buffer.from(payload, 'base64url').toString()
      return kind === 'secret' ? `<secret ${inner}>` : `<${kind} of ${maskSecrets(inner)}>`
    })
  }
  if (Array.isArray(value)) return value.map(item => maskSecrets<unknown>(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [maskSecrets(key), maskSecrets<unknown>(entry)]),
  )
}

/** Applies one function to the plain stretches of a text and another to its tokens: for encodings that work character by character. */
export function splitSecrets(
  text: string,
  literal: (text: string) => string,
  token: (token: string) => string,
): string {
  let result = ''
  let at = 0
  for (const match of text.matchAll(tokens())) {
    result += literal(text.slice(at, match.index)) + token(match[0])
    at = match.index + match[0].length
  }
  return result + literal(text.slice(at))
}

function encode(kind: string, payload: string): SecretToken {
  marks ??= makeMarks()
  return `${marks.start}${kind}:${Buffer.from(payload).toString('base64url')}${END}` as SecretToken
}
