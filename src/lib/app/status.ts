import type {Anchor, AppRef, HistoryEntry, PackageRef, Phase} from '../anchor/index.ts'
import {changeOf, isSilent, label, readAnchor} from '../anchor/index.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {type CertificateStatus, certificatesOf} from './certificates.ts'
import type {Diagnosis} from './diagnose.ts'
import {readyBehind} from './endpoints.ts'
import {objectId} from './identity.ts'
import {installedForOf, relations, type User} from './inspect.ts'
import {judge, type LiveMember, readMembers, readPods} from './live.ts'
import {providerStates} from './provider-states.ts'
import {containersOf, readiness, stateOf} from './ready.ts'
import {
  diagnoseAll,
  type EndpointStatus,
  type ObjectStatus,
  type OperationStatus,
  type UseStatus,
  type Verdict,
  verdictOf,
} from './verdict.ts'

export interface PodStatus {
  name: string
  component: string | null
  node: string | null
  ready: boolean
  restarts: number
  /** `Running`, or why it does not. */
  state: string
  /** Of the container that ended last, if one did. */
  lastExit: {container: string; exitCode: number; reason: string | null; at: string | null} | null
  created: string | null
}

export interface AppStatus {
  app: AppRef
  phase: Phase
  verdict: Verdict
  /** What is wrong, the probable cause first. */
  diagnoses: Diagnosis[]
  package: PackageRef | null
  /** `namespace/name` of the app whose install brought it along. */
  installedFor: string | null
  revision: number
  operation: OperationStatus | null
  objects: ObjectStatus[]
  pods: PodStatus[]
  endpoints: Record<string, EndpointStatus>
  uses: UseStatus[]
  /** The next to end first. */
  certificates: CertificateStatus[]
  users: User[]
  /** The last changes, newest first. */
  history: HistoryEntry[]
}

/**
 * How an app stands: its objects, its pods, what it uses, and a verdict. One list a kind in parallel; events and logs only of what is wrong.
 * @throws UserError `app.not-found`, `app.corrupt`
 */
export async function appStatus(kube: Kube, ref: AppRef, signal: AbortSignal): Promise<AppStatus> {
  const [anchor, pods] = await Promise.all([readAnchor(kube, ref, signal), readPods(kube, ref, signal)])
  const revision = anchor.current ?? changeOf(anchor)?.target
  const {endpoints, uses, users} = relations(anchor)
  const bindings = revision?.bindings ?? {}
  const [operation, members, behind, states] = await Promise.all([
    describeOperation(kube, anchor),
    readMembers(kube, ref, revision?.inventory ?? [], signal),
    readyBehind(
      kube,
      ref.namespace,
      Object.keys(endpoints).map(name => `${ref.name}-${name}`),
      signal,
    ),
    providerStates(kube, ref, bindings, signal),
  ])
  const objects = members.map(describeObject)
  const diagnoses = await diagnoseAll(kube, {app: ref, bindings, signal}, members, pods)
  const status = {
    operation,
    objects,
    endpoints: Object.fromEntries(
      Object.entries(endpoints).map(([name, endpoint]) => [
        name,
        {...endpoint, ready: behind?.get(`${ref.name}-${name}`) ?? null},
      ]),
    ),
    uses: uses.map(use => ({...use, state: states.get(use.parameter) ?? 'unknown'})),
    certificates: certificatesOf(ref, revision, members),
  }
  return {
    app: ref,
    phase: anchor.phase,
    verdict: verdictOf(anchor, status, diagnoses),
    diagnoses,
    package: anchor.package ?? null,
    installedFor: installedForOf(anchor),
    revision: anchor.current?.number ?? 0,
    ...status,
    pods: pods.map(describePod),
    users,
    history: anchor.history.slice(0, 3),
  }
}

function describeObject(each: LiveMember): ObjectStatus {
  const created = typeof each.live === 'string' ? undefined : each.live.metadata.creationTimestamp
  return {object: objectId(each.member), ...judge(each.live), created: created ?? null}
}

async function describeOperation(kube: Kube, {ref, operation}: Anchor): Promise<OperationStatus | null> {
  if (operation === undefined) return null
  const {kind, step = null, holder, since} = operation
  return {kind, step, who: holder.who, since, silent: await isSilent(kube, ref, operation, new Date())}
}

function describePod(pod: KubeObject): PodStatus {
  const containers = containersOf(pod)
  const [last] = containers
    .flatMap(({name, state, lastState}) => {
      const ended = state?.terminated ?? lastState?.terminated
      return ended === undefined ? [] : [{container: name, ...ended, at: ended.finishedAt ?? null}]
    })
    .sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? 1 : -1))
  return {
    name: pod.metadata.name,
    component: pod.metadata.labels?.[label.component] ?? null,
    node: ((pod.spec ?? {}) as {nodeName?: string}).nodeName ?? null,
    ready: readiness(pod).ready,
    restarts: containers.reduce((sum, {restartCount = 0}) => sum + restartCount, 0),
    state: stateOf(pod),
    lastExit:
      last === undefined
        ? null
        : {container: last.container, exitCode: last.exitCode, reason: last.reason ?? null, at: last.at},
    created: pod.metadata.creationTimestamp ?? null,
  }
}
