import {createPublicKey} from 'node:crypto'
import {type Algorithm, algorithms, type Key, type KeyAlgorithm} from './algorithms.ts'
import {rootOf} from './certificate.ts'
import {jwkOf, publicJwkOf, thumbprint} from './jwk.ts'
import {opensshPrivate, opensshPublic} from './openssh.ts'

interface Form {
  /** Whether it gives the key away. */
  secret: boolean
  fits(algorithm: Algorithm): boolean
  write(key: Key): string
}

const symmetric = ({kind}: Algorithm) => kind === 'symmetric'
const asymmetric = ({kind}: Algorithm) => kind !== 'symmetric'
const raw = (algorithm: Algorithm) => 'raw' in algorithm
const ssh = (algorithm: Algorithm) => 'ssh' in algorithm && algorithm.ssh

const base64 = (base64url: string | undefined) => Buffer.from(String(base64url), 'base64url').toString('base64')

/** The spellings of a key, by the name under which a template asks for them. */
export const forms = {
  /** PKCS#8 in PEM. */
  privateKey: {
    secret: true,
    fits: asymmetric,
    write: ({material}) => material.export({type: 'pkcs8', format: 'pem'}).toString(),
  },
  /** The bare bytes: how WireGuard and most settings of applications write keys. */
  base64: {
    secret: true,
    fits: algorithm => symmetric(algorithm) || raw(algorithm),
    write: key => base64(jwkOf(key).k ?? jwkOf(key).d),
  },
  /** RFC 7517, with the thumbprint as `kid`. */
  jwk: {secret: true, fits: () => true, write: key => JSON.stringify({...jwkOf(key), kid: thumbprint(key)})},
  /** OpenSSH's own form, the only one in which every version takes Ed25519; it reads PKCS#8 of the others. */
  openssh: {secret: true, fits: algorithm => raw(algorithm) && ssh(algorithm), write: opensshPrivate},
  /** SubjectPublicKeyInfo in PEM. */
  publicKey: {
    secret: false,
    fits: asymmetric,
    write: ({material}) => createPublicKey(material).export({type: 'spki', format: 'pem'}).toString(),
  },
  publicBase64: {secret: false, fits: raw, write: key => base64(publicJwkOf(key).x)},
  publicJwk: {
    secret: false,
    fits: asymmetric,
    write: key => JSON.stringify({...publicJwkOf(key), kid: thumbprint(key)}),
  },
  /** A line of authorized_keys. */
  publicOpenssh: {secret: false, fits: ssh, write: opensshPublic},
  /** The name of the key in a JSON Web Token's header. */
  kid: {secret: false, fits: asymmetric, write: thumbprint},
  certificate: {secret: false, fits: ({kind}) => kind === 'certified', write: ({certificate}) => String(certificate)},
  /** What clients have to trust; empty where they know its authority anyway. */
  ca: {
    secret: false,
    fits: ({kind}) => kind === 'certified',
    write: ({certificate = '', ca}) => ca || (rootOf(certificate) ?? ''),
  },
} as const satisfies Record<string, Form>

export type KeyForm = keyof typeof forms

/** The forms that keys of an algorithm have, the one to keep first. */
export function formsOf(algorithm: KeyAlgorithm): KeyForm[] {
  return (Object.keys(forms) as KeyForm[]).filter(form => forms[form].fits(algorithms[algorithm]))
}

/** The form to keep: `importKey` reads it (for `tls`, with `certificate`). */
export function keptForm(algorithm: KeyAlgorithm): KeyForm {
  return algorithms[algorithm].kind === 'symmetric' ? 'base64' : 'privateKey'
}

/** A key in one of the forms of its algorithm. */
export function writeKey(key: Key, form: KeyForm): string {
  if (!formsOf(key.algorithm).includes(form)) throw new TypeError(`${key.algorithm} has no form ${form}`)
  return forms[form].write(key)
}
