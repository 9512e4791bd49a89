import {type KeyObject, X509Certificate} from 'node:crypto'
import {isIP} from 'node:net'

/** Why a certificate (PEM, with its chain behind it) cannot be served with a key, for these hosts, now. */
export function certificateFault(pem: string, key: KeyObject, hosts: readonly string[]): string | undefined {
  const certificate = readCertificate(pem)
  if (certificate === undefined) return "has a certificate that cannot be read: it must be PEM, the server's own first"
  if (!certificate.checkPrivateKey(key)) return 'does not belong to its certificate'
  const {validFromDate: from, validToDate: to} = certificate
  if (to.getTime() < Date.now()) return `has a certificate that expired at ${to.toISOString()}`
  if (from.getTime() > Date.now()) return `has a certificate that is not valid before ${from.toISOString()}`
  const uncovered = hosts.find(host => !covers(certificate, host))
  if (uncovered === undefined) return undefined
  return `has a certificate that is not for ${uncovered}, but for ${certificate.subjectAltName ?? 'nobody'}`
}

/** When a certificate ends, RFC 3339; undefined for what is none. */
export const certificateEnd = (pem: string): string | undefined => readCertificate(pem)?.validToDate.toISOString()

/** What clients have to trust: the certificate of a chain that is signed by itself; none where a public authority vouches for it. */
export const rootOf = (pem: string): string | undefined =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g)?.findLast(each => {
    const certificate = readCertificate(each)
    return certificate?.verify(certificate.publicKey)
  })

function covers(certificate: X509Certificate, host: string): boolean {
  if (isIP(host) !== 0) return certificate.checkIP(host) !== undefined
  // what covers a wildcard is the same wildcard, which covers any host of it
  return certificate.checkHost(host.replace(/^\*/, 'any')) !== undefined
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    // the one thing that this can mean, and the caller says it
    return undefined
  }
}
