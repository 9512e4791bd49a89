import type {
  Anchor,
  AppRef,
  Binding,
  HistoryEntry,
  Operation,
  PackageRef,
  Phase,
  ProvidedEndpoint,
} from '../anchor/index.ts'
import {changeOf, findAnchor, formatRef, label, readAnchor} from '../anchor/index.ts'
import {requestedBindings, retainedGrants, usersOf} from '../binding/index.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {findObject, listObjects} from '../kube/index.ts'
import type {Answers} from '../params/index.ts'
import {objectId} from './identity.ts'
import type {Fault} from './ready.ts'
import {podFault, readiness, workloadFault} from './ready.ts'

export interface ObjectStatus {
  object: string
  ready: boolean
  message: string
  /** RFC 3339. */
  created: string | null
}

export interface PodStatus {
  name: string
  component: string | null
  node: string | null
  ready: boolean
  restarts: number
  /** `Running`, or why it does not. */
  state: string
  created: string | null
}

export interface Use {
  parameter: string
  interface: string
  provider: string
}

export interface User {
  app: string
  parameter: string
  interface: string
}

export interface AppStatus {
  app: AppRef
  phase: Phase
  /** One line: how it stands, why, and what to do. */
  verdict: {healthy: boolean; message: string; next: string | null}
  package: PackageRef | null
  /** `namespace/name` of the app whose install brought it along. */
  installedFor: string | null
  revision: number
  operation: {kind: string; step: string | null; who: string; since: string} | null
  objects: ObjectStatus[]
  pods: PodStatus[]
  endpoints: Record<string, ProvidedEndpoint>
  uses: Use[]
  users: User[]
}

/** How an app stands: its objects, its pods, and a verdict. @throws UserError `app.not-found`, `app.corrupt` */
export async function appStatus(kube: Kube, ref: AppRef, signal: AbortSignal): Promise<AppStatus> {
  const anchor = await readAnchor(kube, ref, signal)
  const revision = anchor.current ?? changeOf(anchor)?.target
  const members = revision?.inventory ?? []
  const [lives, pods] = await Promise.all([
    Promise.all(members.map(async member => ({member, live: await findObject(kube, member, {signal})}))),
    listObjects(
      kube,
      {apiVersion: 'v1', kind: 'Pod'},
      {namespace: ref.namespace, labelSelector: `${label.instance}=${ref.name}`, signal},
    ),
  ])
  const objects = lives.map(({member, live}): ObjectStatus => {
    if (live === undefined) return {object: objectId(member), ready: false, message: 'is gone', created: null}
    const typed = {...live, apiVersion: member.apiVersion, kind: member.kind}
    return {object: objectId(member), ...judge(typed), created: live.metadata.creationTimestamp ?? null}
  })
  const faults = [
    ...pods.items.flatMap(pod => withFault(`Pod ${pod.metadata.name}`, podFault(pod))),
    ...lives.flatMap(({member, live}) =>
      live === undefined
        ? []
        : withFault(
            `${member.kind} ${member.name}`,
            workloadFault({...live, apiVersion: member.apiVersion, kind: member.kind}),
          ),
    ),
  ]
  return {
    app: ref,
    phase: anchor.phase,
    verdict: verdictOf(anchor, objects, faults),
    package: anchor.package ?? null,
    installedFor: installedForOf(anchor),
    revision: anchor.current?.number ?? 0,
    operation: describeOperation(anchor.operation),
    objects,
    pods: pods.items.map(describePod),
    ...relations(anchor),
  }
}

const installedForOf = ({installedFor}: Anchor): string | null =>
  installedFor === undefined ? null : formatRef(installedFor)

const withFault = (object: string, fault: Fault | undefined): {object: string; fault: Fault}[] =>
  fault === undefined ? [] : [{object, fault}]

/** A claim that waits for its first pod is as it should be; a Deployment that is going away is not. */
function judge(live: KubeObject): {ready: boolean; message: string} {
  if (live.metadata.deletionTimestamp !== undefined) return {ready: false, message: 'is being deleted'}
  return readiness(live)
}

