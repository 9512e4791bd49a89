import {generateKeyPair, type KeyObject} from 'node:crypto'
import {promisify} from 'node:util'

const pair = promisify(generateKeyPair)

/** What a key is made of: so many random bytes (those given may be up to `most`), or a pair. */
export type Algorithm =
  | {kind: 'symmetric'; bytes: number; most: number}
  /** `raw` is the OID of what is written as 32 bytes, too; `ssh` says whether OpenSSH knows it. */
  | {kind: 'pair'; make: () => Promise<{privateKey: KeyObject}>; ssh: boolean; raw?: string}
  | {kind: 'certified'; make: () => Promise<{privateKey: KeyObject}>}

const table = {
  'aes-256': {kind: 'symmetric', bytes: 32, most: 32},
  // RFC 7518, 3.2: at least as many bits as the hash has
  'hmac-sha256': {kind: 'symmetric', bytes: 32, most: 1024},
  ed25519: {kind: 'pair', make: () => pair('ed25519'), ssh: true, raw: '1.3.101.112'},
  x25519: {kind: 'pair', make: () => pair('x25519'), ssh: false, raw: '1.3.101.110'},
  'ecdsa-p256': {kind: 'pair', make: () => pair('ec', {namedCurve: 'P-256'}), ssh: true},
  'rsa-2048': {kind: 'pair', make: () => pair('rsa', {modulusLength: 2048}), ssh: true},
  'rsa-3072': {kind: 'pair', make: () => pair('rsa', {modulusLength: 3072}), ssh: true},
  'rsa-4096': {kind: 'pair', make: () => pair('rsa', {modulusLength: 4096}), ssh: true},
  tls: {kind: 'certified', make: () => pair('ec', {namedCurve: 'P-256'})},
} as const satisfies Record<string, Algorithm>

export type KeyAlgorithm = keyof typeof table

/** What keys there are. */
export const algorithms: Readonly<Record<KeyAlgorithm, Algorithm>> = table

/** A key in memory: neither printing nor serialising a KeyObject shows what is in it. */
export interface Key {
  readonly algorithm: KeyAlgorithm
  readonly material: KeyObject
  /** Of `tls`: PEM, with its chain behind it. */
  readonly certificate?: string
  /** Of `tls`: what its clients have to trust (PEM), where its chain does not say. */
  readonly ca?: string
}

/** What a private key is, in the words of `algorithms` where it is one of them. */
function nameOf({asymmetricKeyType, asymmetricKeyDetails: details}: KeyObject): string {
  if (asymmetricKeyType === 'rsa') return `rsa-${details?.modulusLength}`
  if (asymmetricKeyType === 'ec') return `ecdsa-${details?.namedCurve}`.replace('prime256v1', 'p256')
  return String(asymmetricKeyType)
}

/** Why a private key is not of an algorithm. RSA may be longer; a server's key has to be one that clients take. */
export function algorithmFault(key: KeyObject, wanted: KeyAlgorithm): string | undefined {
  const name = nameOf(key)
  const leastBits = wanted === 'tls' ? 2048 : Number(/^rsa-(\d+)$/.exec(wanted)?.[1] ?? Number.POSITIVE_INFINITY)
  const bits = Number(/^rsa-(\d+)$/.exec(name)?.[1] ?? 0)
  const served = wanted === 'tls' && ['ecdsa-p256', 'ecdsa-secp384r1', 'ed25519'].includes(name)
  if (name === wanted || served || bits >= leastBits) return undefined
  const takes = wanted === 'tls' ? 'rsa-2048 or longer, ecdsa-p256, ecdsa-secp384r1 or ed25519' : wanted
  return `is ${name}, but has to be ${takes}${wanted.startsWith('rsa-') ? ' or longer' : ''}`
}
