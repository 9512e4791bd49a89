import {randomBytes} from 'node:crypto'
import {eventsOf} from './events.ts'
import type {Kube, KubeObject} from './types.ts'
import {watchObjects} from './watch.ts'
import {createObject, deleteObject} from './write.ts'

/** A pod of one container for as long as something is executed in it. */
export interface ShortPod {
  namespace: string
  /** What its name begins with. */
  prefix: string
  labels: Record<string, string>
  /** Image, environment, mounts: what it runs is waiting. */
  container: {image: string; [field: string]: unknown}
  volumes?: object[]
  /** The longest that it may be there. */
  seconds: number
  fieldManager: string
  signal: AbortSignal
}

/** Longer than a small image takes to come. */
const patience = 60_000

/**
 * Makes a pod without rights or root, hands its name to `work` (or why it does not run), and takes it away. It belongs to a Job that ends
 * and goes by itself, so that nothing is left where the caller is killed.
 */
export async function inShortPod<T>(kube: Kube, wanted: ShortPod, work: (found: Found) => Promise<T>): Promise<T> {
  const {fieldManager, signal} = wanted
  const job = await createObject(kube, jobFor(wanted), {fieldManager, signal})
  const {namespace = '', name} = job.metadata
  try {
    const found = await running(kube, job, AbortSignal.any([signal, AbortSignal.timeout(patience)]))
    signal.throwIfAborted()
    return await work(found)
  } finally {
    const ref = {apiVersion: 'batch/v1', kind: 'Job', namespace, name}
    // It goes by itself: what there is to tell is how the work went.
    await deleteObject(kube, ref, {propagation: 'Background', signal: AbortSignal.timeout(10_000)}).catch(() => false)
  }
}

/** With the container's name: a mesh may put another into the pod. */
type Found = {pod: string; container: string} | {why: string}

interface Told {
  reason?: string
  message?: string
}

interface Status {
  containerStatuses?: {name: string; state?: {waiting?: Told; running?: object; terminated?: Told}}[]
}

const containerName = 'wait'

async function running(kube: Kube, job: KubeObject, signal: AbortSignal): Promise<Found> {
  const {namespace = '', name} = job.metadata
  let waits: string | undefined
  const how = {namespace, labelSelector: `job-name=${name}`, signal}
  for await (const event of watchObjects(kube, {apiVersion: 'v1', kind: 'Pod'}, how)) {
    const pod = event.type === 'synced' ? event.objects[0] : event.object
    if (pod === undefined) continue
    const {containerStatuses = []} = (pod.status ?? {}) as Status
    const {waiting, running: runs, terminated} = containerStatuses.find(({name}) => name === containerName)?.state ?? {}
    if (runs !== undefined) return {pod: pod.metadata.name, container: containerName}
    const {reason = '', message} = waiting ?? terminated ?? {}
    waits = [reason, message].filter(Boolean).join(': ') || 'no node has taken it'
    // One that has ended already is of an image that cannot even wait.
    if (
      terminated !== undefined ||
      /^(ImagePullBackOff|ErrImagePull|InvalidImageName|CreateContainer\w*Error)$/.test(reason)
    )
      break
  }
  return {why: waits ?? (await eventsOf(kube, job)).at(-1)?.message ?? 'it was not made'}
}

function jobFor({namespace, prefix, labels, container, volumes = [], seconds}: ShortPod): KubeObject {
  const securityContext = {allowPrivilegeEscalation: false, capabilities: {drop: ['ALL']}}
  const resources = {requests: {cpu: '10m', memory: '16Mi'}, limits: {memory: '256Mi'}}
  const waiting = {name: containerName, command: ['sleep', String(seconds)], securityContext, resources}
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {name: `${prefix}-${randomBytes(4).toString('hex')}`, namespace, labels},
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: seconds,
      ttlSecondsAfterFinished: 0,
      template: {
        metadata: {labels},
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 0,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65534,
            runAsGroup: 65534,
            fsGroup: 65534,
            seccompProfile: {type: 'RuntimeDefault'},
          },
          containers: [{...waiting, ...container}],
          volumes,
        },
      },
    },
  }
}
