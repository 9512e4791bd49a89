import type {KubeObject} from '../kube/index.ts'
import {isIssued, kindKey} from './identity.ts'

/** Whether an object does what it was made for, and what it still lacks. */
export interface Readiness {
  ready: boolean
  /** `2 of 3 pods are ready` */
  message: string
}

interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
  observedGeneration?: number
}

/** What a pod or workload cannot get over by waiting. */
export interface Fault {
  /** CamelCase, as in the object's own status: `ImagePullBackOff`, `Unschedulable`. */
  reason: string
  message: string
  /** How long it may last before it counts, in milliseconds: some pass by themselves. */
  grace: number
  container?: string
  /** Nothing is wrong unless a Warning of one of these reasons says so: its words are the message. */
  shownBy?: string[]
  /** The app is well all the same, so far. */
  bearable?: true
}

const conditionsOf = (object: KubeObject): Condition[] =>
  ((object.status ?? {}) as {conditions?: Condition[]}).conditions ?? []
/** What an object says of itself under one heading. */
export const condition = (object: KubeObject, type: string): Condition | undefined =>
  conditionsOf(object).find(each => each.type === type)

const number = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** Has the controller seen the newest spec? Before that, its status speaks of the old one. */
export const observed = (object: KubeObject): boolean => {
  const seen = (object.status as {observedGeneration?: number} | undefined)?.observedGeneration
  return number(seen) >= number(object.metadata.generation)
}

/** Judges one object by its kind's own status; what has none is ready once it is there. */
export function readiness(object: KubeObject): Readiness {
  const spec = (object.spec ?? {}) as Record<string, unknown>
  const status = (object.status ?? {}) as Record<string, unknown>
  switch (kindKey(object)) {
    case 'Deployment.apps':
    case 'StatefulSet.apps': {
      const wanted = spec.replicas === undefined ? 1 : number(spec.replicas)
      if (!observed(object)) return {ready: false, message: 'its controller has not seen it'}
      const updated = number(status.updatedReplicas)
      const ready =
        kindKey(object) === 'Deployment.apps' ? number(status.availableReplicas) : number(status.readyReplicas)
      const old = number(status.replicas) - updated
      if (updated < wanted) return {ready: false, message: `${updated} of ${wanted} pods are made`}
      if (old > 0) return {ready: false, message: `${old} old pods are still there`}
      return {ready: ready >= wanted, message: `${ready} of ${wanted} pods are ready`}
    }
    case 'DaemonSet.apps': {
      const wanted = number(status.desiredNumberScheduled)
      const ready = Math.min(number(status.numberAvailable), number(status.updatedNumberScheduled))
      return {ready: observed(object) && ready >= wanted, message: `${ready} of ${wanted} pods are ready`}
    }
    case 'Job.batch': {
      const done = condition(object, 'Complete')?.status === 'True'
      return {ready: done, message: done ? 'complete' : 'running'}
    }
    case 'Pod':
      return {ready: condition(object, 'Ready')?.status === 'True', message: String(status.phase ?? 'pending')}
    case 'PersistentVolumeClaim':
      return {ready: status.phase === 'Bound', message: String(status.phase ?? 'pending')}
    case 'HorizontalPodAutoscaler.autoscaling':
      return {ready: true, message: unmeasured(object)?.reason ?? 'there'}
    case 'CustomResourceDefinition.apiextensions.k8s.io':
      return {ready: condition(object, 'Established')?.status === 'True', message: 'not established'}
    default: {
      // Custom resources by the conventions of the Kubernetes API: a Ready condition counts where there is one.
      const ready = condition(object, 'Ready') ?? condition(object, 'Available')
      const unseen = {ready: false, message: 'its controller has not seen it'}
      if (ready === undefined) return isIssued(object) ? unseen : {ready: true, message: 'there'}
      const {observedGeneration: seen = Number.POSITIVE_INFINITY} = ready
      return seen < number(object.metadata.generation)
        ? unseen
        : {ready: ready.status === 'True', message: ready.message ?? ready.reason ?? ready.type}
    }
  }
}

/** Has its pod template a container whose readiness nobody asks for? */
export function isUnprobed(object: KubeObject | undefined): boolean {
  const spec = (object?.spec ?? {}) as {template?: {spec?: {containers?: {readinessProbe?: unknown}[]}}}
  return spec.template?.spec?.containers?.some(({readinessProbe}) => readinessProbe === undefined) ?? false
}

interface Terminated {
  exitCode: number
  reason?: string
  finishedAt?: string
}

interface ContainerStatus {
  name: string
  ready?: boolean
  restartCount?: number
  state?: {waiting?: {reason?: string; message?: string}; running?: object; terminated?: Terminated}
  lastState?: {terminated?: Terminated}
}

/** The containers that a pod's status tells of, those that prepare it first. */
export function containersOf(pod: KubeObject): ContainerStatus[] {
  const {initContainerStatuses = [], containerStatuses = []} = (pod.status ?? {}) as Record<string, ContainerStatus[]>
  return [...initContainerStatuses, ...containerStatuses]
}

