import {randomBytes, type webcrypto} from 'node:crypto'
import type {Key} from './algorithms.ts'
import {jwkOf, publicJwkOf} from './jwk.ts'

/** RFC 4251, 5: what is written is preceded by its length. */
function string(...content: (string | Uint8Array)[]): Buffer {
  const bytes = Buffer.concat(content.map(part => Buffer.from(part)))
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const bytesOf = (base64url: string | undefined) => Buffer.from(String(base64url), 'base64url')
/** A number that is not negative. */
const mpint = (magnitude: Buffer) => string(Number(magnitude[0]) >= 0x80 ? Buffer.of(0) : '', magnitude)

/** A line of authorized_keys without a comment, `ssh-ed25519 AAAA…` (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4). */
export function opensshPublic(key: Key): string {
  const {name, blob} = publicBlob(publicJwkOf(key))
  return `${name} ${blob.toString('base64')}`
}

function publicBlob({kty, e, n, x, y}: webcrypto.JsonWebKey): {name: string; blob: Buffer} {
  const named = (name: string, ...rest: Buffer[]) => ({name, blob: Buffer.concat([string(name), ...rest])})
  if (kty === 'RSA') return named('ssh-rsa', mpint(bytesOf(e)), mpint(bytesOf(n)))
  if (kty === 'OKP') return named('ssh-ed25519', string(bytesOf(x)))
  return named('ecdsa-sha2-nistp256', string('nistp256'), string(Buffer.of(4), bytesOf(x), bytesOf(y)))
}

/** An Ed25519 key as `openssh-key-v1`, not encrypted (PROTOCOL.key of OpenSSH). */
export function opensshPrivate(key: Key): string {
  const jwk = jwkOf(key)
  const {name, blob} = publicBlob(jwk)
  const publicKey = bytesOf(jwk.x)
  // the same number twice: so a reader sees that it has decrypted it
  const check = randomBytes(4)
  const pair = [check, check, string(name), string(publicKey), string(bytesOf(jwk.d), publicKey), string('')]
  const {length} = Buffer.concat(pair)
  const padding = Buffer.from(Array.from({length: -length & 7}, (_, i) => i + 1))
  const none = [string('none'), string('none'), string('')]
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...none,
    uint32(1),
    string(blob),
    string(...pair, padding),
  ])
  const lines = file.toString('base64').replace(/.{70}/g, '$&\n')
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`
}