function verdictOf(
  anchor: Anchor,
  objects: ObjectStatus[],
  faults: {object: string; fault: Fault}[],
): AppStatus['verdict'] {
  const at = `${anchor.ref.name} -n ${anchor.ref.namespace}`
  const [worst] = faults
  const because = worst === undefined ? '' : `: ${worst.object}: ${worst.fault.reason}: ${worst.fault.message}`
  if (anchor.operation !== undefined)
    return {
      healthy: false,
      message: `${anchor.operation.kind} is running${anchor.operation.step === undefined ? '' : `, at: ${anchor.operation.step}`}${because}`,
      next: null,
    }
  if (anchor.pending !== undefined)
    return {
      healthy: false,
      message: `its ${anchor.pending.kind} is not finished${because || reasonOf(anchor)}`,
      next: `berth app resume ${at}`,
    }
  if (anchor.desired === 'stopped') return {healthy: true, message: 'it is stopped', next: `berth app start ${at}`}
  const broken = objects.filter(({ready}) => !ready)
  if (broken.length === 0 && faults.length === 0) return {healthy: true, message: 'everything is ready', next: null}
  if (worst !== undefined) return {healthy: false, message: because.slice(2), next: `berth app status ${at} -v`}
  return {healthy: false, message: broken.map(({object, message}) => `${object}: ${message}`).join('; '), next: null}
}

function reasonOf(anchor: Anchor): string {
  const [last] = anchor.history
  if (last?.outcome === 'failed' && last.message !== undefined) return `: ${last.message.split('\n')[0]}`
  const names = requestedBindings(anchor).map(([parameter]) => parameter)
  return names.length === 0 ? '' : `: it waits for ${names.join(', ')} (berth binding list -n ${anchor.ref.namespace})`
}

const describeOperation = (operation: Operation | undefined): AppStatus['operation'] =>
  operation === undefined
    ? null
    : {kind: operation.kind, step: operation.step ?? null, who: operation.holder.who, since: operation.since}

function describePod(pod: KubeObject): PodStatus {
  const status = (pod.status ?? {}) as {phase?: string; containerStatuses?: {restartCount?: number}[]}
  const fault = podFault(pod)
  return {
    name: pod.metadata.name,
    component: pod.metadata.labels?.[label.component] ?? null,
    node: ((pod.spec ?? {}) as {nodeName?: string}).nodeName ?? null,
    ready: readiness({...pod, apiVersion: 'v1', kind: 'Pod'}).ready,
    restarts: (status.containerStatuses ?? []).reduce((sum, {restartCount = 0}) => sum + restartCount, 0),
    state: pod.metadata.deletionTimestamp !== undefined ? 'Terminating' : (fault?.reason ?? status.phase ?? 'Pending'),
    created: pod.metadata.creationTimestamp ?? null,
  }
}

const nameOf = (provider: Binding['provider']): string => {
  if ('app' in provider) return formatRef(provider.app)
  return 'service' in provider ? `service ${formatRef(provider.service)}` : 'given address'
}

function relations(anchor: Anchor): Pick<AppStatus, 'endpoints' | 'uses' | 'users'> {
  return {
    endpoints: anchor.current?.provides ?? {},
    uses: Object.entries(anchor.current?.bindings ?? {}).map(([parameter, binding]) => ({
      parameter,
      interface: binding.interface,
      provider: nameOf(binding.provider),
    })),
    users: usersOf(anchor).map(grant => ({
      app: formatRef(grant.consumer),
      parameter: grant.parameter,
      interface: grant.interface,
    })),
  }
}

/** The app's anchor, if there is an app. @throws UserError `app.corrupt` */
export const findApp = ({kube, signal}: {kube: Kube; signal: AbortSignal}, ref: AppRef): Promise<Anchor | undefined> =>
  findAnchor(kube, ref, signal)

export interface AppShow {
  app: AppRef
  phase: Phase
  owner: string | null
  created: string
  package: PackageRef | null
  /** `namespace/name` of the app whose install brought it along. */
  installedFor: string | null
  revision: number
  answers: Answers
  /** Rules for fields that are left to others. */
  ignore: string[]
  endpoints: Record<string, ProvidedEndpoint>
  uses: Use[]
  users: User[]
  /** Apps that are gone, and whose data this one still keeps. */
  keptFor: string[]
  history: HistoryEntry[]
}

/** What an app is: package, answers, endpoints, who uses what. @throws UserError `app.not-found`, `app.corrupt` */
export async function showApp(kube: Kube, ref: AppRef, signal: AbortSignal): Promise<AppShow> {
  const anchor = await readAnchor(kube, ref, signal)
  const {phase, owner, created, history, current} = anchor
  const revision = current ?? changeOf(anchor)?.target
  return {
    app: ref,
    phase,
    owner: owner ?? null,
    created,
    package: anchor.package ?? null,
    installedFor: installedForOf(anchor),
    revision: current?.number ?? 0,
    answers: revision?.answers ?? {},
    ignore: revision?.ignore ?? [],
    ...relations(anchor),
    keptFor: retainedGrants(anchor).map(grant => `${formatRef(grant.consumer)} (${grant.parameter})`),
    history,
  }
}