/** How a container ended the last time: `it ends with exit code 137 (OOMKilled), 3 restarts`. */
const endsWith = ({exitCode, reason}: Terminated, restarts: number): string =>
  `it ends with exit code ${exitCode}${reason === undefined ? '' : ` (${reason})`}, ${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`

const seconds = 1000
/** A registry that says "there is no such image" will say so again; one that is out of breath may not. */
const permanentImageFault = /not found|does not exist|manifest unknown|unauthorized|denied|forbidden|invalid reference/i

/** Why a pod will not become ready, if it will not. */
export function podFault(pod: KubeObject): Fault | undefined {
  const status = (pod.status ?? {}) as {phase?: string; reason?: string; message?: string}
  for (const container of containersOf(pod)) {
    const fault = containerFault(container)
    if (fault !== undefined) return {...fault, container: container.name}
  }
  // A Job makes another pod, and says itself when it has given up.
  const retried = pod.metadata.ownerReferences?.some(({kind}) => kind === 'Job') === true
  if (status.phase === 'Failed' && !retried)
    return {reason: status.reason ?? 'Failed', message: status.message ?? 'the pod failed', grace: 0}
  const scheduled = condition(pod, 'PodScheduled')
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable')
    // An autoscaler may bring a node, a volume may still be provisioned.
    return {reason: 'Unschedulable', message: scheduled.message ?? 'no node can take it', grace: 30 * seconds}
  return undefined
}

function containerFault(container: ContainerStatus): Fault | undefined {
  const waiting = container.state?.waiting
  if (waiting?.reason === undefined) return undefined
  const message = waiting.message ?? waiting.reason
  switch (waiting.reason) {
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
      return {reason: waiting.reason, message, grace: 0}
    case 'ErrImagePull':
    case 'ImagePullBackOff':
      return {reason: waiting.reason, message, grace: permanentImageFault.test(message) ? 0 : 45 * seconds}
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
    case 'RunContainerError':
      return {reason: waiting.reason, message, grace: 10 * seconds}
    case 'CrashLoopBackOff': {
      const last = container.lastState?.terminated
      const restarts = container.restartCount ?? 0
      // An app may crash while its database comes up: three times is no coincidence.
      return {
        reason: waiting.reason,
        message: last === undefined ? message : endsWith(last, restarts),
        grace: restarts >= 3 ? 0 : 60 * seconds,
      }
    }
    default:
      return undefined
  }
}

/** `Running`, or why a pod does not. */
export const stateOf = (pod: KubeObject): string =>
  pod.metadata.deletionTimestamp !== undefined
    ? 'Terminating'
    : (podFault(pod)?.reason ??
      (isCutOff(pod) ? 'NodeNotReady' : String((pod.status as {phase?: string} | undefined)?.phase ?? 'Pending')))

/**
 * What keeps a pod from being ready that it may still get over, or that only its events tell. No wait ends by it; what asks why a pod is not
 * ready does.
 */
export function podSuspicion(pod: KubeObject): Fault | undefined {
  const never = {grace: Number.POSITIVE_INFINITY}
  const containers = containersOf(pod)
  for (const {name, ready, state, lastState, restartCount = 0} of containers) {
    const last = state?.terminated ?? (state?.running && !ready ? lastState?.terminated : undefined)
    if (last !== undefined && last.exitCode !== 0)
      return {
        // Between two waits of the back-off it is the same trouble still, or the verdict would go to and fro.
        reason: restartCount >= 2 ? 'CrashLoopBackOff' : 'Restarting',
        message: endsWith(last, restartCount),
        container: name,
        ...never,
      }
  }
  const unready = containers.find(({state, ready}) => state?.running && !ready)
  if (unready !== undefined)
    return {reason: 'Unhealthy', message: '', container: unready.name, shownBy: ['Unhealthy'], ...never}
  if (pod.metadata.deletionTimestamp !== undefined || (pod.status as {phase?: string})?.phase !== 'Pending')
    return undefined
  const shownBy = ['FailedMount', 'FailedAttachVolume', 'FailedMapVolume', 'FailedCreatePodSandBox']
  return {reason: 'ContainerCreating', message: '', shownBy, ...never}
}

/** Not ready yet: no fault by itself, but an earlier template's pod that stays so is in the way of the new one. */
export const unready = (pod: KubeObject): Fault | undefined =>
  condition(pod, 'Ready')?.status === 'True'
    ? undefined
    : {reason: 'NotReady', message: 'the pod is not ready', grace: 10 * seconds}

/** A Job that is done, or has given up, makes no pods any more. */
export const hasEnded = (object: KubeObject): boolean =>
  kindKey(object) === 'Job.batch' && ['Complete', 'Failed'].some(type => condition(object, type)?.status === 'True')

