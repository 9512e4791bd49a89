import type {Anchor, ProvidedEndpoint} from '../anchor/index.ts'
import {label} from '../anchor/index.ts'
import {requestedBindings} from '../binding/index.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import type {Concern} from './binding-trouble.ts'
import {type CertificateStatus, endingSoon} from './certificates.ts'
import {type Diagnosis, diagnose} from './diagnose.ts'
import type {Use} from './inspect.ts'
import type {LiveMember} from './live.ts'
import {lostPods} from './nodes.ts'
import type {ProviderState} from './provider-states.ts'
import {type Fault, heldBy, isOver, podFault, podSuspicion, readiness, workloadFault} from './ready.ts'

export interface ObjectStatus {
  object: string
  /** Null where it may not be read. */
  ready: boolean | null
  message: string
  /** RFC 3339. */
  created: string | null
}

/** With how many ready pods stand behind it; null where that may not be read. */
export type EndpointStatus = ProvidedEndpoint & {ready: number | null}

export type UseStatus = Use & {state: ProviderState}

/** What is being done to an app, and by whom. */
export interface OperationStatus {
  kind: string
  step: string | null
  who: string
  since: string
  /** Nothing was heard of it for a minute: its process is gone, most likely. */
  silent: boolean
}

/** What a verdict is made of. */
export interface Standing {
  operation: OperationStatus | null
  objects: ObjectStatus[]
  endpoints: Record<string, EndpointStatus>
  uses: UseStatus[]
  certificates: CertificateStatus[]
}

/** One line: how an app stands, why, and what to do. */
export interface Verdict {
  healthy: boolean
  /** CamelCase, for programs: `ImagePullBackOff`, `LoginRefused`; null where nothing is to be said, or only time is needed. */
  reason: string | null
  message: string
  /** A command to paste, and what it is for. */
  next: string | null
}

/** So many faults are looked into: more say the same of other pods. */
const most = 3

/** What is wrong with an app's objects, the probable cause first: what cannot pass by itself before what may. */
export async function diagnoseAll(
  kube: Kube,
  concern: Concern,
  members: LiveMember[],
  pods: KubeObject[],
): Promise<Diagnosis[]> {
  const objects = members.flatMap(({live}) => (typeof live === 'string' ? [] : [live]))
  const broken =
    members.some(({live}) => live === 'gone') || objects.some(object => !readiness(object).ready || heldBy(object))
  const faulty = [
    ...pods
      .filter(({metadata}) => metadata.deletionTimestamp === undefined)
      .map(pod => ({object: pod, fault: podFault(pod)})),
    ...objects.map(object => ({object, fault: leaving(object) ?? workloadFault(object)})),
  ]
  if (broken) {
    const unready = pods.filter(pod => !isOver(pod) && !readiness(pod).ready && podFault(pod) === undefined)
    const lost = await lostPods(kube, unready, concern.signal)
    faulty.unshift(...unready.map(object => ({object, fault: lost.get(object)})))
    faulty.push(...unready.map(object => ({object, fault: leaving(object) ?? podSuspicion(object)})))
  }
  const seen = new Set<string>()
  const chosen = faulty
    .flatMap(({object, fault}) => {
      const key = `${fault?.reason} ${object.metadata.labels?.[label.component] ?? object.metadata.name}`
      if (fault === undefined || seen.has(key)) return []
      seen.add(key)
      return [{object, fault}]
    })
    .sort((one, other) => Number(one.fault.bearable ?? false) - Number(other.fault.bearable ?? false))
  const found = await Promise.all(
    chosen.slice(0, most).map(({object, fault}) => diagnose(kube, concern, object, fault)),
  )
  return found.filter(each => each !== undefined)
}

function leaving(object: KubeObject): Fault | undefined {
  const holder = heldBy(object)
  if (holder === undefined) return undefined
  return {reason: 'Terminating', message: `it is being deleted, and held by ${holder}`, grace: 0}
}

