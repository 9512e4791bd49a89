import type {AppRef} from '../anchor/index.ts'
import {applySetId, label, memberSecretName} from '../anchor/index.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {findObject, shellWord} from '../kube/index.ts'
import {kindKey} from './identity.ts'

/** What to do about a fault. */
export interface Remedy {
  say: string
  /** As a command to paste, which holds whatever is going on. */
  run?: string
  /** Where it is a matter of answers: what `berth app config APP` is to be told. */
  config?: string
}

interface Case {
  reason: string
  message: string
  container?: string
}

const image: Remedy = {
  say: 'check the name and tag of the image, and whether the nodes reach its registry',
  config: '',
}
const known: Record<string, Remedy> = {
  ErrImagePull: image,
  ImagePullBackOff: image,
  ErrImageNeverPull: image,
  InvalidImageName: {say: 'the name of the image is malformed', config: ''},
  OOMKilled: {say: 'it needs more memory than its limit allows', config: ''},
}

/** The next step, as precisely as the cluster lets it be said. */
export async function remedyFor(kube: Kube, app: AppRef, object: KubeObject, found: Case): Promise<Remedy> {
  const {[found.reason]: remedy} = known
  if (remedy !== undefined) return remedy
  const at = `-n ${app.namespace}`
  const name = shellWord(object.metadata.name)
  switch (found.reason) {
    case 'Unschedulable':
      return /persistentvolumeclaim/i.test(found.message)
        ? {run: `kubectl describe pvc ${at}`, say: 'why its volume is not there'}
        : {run: 'kubectl describe nodes', say: 'free room on the nodes, add one, or ask for less'}
    case 'FailedCreate':
      return /quota/.test(found.message)
        ? {run: `kubectl describe resourcequota ${at}`, say: 'have the quota raised, or ask for less'}
        : {run: `kubectl get events ${at}`, say: 'a policy of the namespace is in the way'}
    case 'NoSpaceLeft':
      return moreRoom(kube, app, object, found)
    case 'NodeNotReady': {
      const node = shellWord((object.spec as PodSpec).nodeName ?? '')
      return {
        run: `kubectl describe node ${node}`,
        say: `bring it back; kubectl delete node ${node} if it is gone for good: then its pods start elsewhere`,
      }
    }
    case 'Terminating':
      return letGo(object, at)
  }
  const missing = missingSource(app, object, found.message)
  if (missing !== undefined) return missing
  if (object.kind !== 'Pod')
    return {run: `kubectl describe ${kindKey(object).toLowerCase()} ${name} ${at}`, say: 'all that is known of it'}
  const previous = found.reason === 'CrashLoopBackOff' || found.reason === 'Restarting' ? ' --previous' : ''
  return found.container === undefined
    ? {run: `kubectl describe pod ${name} ${at}`, say: 'all that is known of it'}
    : {run: `kubectl logs ${name} -c ${found.container}${previous} ${at}`, say: 'all that it said'}
}

interface PodSpec {
  nodeName?: string
  volumes?: {name: string; persistentVolumeClaim?: {claimName: string}}[]
  containers?: Container[]
  initContainers?: Container[]
}

interface Container {
  name: string
  volumeMounts?: {name: string}[]
  env?: {valueFrom?: Partial<Record<'secretKeyRef' | 'configMapKeyRef', {name?: string; key: string}>>}[]
}

const containersIn = ({initContainers = [], containers = []}: PodSpec): Container[] => [
  ...initContainers,
  ...containers,
]

/** What pods read that is not there, in the kubelet's words: of environments and of volumes. */
function missingSource(app: AppRef, pod: KubeObject, message: string): Remedy | undefined {
  const [, kind, absent] = /\b(secret|configmap) "([-.a-z0-9]+)" not found/i.exec(message) ?? []
  const [, key, within, lacking] =
    /couldn't find key ([-._a-zA-Z0-9]+) in (Secret|ConfigMap) [-a-z0-9]+\/([-.a-z0-9]+)/.exec(message) ?? []
  const name = absent ?? lacking
  if (name === undefined) return undefined
  const at = `-n ${app.namespace}`
  const resource = (kind ?? within ?? '').toLowerCase()
  if (name === memberSecretName(app.name)) return {say: 'have berth write it again', config: '--yes'}
  if (key !== undefined) return {run: `kubectl edit ${resource} ${name} ${at}`, say: `give it the key ${key}`}
  const asked = containersIn(pod.spec as PodSpec)
    .flatMap(({env = []}) =>
      env.flatMap(({valueFrom = {}}) => valueFrom.secretKeyRef ?? valueFrom.configMapKeyRef ?? []),
    )
    .find(each => each.name === name)
  const make = resource === 'secret' ? 'secret generic' : resource
  return {run: `kubectl create ${make} ${name} ${at} --from-file=${asked?.key ?? 'KEY'}=FILE`, say: 'make it'}
}

/** A volume parameter's claim is named after it, and takes a greater size; any other is its owner's. */
async function moreRoom(kube: Kube, app: AppRef, pod: KubeObject, {container}: Case): Promise<Remedy> {
  const spec = pod.spec as PodSpec
  const mounts = containersIn(spec).find(({name}) => name === container)?.volumeMounts ?? []
  const [claim] = (spec.volumes ?? []).flatMap(({name, persistentVolumeClaim}) =>
    persistentVolumeClaim !== undefined && mounts.some(mount => mount.name === name)
      ? [persistentVolumeClaim.claimName]
      : [],
  )
  if (claim === undefined) return {run: 'kubectl describe nodes', say: 'it has no volume: the disk of its node is full'}
  const live = await findObject(kube, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: app.namespace,
    name: claim,
  })
  const {storage} = (live?.spec as {resources?: {requests?: {storage?: string}}} | undefined)?.resources?.requests ?? {}
  const [, size, unit] = /^(\d+)([A-Za-z]*)$/.exec(storage ?? '') ?? []
  const parameter = claim.startsWith(`${app.name}-`) && live?.metadata.labels?.[label.partOf] === applySetId(app)
  return parameter && size !== undefined
    ? {
        say: `give ${claim} more room`,
        config: `--set ${claim.slice(app.name.length + 1)}.size=${Number(size) * 2}${unit}`,
      }
    : {run: `kubectl edit pvc ${shellWord(claim)} -n ${app.namespace}`, say: 'give it more room'}
}

/** Who put a finalizer there may be gone for good: then somebody else has to take it away, and to know what that loses. */
function letGo({apiVersion, kind, metadata}: KubeObject, at: string): Remedy {
  const object = `${kindKey({apiVersion, kind}).toLowerCase()} ${shellWord(metadata.name)} ${at}`
  if (metadata.finalizers?.every(name => name === 'kubernetes.io/pvc-protection'))
    return {run: `kubectl describe ${object}`, say: 'which pods use it'}
  return metadata.finalizers === undefined || metadata.finalizers.length === 0
    ? {run: `kubectl describe ${object}`, say: 'what it waits for'}
    : {
        run: `kubectl patch ${object} --type=merge -p '{"metadata":{"finalizers":null}}'`,
        say: 'only if what put the finalizer there is gone for good',
      }
}
