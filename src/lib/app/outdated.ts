import type {KubeObject, ObjectRef} from '../kube/index.ts'
import {observed} from './ready.ts'

type Find = (ref: ObjectRef) => Promise<KubeObject | undefined>

/**
 * Was this pod made of an earlier template than its workload has now? Its faults are then those of what is being replaced. Undefined while
 * the controller has not seen the newest template.
 */
export async function isOutdated(pod: KubeObject, find: Find): Promise<boolean | undefined> {
  const {labels = {}} = pod.metadata
  const owner = await controllerOf(pod, find)
  if (owner === undefined) return false
  if (owner.kind === 'ReplicaSet') {
    const deployment = await controllerOf(owner, find)
    if (deployment === undefined) return false
    return observed(deployment) ? deploymentRevision(owner) !== deploymentRevision(deployment) : undefined
  }
  if (!observed(owner)) return undefined
  if (owner.kind === 'StatefulSet') {
    const {updateRevision} = owner.status as {updateRevision?: string}
    return labels['controller-revision-hash'] !== updateRevision
  }
  if (owner.kind === 'DaemonSet') {
    const {annotations} = owner.metadata
    return labels['pod-template-generation'] !== annotations?.['deprecated.daemonset.template.generation']
  }
  return false
}

/** A StatefulSet waits for ever for a pod that is not ready, be it of an earlier template (kubernetes/kubernetes#67250). */
export const isOfSet = (pod: KubeObject): boolean =>
  pod.metadata.ownerReferences?.some(({controller, kind}) => controller === true && kind === 'StatefulSet') === true

const deploymentRevision = ({metadata}: KubeObject): string | undefined =>
  metadata.annotations?.['deployment.kubernetes.io/revision']

async function controllerOf({metadata}: KubeObject, find: Find): Promise<KubeObject | undefined> {
  const owner = metadata.ownerReferences?.find(({controller}) => controller === true)
  if (owner === undefined) return undefined
  const {apiVersion, kind, name} = owner
  const ref = {apiVersion, kind, name, ...(metadata.namespace !== undefined && {namespace: metadata.namespace})}
  const live = await find(ref)
  return live && {...live, apiVersion, kind}
}
