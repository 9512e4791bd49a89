import type {Anchor, AppRef, Grant, Revision} from '../anchor/index.ts'
import {annotation, formatRef} from '../anchor/index.ts'
import {certificateEnd} from '../keys/index.ts'
import {type Answers, type CertificateNeed, isRecord, valueAt} from '../params/index.ts'
import {shortHash} from '../short-hash.ts'
import {isIssued} from './identity.ts'
import type {LiveMember} from './live.ts'

/** A certificate that an app has. */
export interface CertificateStatus {
  parameter: string
  /** When it ends, RFC 3339. */
  expires: string
  /** A command to paste that gives another; null where cert-manager renews it. */
  renew: string | null
}

/** When the certificates that berth keeps end: what is told of them where secrets may not be read. */
export const endsOf = (certificates: CertificateNeed[], values: Record<string, string>): Revision['certificates'] =>
  Object.fromEntries(
    certificates.flatMap(({parameter}) => {
      const end = certificateEnd(values[`${parameter}.certificate`] ?? '')
      return end === undefined ? [] : [[parameter, end]]
    }),
  )

/** The certificates of an app, the next to end first: those that berth keeps, and as its members say those that cert-manager does. */
export function certificatesOf(
  ref: AppRef,
  revision: Revision | undefined,
  members: LiveMember[],
): CertificateStatus[] {
  const kept = Object.entries(revision?.certificates ?? {}).map(([parameter, expires]) => ({
    ...{parameter, expires},
    renew: renewal(ref, parameter, revision?.answers ?? {}),
  }))
  const issued = members.flatMap(({member, live}) => {
    if (!isIssued(member) || typeof live === 'string') return []
    const {metadata, status} = live
    const parameter = metadata.annotations?.[annotation.parameter]
    const {notAfter} = (status ?? {}) as {notAfter?: string}
    return parameter === undefined || notAfter === undefined
      ? []
      : [{parameter, expires: new Date(notAfter).toISOString(), renew: null}]
  })
  return [...kept, ...issued].sort((a, b) => (a.expires < b.expires ? -1 : 1))
}

function renewal({name, namespace}: AppRef, parameter: string, answers: Answers): string {
  const given = valueAt(answers, parameter.split('.'))
  if (given === undefined) return `berth app rotate ${name} ${parameter} -n ${namespace}   make another`
  if (isRecord(given) && '$secret' in given)
    return `berth app sync ${name} -n ${namespace}   once another is in its Secret`
  return `berth app config ${name} -n ${namespace} --set-env ${parameter}=VARIABLE   give another, with its key`
}

/** What users of an app have to trust; as a hash, for it is only compared. */
export function trustIn(certificates: CertificateNeed[], values: Record<string, string>): string {
  const all = certificates.map(need => [
    need.parameter,
    'issuer' in need ? need.issuer : (values[`${need.parameter}.ca`] ?? null),
  ])
  return shortHash(JSON.stringify(all), 16)
}

/** Users of an app who trust what vouched for it before, and have to be told of another; a command for each. */
export function staleUsers(
  {grants}: Pick<Anchor, 'grants'>,
  before: Revision | undefined,
  now: Revision | undefined,
): {user: string; refresh: string}[] {
  const {certificates = {}, trust} = before ?? {}
  // One that is gone counts, too: cert-manager makes the next, or there is no TLS any more.
  const ends = Object.entries(certificates).some(([parameter, end]) => now?.certificates[parameter] !== end)
  const renewed = trust === undefined ? ends : trust !== now?.trust
  // Where no script runs, nothing of the kind is told.
  const told = ({state, endpoint}: Grant) => state !== 'retained' && now?.provides[endpoint]?.grant !== false
  const users = renewed ? Object.values(grants).filter(told) : []
  return users.map(({consumer, parameter}) => ({
    user: formatRef(consumer),
    refresh: `berth binding refresh ${consumer.name} ${parameter} -n ${consumer.namespace}`,
  }))
}

const month = 30 * 86_400_000

/** Of certificates that berth keeps, the one that wants a word by now: what is wrong with another its Certificate says. */
export function endingSoon(
  certificates: CertificateStatus[],
  now = Date.now(),
): {reason: 'CertificateExpired' | 'CertificateEnds'; message: string; renew: string} | undefined {
  const {parameter, expires = '', renew} = certificates.find(each => each.renew !== null) ?? {renew: null}
  if (renew === null || Date.parse(expires) - now > month) return undefined
  const over = Date.parse(expires) <= now
  const message = `its certificate ${parameter} ${over ? 'ended' : 'ends'} at ${expires}`
  return {reason: over ? 'CertificateExpired' : 'CertificateEnds', message, renew}
}
