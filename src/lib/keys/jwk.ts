import {createHash, createPublicKey, type webcrypto} from 'node:crypto'
import type {Key} from './algorithms.ts'

/** The key itself (RFC 7517). */
export function jwkOf({material}: Key): webcrypto.JsonWebKey {
  return material.export({format: 'jwk'})
}

/** Its public half. */
export function publicJwkOf({material}: Key): webcrypto.JsonWebKey {
  return createPublicKey(material).export({format: 'jwk'})
}

/** RFC 7638: a hash of the members that make the key, sorted. Of a public half they are all that Node writes. */
export function thumbprint(key: Key): string {
  const jwk = key.material.type === 'secret' ? jwkOf(key) : publicJwkOf(key)
  const members = Object.fromEntries(Object.entries(jwk).sort())
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}
