import type {AppRef, Member} from '../anchor/index.ts'
import {annotation, applySetId, label} from '../anchor/index.ts'
import type {KindRef, KubeObject, ObjectRef} from '../kube/index.ts'
import {refOf} from '../kube/index.ts'

const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''

/** `Deployment.apps`, `Secret`: a kind whatever its version. */
export const kindKey = ({apiVersion, kind}: KindRef): string => {
  const group = groupOf(apiVersion)
  return group === '' ? kind : `${kind}.${group}`
}

export const isCrd = (kind: KindRef): boolean => kindKey(kind) === 'CustomResourceDefinition.apiextensions.k8s.io'

export const isSet = (kind: KindRef): boolean => kindKey(kind) === 'StatefulSet.apps'

export const isClaim = (kind: KindRef): boolean => kindKey(kind) === 'PersistentVolumeClaim'

/** A certificate that cert-manager makes, and renews. */
export const isIssued = (kind: KindRef): boolean => kindKey(kind) === 'Certificate.cert-manager.io'

/**
 * What an object is called in plans, journals and its own `berth.dev/member`: kind and group without version (an upgrade may change
 * it), and the namespace only where it has one.
 */
export const objectId = (ref: ObjectRef): string =>
  `${kindKey(ref)}/${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`

/** Does a live object say of itself that it is this member of this app? Labels alone prove nothing: controllers copy them. */
export function isMember(app: AppRef, ref: ObjectRef, live: KubeObject): boolean {
  const {labels, annotations, ownerReferences} = live.metadata
  return (
    labels?.[label.partOf] === applySetId(app) &&
    annotations?.[annotation.member] === objectId(ref) &&
    ownerReferences?.some(owner => owner.controller === true) !== true
  )
}

export const toMember = (object: KubeObject): Member => ({
  ...refOf(object),
  ...(object.metadata.uid !== undefined && {uid: object.metadata.uid}),
})

/** Who applied how many pods there shall be; undefined where nobody has, or it was scaled since. */
export const countedBy = ({metadata: {managedFields = []}}: KubeObject): string | undefined =>
  managedFields.find(({fieldsV1}) => 'f:replicas' in ((fieldsV1?.['f:spec'] ?? {}) as object))?.manager
export const replicasOf = ({spec}: KubeObject): number => (spec as {replicas?: number} | undefined)?.replicas ?? 1
