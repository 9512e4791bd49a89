import {createPrivateKey, createSecretKey, type KeyObject} from 'node:crypto'
import {type Algorithm, algorithmFault, algorithms, type Key, type KeyAlgorithm} from './algorithms.ts'
import {certificateFault} from './certificate.ts'
import {integer, objectId, octetString, sequence} from './der.ts'

/** A key as somebody gives it. */
export interface GivenKey {
  /** PEM (PKCS#8, PKCS#1, SEC 1), a JWK, or the bare bytes in base64. */
  text: string
  /** Of `tls`: PEM, with its chain behind it. */
  certificate?: string
  /** Of `tls`: what its clients have to trust, in PEM, where its chain does not say. */
  ca?: string
  /** Of `tls`: whom the certificate has to be for. */
  hosts?: readonly string[]
}

const mostCharacters = 65_536

/** Reads a key, also one that berth wrote. A problem says what is wrong with it, and nothing of what was given. */
export function importKey(name: KeyAlgorithm, given: GivenKey): {key: Key} | {problem: string} {
  const text = given.text.trim()
  if (text.length > mostCharacters) return {problem: 'is longer than any key (64 KiB)'}
  if (Number(given.certificate?.length) > mostCharacters) return {problem: 'has a certificate of more than 64 KiB'}
  const algorithm = algorithms[name]
  const read = algorithm.kind === 'symmetric' ? readSecret(algorithm, text) : readPrivate(algorithm, text)
  if (typeof read === 'string') return {problem: read}
  const fault = read.type === 'private' ? algorithmFault(read, name) : undefined
  if (fault !== undefined) return {problem: fault}
  if (name !== 'tls') return {key: {algorithm: name, material: read}}
  if (given.certificate === undefined) return {problem: 'comes without its certificate'}
  const misfit = certificateFault(given.certificate, read, given.hosts ?? [])
  if (misfit !== undefined) return {problem: misfit}
  const certificate = `${given.certificate.trim()}\n`
  return {key: {algorithm: name, material: read, certificate, ...(given.ca && {ca: given.ca})}}
}

function readSecret({bytes, most}: Extract<Algorithm, {kind: 'symmetric'}>, text: string): KeyObject | string {
  const raw = text.startsWith('{') ? jwkSecret(text) : fromBase64(text)
  if (raw === undefined) return 'cannot be read: it must be base64, or a JWK whose kty is oct'
  if (raw.length >= bytes && raw.length <= most) return createSecretKey(raw)
  return `is ${raw.length} bytes long, but has to be ${bytes === most ? bytes : `${bytes} to ${most}`}`
}

function readPrivate(algorithm: Algorithm, text: string): KeyObject | string {
  const oid = 'raw' in algorithm ? algorithm.raw : undefined
  if (text.startsWith('{')) {
    return attempt(() => createPrivateKey({key: JSON.parse(text), format: 'jwk'})) ?? 'is no JWK of a private key'
  }
  if (!text.includes('-----BEGIN ')) {
    const raw = fromBase64(text)
    if (oid !== undefined && raw?.length === 32) return fromRaw(oid, raw)
    return `cannot be read: it must be PEM${oid === undefined ? ' or a JWK' : ', a JWK, or 32 bytes in base64'}`
  }
  if (text.includes('ENCRYPTED')) return 'is encrypted: take its passphrase off first (openssl pkcs8 -topk8 -nocrypt)'
  const label = /-----BEGIN ([A-Z0-9 ]*)-----/.exec(text)?.[1] ?? ''
  if (label === 'OPENSSH PRIVATE KEY') return "is in OpenSSH's own form: give it as PKCS#8 PEM"
  if (/CERTIFICATE|PUBLIC/.test(label)) return `begins with a ${label.toLowerCase()}, not with a private key`
  return attempt(() => createPrivateKey(text)) ?? 'is PEM, but damaged or of a kind that is not known'
}

/** What JSON.parse and OpenSSL complain of may quote what they read, so that none of it goes on. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function jwkSecret(text: string): Buffer | undefined {
  const jwk: unknown = attempt(() => JSON.parse(text))
  const {kty, k} = (jwk ?? {}) as {kty?: unknown; k?: unknown}
  return kty === 'oct' && typeof k === 'string' ? fromBase64(k) : undefined
}

/** Either alphabet, with or without padding; undefined for anything else, which Node would skip over. */
function fromBase64(text: string): Buffer | undefined {
  return /^([\w-]+|[A-Za-z0-9+/]+)={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined
}

/** RFC 8410, 7 */
function fromRaw(oid: string, raw: Buffer): KeyObject {
  const key = sequence(integer(Buffer.of(0)), sequence(objectId(oid)), octetString(octetString(raw)))
  return createPrivateKey({key, format: 'der', type: 'pkcs8'})
}
