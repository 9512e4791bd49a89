import {createSecretKey, randomBytes} from 'node:crypto'
import {algorithms, type Key, type KeyAlgorithm} from './algorithms.ts'
import {type CertificateRequest, selfSigned} from './self-signed.ts'

/** What key to make; `tls` (ECDSA P-256) says for whom. */
export type KeySpec = {algorithm: Exclude<KeyAlgorithm, 'tls'>} | ({algorithm: 'tls'} & CertificateRequest)

/** A new key. RSA of 4096 bits takes a second or more, off the main thread. */
export async function generateKey(spec: KeySpec): Promise<Key> {
  const algorithm = algorithms[spec.algorithm]
  if (algorithm.kind === 'symmetric') {
    return {algorithm: spec.algorithm, material: createSecretKey(randomBytes(algorithm.bytes))}
  }
  const {privateKey} = await algorithm.make()
  const key = {algorithm: spec.algorithm, material: privateKey}
  return spec.algorithm === 'tls' ? {...key, certificate: selfSigned(privateKey, spec)} : key
}
