import type {AppRef} from '../anchor/index.ts'
import {label, managedBy, stateManager} from '../anchor/index.ts'
import {isLabel} from '../dns-label.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {applyObject, deleteObject, findObject, isForbidden, listObjects} from '../kube/index.ts'
import type {Report} from '../progress.ts'

/** What apps can share under a name. */
export type SharedKind = 'value' | 'service'

/** Where a shared thing stands: in a namespace, for its apps, or in berth's own, for all of the cluster. */
export interface SharedRef {
  namespace: string
  name: string
}

/** An app that uses something shared, and the places in its answers that name it. */
export interface SharedUser {
  app: AppRef
  parameters: string[]
  /** The app is gone, and what was made for it is kept. */
  kept?: true
}

/** Berth's own namespace: what stands there is for apps of every namespace. */
export const clusterNamespace = 'berth'

/** Never the name of an app's state, which has a dot where this has a hyphen. */
export const objectName = (kind: SharedKind, name: string): string => `berth-${kind}.${name}`
export const nameOf = (kind: SharedKind, object: string): string => object.slice(objectName(kind, '').length)

/** A part of an object's name, and text that stands in annotations. */
export const isSharedName = (name: string): boolean => isLabel(name)

export const scopeOf = ({namespace}: SharedRef): 'namespace' | 'cluster' =>
  namespace === clusterNamespace ? 'cluster' : 'namespace'

/** Everything shared of a kind is found by these. */
const labelsOf = (kind: SharedKind) => ({[label.managedBy]: managedBy, [label.kind]: kind})

/** What an app of a namespace means by a name: its own namespace's first, the cluster's otherwise. */
export async function nearestShared<T>(
  namespace: string,
  name: string,
  find: (ref: SharedRef) => Promise<T | undefined>,
): Promise<T | undefined> {
  const own = await find({namespace, name})
  return own ?? (namespace === clusterNamespace ? undefined : find({namespace: clusterNamespace, name}))
}

export type Part = 'ConfigMap' | 'Secret'

const partOf = (part: Part, kind: SharedKind, {namespace, name}: SharedRef) => ({
  apiVersion: 'v1',
  kind: part,
  namespace,
  name: objectName(kind, name),
})

/** The ConfigMap or Secret of a shared thing. */
export const findPart = (kube: Kube, part: Part, kind: SharedKind, ref: SharedRef): Promise<KubeObject | undefined> =>
  findObject(kube, partOf(part, kind, ref))

/** @param data of a Secret, in base64 */
export async function writePart(
  kube: Kube,
  part: Part,
  kind: SharedKind,
  ref: SharedRef,
  data: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const {apiVersion, namespace, name} = partOf(part, kind, ref)
  const metadata = {name, namespace, labels: labelsOf(kind)}
  await applyObject(kube, {apiVersion, kind: part, metadata, data}, {fieldManager: stateManager, force: true, signal})
}

/** @returns whether it was there */
export async function deletePart(
  kube: Kube,
  part: Part,
  kind: SharedKind,
  ref: SharedRef,
  options: {resourceVersion?: string; signal: AbortSignal},
): Promise<boolean> {
  return deleteObject(kube, partOf(part, kind, ref), options)
}

/** How a list goes on where it may not see all. */
export interface Listing {
  signal: AbortSignal
  /** Hears what could not be listed. */
  report: Report
  /** The namespace that is asked about: without its ConfigMaps there is nothing to tell. */
  namespace: string
}

/** All of a kind in a namespace, as far as they may be listed. @throws RemoteError `cluster.forbidden` */
export async function listParts(
  kube: Kube,
  part: Part,
  kind: SharedKind,
  namespace: string,
  listing?: Listing,
): Promise<KubeObject[]> {
  const labelSelector = Object.entries(labelsOf(kind))
    .map(pair => pair.join('='))
    .join(',')
  try {
    const {items} = await listObjects(
      kube,
      {apiVersion: 'v1', kind: part},
      {namespace, labelSelector, ...(listing && {signal: listing.signal})},
    )
    return items.filter(({metadata}) => metadata.name.startsWith(objectName(kind, '')))
  } catch (error) {
    if (!isForbidden(error) || (part === 'ConfigMap' && namespace === listing?.namespace)) throw error
    const message = `not all ${kind}s are seen: ${error instanceof Error ? error.message : error}`
    listing?.report({type: 'warning', message})
    return []
  }
}

/** What an app of a namespace can use, by name: its own namespace's and the cluster's. */
export async function fromBothScopes<Row extends SharedRef>(
  namespace: string,
  rowsOf: (scope: string) => Promise<Row[]>,
): Promise<Row[]> {
  const rows = await Promise.all([...new Set([namespace, clusterNamespace])].map(rowsOf))
  return rows.flat().sort((a, b) => (a.name < b.name ? -1 : 1))
}
