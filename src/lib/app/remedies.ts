import type {AppRef} from '../anchor/index.ts'
import {applySetId, label, memberSecretName} from '../anchor/index.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {findObject, shellWord} from '../kube/index.ts'
import {isIssued, kindKey} from './identity.ts'
import {mountedBy, type PodSpec, readBy} from './pod-spec.ts'

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

/** The next step, as precisely as the cluster lets it be said. */
export async function remedyFor(kube: Kube, app: AppRef, object: KubeObject, found: Case): Promise<Remedy> {
  const {reason, message, container} = found
  const at = `-n ${app.namespace}`
  const it = `${kindKey(object).toLowerCase()} ${shellWord(object.metadata.name)} ${at}`
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'ErrImageNeverPull':
      return {config: '', say: 'check the name and tag of the image, and whether the nodes reach its registry'}
    case 'InvalidImageName':
      return {config: '', say: 'the name of the image is malformed'}
    case 'Failed':
      if (isIssued(object))
        return {
          run: `kubectl delete ${it}`,
          say: 'once its issuer is mended: cert-manager waits an hour before it tries again, and resume asks anew',
        }
      return {say: 'the last lines of its log say why'}
    case 'OOMKilled':
      return {config: '', say: 'it needs more memory than its limit allows'}
    case 'NoSpaceLeft':
      return moreRoom(kube, app, object.spec as PodSpec, container)
    case 'Unschedulable':
      if (/volume('s)? node affinity/i.test(message))
        return {
          run: 'kubectl get nodes',
          say: 'its volume is of a node that takes no pods: bring it back, or uncordon it',
        }
      return /persistentvolumeclaim/i.test(message)
        ? {run: `kubectl describe pvc ${at}`, say: 'why its volume is not there'}
        : {run: 'kubectl describe nodes', say: 'free room on the nodes, add one, or ask for less'}
    case 'FailedCreate':
      return /quota/.test(message)
        ? {run: `kubectl describe resourcequota ${at}`, say: 'have the quota raised, or ask for less'}
        : {run: `kubectl describe ${it}`, say: 'a policy of the namespace is in the way'}
    case 'NodeNotReady': {
      const node = shellWord((object.spec as PodSpec).nodeName ?? '')
      const gone = /nowhere else/.test(message)
        ? 'without it its data is lost'
        : `kubectl delete node ${node} if it is gone for good: then its pods start elsewhere`
      return {run: `kubectl describe node ${node}`, say: `bring it back; ${gone}`}
    }
    case 'FailedGetResourceMetric':
    case 'FailedGetPodsMetric':
    case 'FailedGetObjectMetric':
    case 'FailedGetExternalMetric':
      return {
        run: 'kubectl get apiservices',
        say: 'whether metrics are served: metrics.k8s.io, or what their adapter serves; new pods have some after a minute',
      }
    case 'Terminating':
      return object.metadata.finalizers?.every(name => name === 'kubernetes.io/pvc-protection')
        ? {run: `kubectl describe ${it}`, say: 'which pods use it'}
        : {
            run: `kubectl patch ${it} --type=merge -p '{"metadata":{"finalizers":null}}'`,
            say: 'only if what put the finalizer there is gone for good',
          }
  }
  const again = reason === 'CrashLoopBackOff' || reason === 'Restarting' ? ' --previous' : ''
  const log = `kubectl logs ${shellWord(object.metadata.name)} -c ${container}${again} ${at}`
  return (
    missingSource(app, object, message) ??
    (container === undefined
      ? {run: `kubectl describe ${it}`, say: 'its conditions and events'}
      : {run: log, say: 'all that it said'})
  )
}

/** What pods read that is not there, in the kubelet's words: of environments and of volumes. */
function missingSource(app: AppRef, pod: KubeObject, message: string): Remedy | undefined {
  const [, kind, absent] = /\b(secret|configmap) "([-.a-z0-9]+)" not found/i.exec(message) ?? []
  const [, key, within, lacking] =
    /couldn't find key ([-._a-zA-Z0-9]+) in (Secret|ConfigMap) [-a-z0-9]+\/([-.a-z0-9]+)/.exec(message) ?? []
  const name = absent ?? lacking
  if (name === undefined) return undefined
  if (name === memberSecretName(app.name)) return {config: '--yes', say: 'have berth write it again'}
  const at = `${name} -n ${app.namespace}`
  const resource = (kind ?? within ?? '').toLowerCase()
  if (key !== undefined) return {run: `kubectl edit ${resource} ${at}`, say: `give it the key ${key}`}
  const {key: asked = 'KEY'} = readBy(pod.spec as PodSpec).find(source => source.name === name) ?? {}
  const make = resource === 'secret' ? 'secret generic' : resource
  return {run: `kubectl create ${make} ${at} --from-file=${asked}=FILE`, say: 'make it'}
}

/** A volume parameter's claim is named after it, and takes a greater size; any other is its owner's. */
async function moreRoom(kube: Kube, app: AppRef, spec: PodSpec, container: string | undefined): Promise<Remedy> {
  const {namespace, name: prefix} = app
  const claim = mountedBy(spec, container).find(({kind}) => kind === 'PersistentVolumeClaim')
  if (claim === undefined) return {run: 'kubectl describe nodes', say: 'it has no volume: the disk of its node is full'}
  const live = await findObject(kube, {apiVersion: 'v1', kind: claim.kind, namespace, name: claim.name})
  const {resources} = (live?.spec ?? {}) as {resources?: {requests?: {storage?: string}}}
  const [, size, unit] = /^(\d+)([A-Za-z]*)$/.exec(resources?.requests?.storage ?? '') ?? []
  return live?.metadata.labels?.[label.partOf] === applySetId(app) && claim.name.startsWith(`${prefix}-`)
    ? {
        config: `--set ${claim.name.slice(prefix.length + 1)}.size=${Number(size) * 2}${unit}`,
        say: `give ${claim.name} more room`,
      }
    : {run: `kubectl edit pvc ${shellWord(claim.name)} -n ${namespace}`, say: 'give it more room'}
}
