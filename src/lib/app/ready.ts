import type {KubeObject} from '../kube/index.ts'
import {kindKey} from './identity.ts'

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
}

/** What a pod or workload cannot get over by waiting. */
export interface Fault {
  /** CamelCase, as in the object's own status: `ImagePullBackOff`, `Unschedulable`. */
  reason: string
  message: string
  /** How long it may last before it counts, in milliseconds: some pass by themselves. */
  grace: number
  container?: string
}

const conditionsOf = (object: KubeObject): Condition[] =>
  ((object.status ?? {}) as {conditions?: Condition[]}).conditions ?? []
const condition = (object: KubeObject, type: string): Condition | undefined =>
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
    case 'CustomResourceDefinition.apiextensions.k8s.io':
      return {ready: condition(object, 'Established')?.status === 'True', message: 'not established'}
    default: {
      // Custom resources by the conventions of the Kubernetes API: a Ready condition counts where there is one.
      const ready = condition(object, 'Ready') ?? condition(object, 'Available')
      return ready === undefined
        ? {ready: true, message: 'there'}
        : {ready: ready.status === 'True', message: ready.message ?? ready.reason ?? ready.type}
    }
  }
}

/** Has its pod template a container whose readiness nobody asks for? */
export function isUnprobed(object: KubeObject | undefined): boolean {
  const spec = (object?.spec ?? {}) as {template?: {spec?: {containers?: {readinessProbe?: unknown}[]}}}
  return spec.template?.spec?.containers?.some(({readinessProbe}) => readinessProbe === undefined) ?? false
}

interface ContainerStatus {
  name: string
  restartCount?: number
  state?: {waiting?: {reason?: string; message?: string}; terminated?: {exitCode: number; reason?: string}}
  lastState?: {terminated?: {exitCode: number; reason?: string}}
}

const seconds = 1000
/** A registry that says "there is no such image" will say so again; one that is out of breath may not. */
const permanentImageFault = /not found|does not exist|manifest unknown|unauthorized|denied|forbidden|invalid reference/i

/** Why a pod will not become ready, if it will not. */
export function podFault(pod: KubeObject): Fault | undefined {
  const status = (pod.status ?? {}) as {
    initContainerStatuses?: ContainerStatus[]
    containerStatuses?: ContainerStatus[]
    phase?: string
    reason?: string
    message?: string
  }
  for (const container of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
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
      const what =
        last === undefined
          ? message
          : `it ends with exit code ${last.exitCode}${last.reason === undefined ? '' : ` (${last.reason})`}`
      // An app may crash while its database comes up: three times is no coincidence.
      return {
        reason: waiting.reason,
        message: `${what}, ${container.restartCount ?? 0} restarts`,
        grace: (container.restartCount ?? 0) >= 3 ? 0 : 60 * seconds,
      }
    }
    default:
      return undefined
  }
}

/** Not ready yet: no fault by itself, but an earlier template's pod that stays so is in the way of the new one. */
export const unready = (pod: KubeObject): Fault | undefined =>
  condition(pod, 'Ready')?.status === 'True'
    ? undefined
    : {reason: 'NotReady', message: 'the pod is not ready', grace: 10 * seconds}

/** A Job that is done, or has given up, makes no pods any more. */
export const hasEnded = (object: KubeObject): boolean =>
  kindKey(object) === 'Job.batch' && ['Complete', 'Failed'].some(type => condition(object, type)?.status === 'True')

/** Why a workload cannot even make its pods, or has given up. */
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
  return undefined
}

/** A finalizer is what holds an object that is deleted: whoever put it there must take it away. */
export function describeLeft(object: KubeObject): string {
  const {finalizers = [], deletionTimestamp} = object.metadata
  const held = deletionTimestamp !== undefined && finalizers.length > 0 ? `, held by ${finalizers.join(', ')}` : ''
  return `${object.kind} ${object.metadata.name} to go${held}`
}
