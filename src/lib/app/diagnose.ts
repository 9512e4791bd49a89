import {RemoteError, UserError} from '../errors.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {eventsOf, readLogs, refOf} from '../kube/index.ts'
import {objectId} from './identity.ts'
import type {Fault} from './ready.ts'

/** What is known about a fault: enough to mend it without another tool. */
export interface Diagnosis {
  object: string
  reason: string
  message: string
  container?: string
  /** Newest last. */
  events: string[]
  logs: string[]
}

const remedies: Record<string, string> = {
  ErrImagePull: 'check the name and tag of the image, and whether the nodes reach its registry',
  ImagePullBackOff: 'check the name and tag of the image, and whether the nodes reach its registry',
  InvalidImageName: 'the name of the image is malformed',
  CrashLoopBackOff: 'the last lines of its log say why it ends',
  CreateContainerConfigError: 'a Secret, ConfigMap or user that the container names is not there',
  Unschedulable: 'free room on the nodes, add one, or ask for less',
  FailedCreate: 'a quota or policy of the namespace is in the way',
}

/** Gathers the evidence around a fault: events of the object, the last lines of the failing container. */
export async function diagnose(kube: Kube, object: KubeObject, fault: Fault): Promise<UserError> {
  const [events, logs] = await Promise.all([lastEvents(kube, object), lastLogs(kube, object, fault)])
  const id = objectId(refOf(object))
  const diagnosis: Diagnosis = {
    object: id,
    reason: fault.reason,
    message: fault.message,
    ...(fault.container !== undefined && {container: fault.container}),
    events,
    logs,
  }
  const evidence = [
    ...events.slice(-2).map(line => `  event: ${line}`),
    ...logs.slice(-5).map(line => `  log: ${line}`),
  ]
  const remedy = remedies[fault.reason]
  return new UserError('operation.failed', {
    message: [`${id}: ${fault.reason}: ${fault.message}`, ...evidence].join('\n'),
    details: diagnosis,
    ...(remedy !== undefined && {hint: remedy}),
  })
}

async function lastEvents(kube: Kube, object: KubeObject): Promise<string[]> {
  try {
    const events = await eventsOf(kube, object)
    return events
      .filter(event => event.type === 'Warning')
      .slice(-5)
      .map(event => `${event.reason}: ${event.message}`)
  } catch (error) {
    return [unavailable('events', error)]
  }
}

async function lastLogs(kube: Kube, object: KubeObject, fault: Fault): Promise<string[]> {
  if (object.kind !== 'Pod' || fault.container === undefined || !['CrashLoopBackOff', 'Failed'].includes(fault.reason))
    return []
  const {namespace = '', name} = object.metadata
  const at = {namespace, pod: name, container: fault.container, tail: 20}
  try {
    const text = await readLogs(kube, {...at, previous: true}).catch(() => readLogs(kube, at))
    return text.split('\n').filter(line => line !== '')
  } catch (error) {
    return [unavailable('logs', error)]
  }
}

/** Evidence that cannot be had is no reason to hide the fault itself: the line says why it is missing. */
function unavailable(what: string, error: unknown): string {
  if (error instanceof RemoteError) return `(${what} cannot be read: ${error.message})`
  throw error
}
