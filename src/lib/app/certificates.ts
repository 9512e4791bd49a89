import type {Anchor, AppRef, Revision} from '../anchor/index.ts'
import {annotation, formatRef} from '../anchor/index.ts'
import {certificateEnd} from '../keys/index.ts'
import {type Answers, type CertificateNeed, isRecord, valueAt} from '../params/index.ts'
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
  const issued = members.flatMap(({live}) => {
    if (typeof live === 'string') return []
    const {metadata, status} = live
    const parameter = metadata.annotations?.[annotation.parameter]
    const {notAfter} = (status ?? {}) as {notAfter?: string}
    return parameter === undefined || notAfter === undefined ? [] : [{parameter, expires: notAfter, renew: null}]
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

/** What users of an app do not know yet: that its certificate is another one than they were told to trust. */
export function stillTrusted({ref, current, grants}: Anchor, before: Revision | undefined): string[] {
  const {certificates = {}} = before ?? {}
  // One that is gone counts, too: cert-manager makes the next, or there is no TLS any more.
  const renewed = Object.entries(certificates).some(([parameter, end]) => current?.certificates[parameter] !== end)
  const users = renewed ? Object.values(grants).filter(({state}) => state !== 'retained') : []
  return users.map(({consumer, parameter}) => {
    const command = `berth binding refresh ${consumer.name} ${parameter} -n ${consumer.namespace}`
    return `${formatRef(consumer)} still trusts the former certificate of ${formatRef(ref)}: ${command}`
  })
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
