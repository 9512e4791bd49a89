import {createHash, createPublicKey, type KeyObject, randomBytes, sign, X509Certificate} from 'node:crypto'
import {isIP} from 'node:net'
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectId,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts'

/** For whom a certificate is: host names (a leading `*.` is allowed) and IP addresses; and for how long, from now on. */
export interface CertificateRequest {
  hosts: readonly string[]
  days: number
}

const label = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?'
const hostPattern = new RegExp(`^(\\*\\.)?${label}(\\.${label})*$`, 'i')

/** Why no certificate can be made for these. */
export function certificateProblem({hosts, days}: CertificateRequest): string | undefined {
  if (hosts.length === 0 || hosts.length > 100) return 'needs from 1 to 100 host names or IP addresses'
  const wrong = hosts.find(host => isIP(host) === 0 && (host.length > 253 || !hostPattern.test(host)))
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is neither a host name nor an IP address`
  return Number.isInteger(days) && days >= 1 && days <= 36_500
    ? undefined
    : 'days must be a whole number from 1 to 36500'
}

const dayMillis = 86_400_000
/** Clocks of nodes differ, and a certificate that is not valid yet is refused. */
const backdatedMillis = 3_600_000

/**
 * A self-signed server certificate (RFC 5280) for an ECDSA P-256 key, in PEM. It is no authority: Firefox and rustls refuse an
 * authority's certificate at a server, and everything takes one that is trusted itself.
 */
export function selfSigned(key: KeyObject, {hosts, days}: CertificateRequest): string {
  const publicKey = createPublicKey(key).export({type: 'spki', format: 'der'})
  const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'))
  // the name is for people: who checks a host looks at the alternative names
  const commonName = sequence(set(sequence(objectId('2.5.4.3'), utf8String(String(hosts[0]).slice(0, 64)))))
  const keyId = createHash('sha1').update(publicKey).digest()
  const content = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(randomBytes(16)),
    ecdsaWithSha256,
    commonName,
    sequence(time(Date.now() - backdatedMillis), time(Date.now() + days * dayMillis)),
    commonName,
    publicKey,
    explicit(
      3,
      sequence(
        extension('2.5.29.19', 'critical', sequence()), // basicConstraints: no authority
        extension('2.5.29.15', 'critical', bitString(Buffer.of(0x80), 7)), // keyUsage: digitalSignature
        extension('2.5.29.37', '', sequence(objectId('1.3.6.1.5.5.7.3.1'))), // extKeyUsage: serverAuth
        extension('2.5.29.17', '', sequence(...hosts.map(alternativeName))),
        extension('2.5.29.14', '', octetString(keyId)), // subjectKeyIdentifier
        extension('2.5.29.35', '', sequence(implicit(0, keyId))), // authorityKeyIdentifier: itself
      ),
    ),
  )
  const certificate = sequence(content, ecdsaWithSha256, bitString(sign('sha256', content, key)))
  return new X509Certificate(certificate).toString()
}

function extension(id: string, critical: 'critical' | '', value: Buffer): Buffer {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octetString(value))
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 0 ? implicit(2, Buffer.from(host)) : implicit(7, addressBytes(host))
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  // URL writes any spelling of an IPv6 address in hexadecimal groups, with one `::` at most
  const halves = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [head = [], tail = []] = halves.map(half => half.split(':').filter(Boolean))
  const groups = [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail]
  return Buffer.from(groups.map(group => group.padStart(4, '0')).join(''), 'hex')
}