/** Pure: all evidence is there. */
export function verdictOf(
  anchor: Anchor,
  {operation, objects, endpoints, uses, certificates}: Standing,
  diagnoses: Diagnosis[],
): Verdict {
  const worst = diagnoses.find(({bearable}) => !bearable)
  const at = `${anchor.ref.name} -n ${anchor.ref.namespace}`
  const reason = worst?.reason ?? null
  const because = worst === undefined ? '' : `: ${worst.cause}`
  const broken = (message: string, next: string | null, why = reason) => ({healthy: false, reason: why, message, next})
  if (operation !== null) {
    const {kind, step, silent} = operation
    const [how, next] = silent
      ? [
          `its ${kind} was cut off`,
          anchor.pending === undefined ? `berth app abort ${at}   free its lock` : `berth app resume ${at}`,
        ]
      : [`${kind} is running`, null]
    return broken(`${how}${step === null ? '' : `, at: ${step}`}${because}`, next, silent ? 'CutOff' : reason)
  }
  const renewed = uses.find(({state}) => state === 'renewed')
  if (anchor.pending?.kind === 'start' && renewed !== undefined)
    return broken(troubleWith(renewed, at, because)[0], `berth app start ${at}   it is told first`, 'ProviderRenewed')
  if (anchor.pending !== undefined)
    return broken(
      `its ${anchor.pending.kind} is not finished${because || reasonOf(anchor)}`,
      `berth app resume ${at}${worst === undefined ? '' : `   after this: ${afterThis(worst)}`}`,
    )
  if (anchor.desired === 'stopped')
    return {healthy: true, reason: 'Stopped', message: 'it is stopped', next: `berth app start ${at}`}
  const lacking = objects.filter(({ready}) => ready === false)
  const lost = uses.find(({state}) => state === 'gone' || state === 'stopped' || state === 'revoked')
  // Who does not verify it, or has not looked yet, is well with another certificate.
  const provider = lost ?? (worst !== undefined || lacking.length > 0 ? renewed : undefined)
  if (provider !== undefined) return broken(...troubleWith(provider, at, because))
  const nextOf = ({remedy: {run, config, say}}: Diagnosis) => {
    const command = run ?? (config === undefined ? undefined : `berth app config ${at} ${config}`.trim())
    return command === undefined ? say : `${command}   ${say}`
  }
  if (worst !== undefined) return broken(worst.cause, nextOf(worst))
  if (lacking.length > 0) {
    const gone = lacking.some(({message}) => message === 'is gone')
    return broken(
      lacking.map(({object, message}) => `${object}: ${message}`).join('; '),
      gone ? `berth app sync ${at}   make again what is gone` : `berth app status ${at} --watch   see it come up`,
      gone ? 'Missing' : null,
    )
  }
  const asleep = objects.find(
    ({object, message}) => /^(Deployment|StatefulSet)\.apps\//.test(object) && message === '0 of 0 pods are ready',
  )
  const lulled = asleep !== undefined && Object.keys(anchor.current?.autoscalers ?? {}).length > 0
  const awake = lulled
    ? `berth app start ${at}   its autoscaler rests at none`
    : `berth app scale ${at}   how many there are; COMPONENT=N changes it`
  const deserted = Object.entries(endpoints).find(([, {ready}]) => ready === 0)?.[0]
  if (deserted !== undefined && asleep !== undefined)
    return broken(
      `nothing answers at its endpoint ${deserted}: ${asleep.object} is scaled to none`,
      awake,
      'ScaledToZero',
    )
  if (deserted !== undefined)
    return broken(
      `nothing answers at its endpoint ${deserted}: no ready pod is behind its Service`,
      `kubectl describe service ${anchor.ref.name}-${deserted} -n ${anchor.ref.namespace}   what it selects`,
      'NoEndpoints',
    )
  const ending = endingSoon(certificates)
  if (ending?.reason === 'CertificateExpired') return broken(ending.message, ending.renew, ending.reason)
  const but = (why: string, message: string, next: string | null) => ({
    healthy: true,
    reason: why,
    message: `everything is ready, but ${message}`,
    next,
  })
  if (renewed !== undefined) {
    const [message, next, why] = troubleWith(renewed, at, '')
    return but(why, message, next)
  }
  if (ending !== undefined) return but(ending.reason, ending.message, ending.renew)
  if (asleep !== undefined && lulled) return but('ScaledToZero', `${asleep.object} is scaled to none`, awake)
  const [bearable] = diagnoses
  if (bearable !== undefined) return but(bearable.reason, bearable.cause, nextOf(bearable))
  return {healthy: true, reason: null, message: 'everything is ready', next: null}
}

function reasonOf(anchor: Anchor): string {
  const [last] = anchor.history
  if (last?.outcome === 'failed' && last.message !== undefined) return `: ${last.message.split('\n')[0]}`
  const names = requestedBindings(anchor).map(([parameter]) => parameter)
  return names.length === 0 ? '' : `: it waits for ${names.join(', ')} (berth binding list -n ${anchor.ref.namespace})`
}

function troubleWith(
  {parameter, provider, state}: UseStatus,
  at: string,
  because: string,
): [message: string, next: string, reason: string] {
  const [namespace, name] = provider.replace(/^service /, '').split('/')
  const [binding] = [`its ${parameter} ${provider}`]
  if (state === 'stopped')
    return [`${binding} is stopped${because}`, `berth app start ${name} -n ${namespace}`, 'ProviderStopped']
  if (state === 'revoked')
    return [
      `${provider} has no record of it as a user (${parameter})${because}`,
      `berth binding refresh ${at.replace(' ', ` ${parameter} `)}   have it recorded, and made, again`,
      'ProviderRevoked',
    ]
  if (state === 'renewed')
    return [
      `${binding} has another certificate than it was told to trust${because}`,
      `berth binding refresh ${at.replace(' ', ` ${parameter} `)}   have it told`,
      'ProviderRenewed',
    ]
  return [
    `${binding} is gone${because}`,
    provider.startsWith('service ')
      ? `berth service add ${name} -n ${namespace}   register it again`
      : `berth app list -n ${namespace} --retained   whether its data was kept`,
    'ProviderGone',
  ]
}

/** What an unfinished operation does not keep anybody from doing. */
const afterThis = ({remedy: {run, say}}: Diagnosis): string => (run === undefined ? say : `${run} (${say})`)
