import type {Kube, KubeObject} from '../kube/index.ts'
import {findObject, ifAllowed} from '../kube/index.ts'
import {mountedBy, type PodSpec} from './pod-spec.ts'
import {type Fault, isCutOff, nodeFault} from './ready.ts'

/** A node that restarts is back by then. In milliseconds. */
export const patience = 60_000

/**
 * Those of the pods whose node does not answer: a pod keeps the state that its node last told of it. The fault says what follows; its grace is
 * endless where another pod takes the place.
 */
export async function lostPods(kube: Kube, pods: KubeObject[], signal?: AbortSignal): Promise<Map<KubeObject, Fault>> {
  const found = [...Map.groupBy(pods, ({spec}) => (spec as PodSpec).nodeName)].map(async ([node, on]) => {
    const why = node === undefined ? undefined : await wrongWith(kube, node, on, signal)
    if (why === undefined) return []
    return Promise.all(
      on.map(async pod => {
        const {after, grace} = await fateOf(kube, pod, signal)
        return [pod, {reason: 'NodeNotReady', message: `${why}${after}`, grace}] as const
      }),
    )
  })
  return new Map((await Promise.all(found)).flat())
}

async function wrongWith(
  kube: Kube,
  name: string,
  on: KubeObject[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const ask = async () => {
    const node = await findObject(kube, {apiVersion: 'v1', kind: 'Node', name}, {signal})
    return {fault: node === undefined ? `its node ${name} is gone` : nodeFault(node)}
  }
  const asked = await ifAllowed(ask())
  // Who may not look at nodes sees what the cluster made of it.
  return asked === undefined ? (on.some(isCutOff) ? `its node ${name} does not answer` : undefined) : asked.fault
}

/** What becomes of a pod whose node does not answer: nobody knows whether it still runs, so what may run once only is not made again. */
async function fateOf(kube: Kube, pod: KubeObject, signal?: AbortSignal): Promise<{after: string; grace: number}> {
  const volume = await boundTo(kube, pod, signal)
  if (volume !== undefined) return {after: `; its volume ${volume} is there and nowhere else`, grace: patience}
  const {kind} = pod.metadata.ownerReferences?.find(({controller}) => controller === true) ?? {}
  if (kind === 'StatefulSet') return {after: '; another comes only once it is known to be gone', grace: patience}
  if (kind === undefined || kind === 'DaemonSet') return {after: '', grace: patience}
  if (pod.metadata.deletionTimestamp !== undefined) return {after: '', grace: Number.POSITIVE_INFINITY}
  const seconds = tolerated(pod.spec as PodSpec)
  return seconds === undefined
    ? {after: '', grace: patience}
    : {after: `; another takes its place after ${seconds} s`, grace: Number.POSITIVE_INFINITY}
}

/** How long it may stay on a node that does not answer, in seconds; undefined: for ever. */
function tolerated({tolerations = []}: PodSpec): number | undefined {
  const mine = tolerations.filter(
    ({key = 'node.kubernetes.io/unreachable', effect = 'NoExecute'}) =>
      key === 'node.kubernetes.io/unreachable' && effect === 'NoExecute',
  )
  const ends = mine.flatMap(({tolerationSeconds}) => tolerationSeconds ?? [])
  return mine.length === 0 ? 0 : ends.length === 0 ? undefined : Math.min(...ends)
}

/** The claim of a volume that is of one node, if it has one and we may look. */
async function boundTo(kube: Kube, {metadata, spec}: KubeObject, signal?: AbortSignal): Promise<string | undefined> {
  const {namespace = ''} = metadata
  const specOf = async (kind: string, name: string) =>
    ((await findObject(kube, {apiVersion: 'v1', kind, namespace, name}, {signal}))?.spec ?? {}) as {
      volumeName?: string
      nodeAffinity?: object
    }
  const isLocal = async (claim: string) => {
    const {volumeName} = await specOf('PersistentVolumeClaim', claim)
    const {nodeAffinity} = volumeName === undefined ? {} : await specOf('PersistentVolume', volumeName)
    return JSON.stringify(nodeAffinity ?? {}).includes('"kubernetes.io/hostname"')
  }
  for (const {kind, name} of mountedBy(spec as PodSpec))
    if (kind === 'PersistentVolumeClaim' && (await ifAllowed(isLocal(name)))) return name
  return undefined
}
