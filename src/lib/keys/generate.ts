import {randomBytes, randomInt, randomUUID} from 'node:crypto'

/** How a secret is made. The alphabet is the name of one of `alphabets`, or its very characters. */
export type GenerateSpec =
  | {length: number; alphabet?: string}
  | {bytes: number; encoding?: 'base64' | 'base64url' | 'hex'; prefix?: string}
  | {uuid: true}

const lower = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'
const alphanumeric = `${lower.toUpperCase()}${lower}${digits}`

/** The alphabets that have names. */
export const alphabets: Readonly<Record<string, string>> = {
  alphanumeric,
  digits,
  lowercase: `${lower}${digits}`,
  /** Without what is mistaken for another when read aloud or typed from paper. */
  readable: alphanumeric.replace(/[0O1Il]/g, ''),
  /** With marks that mean nothing to a URL, a shell, YAML or an .ini file. */
  symbols: `${alphanumeric}-_.`,
  /** All of ASCII that can be seen. */
  printable: String.fromCharCode(...Array.from({length: 94}, (_, i) => 33 + i)),
}

/** Below this NIST SP 800-63B (5.1.2.2) demands that guesses are slowed down, which not every application does. */
const leastBits = 64
const mostCharacters = 4096

/** A new secret. Characters are drawn without bias; 24 alphanumeric ones are worth 142 bits. */
export function generateSecret(spec: GenerateSpec): string {
  if ('uuid' in spec) return randomUUID()
  if ('bytes' in spec) return `${spec.prefix ?? ''}${randomBytes(spec.bytes).toString(spec.encoding ?? 'base64url')}`
  const characters = charactersOf(spec.alphabet)
  return Array.from({length: spec.length}, () => characters[randomInt(characters.length)]).join('')
}

/** Why a secret cannot be made so, as a package's author reads it: no such form, or too easy to guess. */
export function generateProblem(spec: Readonly<Record<string, unknown>>): string | undefined {
  const form = Object.keys(spec).sort().join()
  if (!/^(uuid|bytes(,encoding)?(,prefix)?|(alphabet,)?length)$/.test(form)) {
    return 'must be {length, alphabet}, {bytes, encoding, prefix} or {uuid: true}'
  }
  const {uuid, bytes, encoding = 'base64url', prefix = '', length, alphabet = 'alphanumeric'} = spec
  if (uuid !== undefined) return uuid === true ? undefined : 'uuid can only be true'
  const count = bytes ?? length
  if (!Number.isInteger(count) || Number(count) < 1 || Number(count) > mostCharacters) {
    return `${bytes === undefined ? 'length' : 'bytes'} must be a whole number from 1 to ${mostCharacters}`
  }
  if (!['base64', 'base64url', 'hex'].includes(String(encoding))) return 'encoding must be base64, base64url or hex'
  if (!isPrintable(prefix)) return 'prefix must be printable ASCII'
  if (!isPrintable(alphabet)) return `alphabet must be ${Object.keys(alphabets).join(', ')}, or printable ASCII`
  const characters = charactersOf(alphabet)
  const twice = characters.find((character, i) => characters.indexOf(character) !== i)
  if (twice !== undefined) return `alphabet has ${twice} twice, which would come up twice as often`
  const bits = Math.floor(Number(count) * (bytes === undefined ? Math.log2(characters.length) : 8))
  return bits < leastBits ? `can be guessed: it is worth ${bits} bits, and ${leastBits} are the least` : undefined
}

function charactersOf(alphabet = 'alphanumeric'): string[] {
  return [...(Object.hasOwn(alphabets, alphabet) ? String(alphabets[alphabet]) : alphabet)]
}

function isPrintable(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]*$/.test(value)
}
