import {argon2, createHash, randomBytes} from 'node:crypto'
import {promisify} from 'node:util'

/** The hashes of a password that applications want in its place. */
export const derivations = ['bcrypt', 'htpasswd', 'argon2id', 'sha256'] as const
export type Derivation = (typeof derivations)[number]

/** A web server that checks a password at each request pays this each time; typed passwords are what it protects. */
const bcryptCost = 10
/** OWASP's first choice for argon2id: memory in KiB. */
const argon = {memory: 19_456, passes: 2, parallelism: 1, tagLength: 32}

/**
 * The hash of a password as an application takes it. All but `sha256` are salted, so that one is made once and kept.
 *
 * - `bcrypt`: `$2b$10$…`
 * - `htpasswd`: a line `user:$2y$10$…`, for Apache, nginx, Traefik and registries; it needs `user`
 * - `argon2id`: the PHC string `$argon2id$v=19$m=…`
 * - `sha256`: hexadecimal; only for what was generated, because it can be guessed at billions a second
 *
 * @returns the hash, or a problem that says nothing of the password
 */
export async function deriveHash(
  derivation: Derivation,
  password: string,
  user?: string,
): Promise<{hash: string} | {problem: string}> {
  switch (derivation) {
    case 'bcrypt':
      return bcrypt(password)
    case 'htpasswd':
      return htpasswd(user, password)
    case 'argon2id':
      return {hash: await argon2id(password)}
    case 'sha256':
      return {hash: createHash('sha256').update(password).digest('hex')}
  }
}

async function bcrypt(password: string): Promise<{hash: string} | {problem: string}> {
  const {hash, truncates} = await import('bcryptjs')
  if (truncates(password)) return {problem: 'is longer than the 72 bytes that bcrypt looks at: give a shorter one'}
  // bcrypt's C ancestors end at it
  if (password.includes('\0')) return {problem: 'holds a zero byte, at which bcrypt ends'}
  return {hash: await hash(password, bcryptCost)}
}

/** Apache knows the same algorithm only by the name `2y`. */
async function htpasswd(user: string | undefined, password: string): Promise<{hash: string} | {problem: string}> {
  if (user === undefined || !/^[^:\s]+$/.test(user)) return {problem: 'needs a user name without colon or blank'}
  const hashed = await bcrypt(password)
  return 'hash' in hashed ? {hash: `${user}:${hashed.hash.replace(/^\$2b\$/, '$2y$')}`} : hashed
}

async function argon2id(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const tag = await promisify(argon2)('argon2id', {message: password, nonce, ...argon})
  const plain = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=${argon.memory},t=${argon.passes},p=${argon.parallelism}$${plain(nonce)}$${plain(tag)}`
}