/** Why an object does not come up, or go: a workload that cannot even make its pods or has given up, what is deleted and held. */
export function workloadFault(object: KubeObject): Fault | undefined {
  const failure = condition(object, 'ReplicaFailure')
  if (failure?.status === 'True' && observed(object))
    return {
      reason: failure.reason ?? 'ReplicaFailure',
      message: failure.message ?? 'its pods cannot be made',
      grace: 3 * seconds,
    }
  const failed = kindKey(object) === 'Job.batch' ? condition(object, 'Failed') : undefined
  if (failed?.status === 'True')
    return {reason: failed.reason ?? 'Failed', message: failed.message ?? 'the job failed', grace: 0}
  // A Deployment says it in a condition, these by Events only: their controllers make the next pod at once, where they can.
  if (observed(object) && lacksPods(object))
    return {reason: 'FailedCreate', message: '', grace: 10 * seconds, shownBy: ['FailedCreate']}
  if (isIssued(object) && !readiness(object).ready) {
    const issuing: Partial<Condition> = condition(object, 'Issuing') ?? {}
    const {status, reason, message = readiness(object).message, observedGeneration: seen} = issuing
    // Tried again after an hour, and later each time; of a Certificate that has been changed since, at once.
    const stale = seen !== undefined && seen < number(object.metadata.generation)
    const gaveUp = status === 'False' && reason === 'Failed' && !stale
    return {reason: gaveUp ? 'Failed' : 'NotIssued', message, grace: gaveUp ? 0 : Number.POSITIVE_INFINITY}
  }
  if (kindKey(object) === 'PersistentVolumeClaim' && !readiness(object).ready)
    return {
      reason: 'Pending',
      message: '',
      grace: Number.POSITIVE_INFINITY,
      shownBy: ['ProvisioningFailed', 'FailedBinding'],
    }
  return kindKey(object) === 'HorizontalPodAutoscaler.autoscaling' ? unmeasured(object) : undefined
}

/** An autoscaler that can measure nothing: the app goes on with the pods that it has. At no pods it rests. */
function unmeasured(object: KubeObject): Fault | undefined {
  const {status, reason = 'ScalingInactive', message = ''} = condition(object, 'ScalingActive') ?? {}
  if (status !== 'False' || reason === 'ScalingDisabled') return undefined
  const why = message.replace(/^the HPA was unable to compute the replica count: /, '')
  return {
    reason,
    message: `it cannot measure, so the count stays: ${why}`,
    grace: Number.POSITIVE_INFINITY,
    bearable: true,
  }
}

/** Fewer than are wanted, though none that is there is in the way of the next. */
function lacksPods(object: KubeObject): boolean {
  const {replicas: wanted = 1} = (object.spec ?? {}) as {replicas?: number}
  const status = (object.status ?? {}) as Record<string, unknown>
  if (kindKey(object) === 'StatefulSet.apps')
    return number(status.replicas) < wanted && number(status.readyReplicas) === number(status.replicas)
  return (
    kindKey(object) === 'DaemonSet.apps' &&
    number(status.currentNumberScheduled) < number(status.desiredNumberScheduled)
  )
}

/** It has come to its end, as what a Job makes does. */
export const isOver = ({status}: KubeObject): boolean =>
  /^(Succeeded|Failed)$/.test((status as {phase?: string} | undefined)?.phase ?? '')

/** Its containers were ready, and then its node fell silent: the cluster says so on its behalf. */
export const isCutOff = (pod: KubeObject): boolean =>
  condition(pod, 'Ready')?.status === 'False' &&
  condition(pod, 'ContainersReady')?.status === 'True' &&
  (pod.spec as {readinessGates?: object[]}).readinessGates === undefined

/** A node that its kubelet says nothing of any more, or that says of itself that it is not well. */
export function nodeFault(node: KubeObject): string | undefined {
  const ready = condition(node, 'Ready')
  if (ready === undefined || ready.status === 'True') return undefined
  return `its node ${node.metadata.name} ${ready.status === 'Unknown' ? 'does not answer' : 'is not ready'}${ready.message === undefined ? '' : `: ${ready.message.replace(/\.$/, '')}`}`
}

const holders: Record<string, string> = {
  'kubernetes.io/pvc-protection': 'a pod uses it',
  foregroundDeletion: 'what it owns goes first',
}

/** A finalizer is what holds an object that is deleted: whoever put it there must take it away. Undefined where none does. */
export function heldBy({metadata}: KubeObject): string | undefined {
  const {finalizers = [], deletionTimestamp, managedFields = []} = metadata
  if (deletionTimestamp === undefined || finalizers.length === 0) return undefined
  const who = (finalizer: string) =>
    managedFields.find(({fieldsV1}) => {
      const {'f:finalizers': owned} = (fieldsV1?.['f:metadata'] ?? {}) as {'f:finalizers'?: object}
      return owned !== undefined && Object.hasOwn(owned, `v:"${finalizer}"`)
    })?.manager
  return finalizers
    .map(name => {
      const why = holders[name] ?? (who(name) === undefined ? undefined : `put there by ${who(name)}`)
      return `the finalizer ${name}${why === undefined ? '' : ` (${why})`}`
    })
    .join(' and ')
}

/** What a removal waits for. */
export function describeLeft(object: KubeObject): string {
  const holder = heldBy(object)
  return `${object.kind} ${object.metadata.name} to go${holder === undefined ? '' : `, held by ${holder}`}`
}
