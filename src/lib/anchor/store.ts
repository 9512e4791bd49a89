import {setTimeout as sleep} from 'node:timers/promises'
import {RemoteError, UserError} from '../errors.ts'
import type {Kube, KubeObject, ListOptions} from '../kube/index.ts'
import {
  createObject,
  findObject,
  isConflict,
  isNotFound,
  listMetadata,
  listObjects,
  replaceObject,
} from '../kube/index.ts'
import {nearest} from '../nearest.ts'
import type {Report} from '../progress.ts'
import {formatAnchor, parseAnchor, parseSummary} from './codec.ts'
import {appNotFound, tooLarge} from './errors.ts'
import type {AppRef} from './names.ts'
import {anchorName, label, managedBy, stateManager} from './names.ts'
import type {Anchor, AnchorSummary} from './types.ts'

const annotationLimit = 256 * 1024
const objectLimit = 1024 * 1024

/** What we would not read we do not write: a defect of ours must not leave an app that nobody can read. */
function format(anchor: Anchor): KubeObject {
  const object = formatAnchor(anchor)
  parseAnchor(object)
  checkSize('the state of the app', object)
  return object
}

/** @throws UserError `state.too-large` before the server would, naming what is large */
export function checkSize(what: string, object: KubeObject): void {
  const sizes = (map: unknown) =>
    Object.entries((map ?? {}) as Record<string, string>)
      .map(([name, value]) => ({name, size: Buffer.byteLength(name) + Buffer.byteLength(value)}))
      .sort((a, b) => b.size - a.size)
  const sum = (entries: {size: number}[]) => entries.reduce((total, {size}) => total + size, 0)
  const annotations = sizes(object.metadata.annotations)
  if (sum(annotations) > annotationLimit)
    throw tooLarge(`${what}'s annotations`, sum(annotations), annotationLimit, annotations)
  const all = [...sizes(object.data), ...annotations].sort((a, b) => b.size - a.size)
  if (sum(all) > objectLimit) throw tooLarge(what, sum(all), objectLimit, all)
}

const anchorKey = (ref: AppRef) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: ref.namespace,
  name: anchorName(ref.name),
})

/** @throws UserError `app.corrupt` */
export async function findAnchor(kube: Kube, ref: AppRef, signal?: AbortSignal): Promise<Anchor | undefined> {
  const found = await findObject(kube, anchorKey(ref), {...(signal && {signal})})
  return found === undefined ? undefined : parseAnchor(found)
}

/** @throws UserError `app.not-found`, `app.corrupt` */
export async function readAnchor(kube: Kube, ref: AppRef, signal?: AbortSignal): Promise<Anchor> {
  const anchor = await findAnchor(kube, ref, signal)
  if (anchor !== undefined) return anchor
  const known = await listAnchors(kube, {namespace: ref.namespace})
  throw appNotFound(
    ref,
    nearest(
      ref.name,
      known.map(app => app.ref.name),
    ),
  )
}

/** Every app in a namespace, or in all: one paged request for metadata alone. */
export async function listAnchors(
  kube: Kube,
  options: Pick<ListOptions, 'namespace' | 'labelSelector' | 'cached' | 'signal'>,
): Promise<AnchorSummary[]> {
  const selector = [`${label.managedBy}=${managedBy},${label.kind}=anchor`, options.labelSelector]
    .filter(Boolean)
    .join(',')
  const {items} = await listMetadata(kube, {apiVersion: 'v1', kind: 'ConfigMap'}, {...options, labelSelector: selector})
  return items.filter(({metadata}) => metadata.name.startsWith('berth.')).map(({metadata}) => parseSummary(metadata))
}

/** The same with all that they hold. One that cannot be read is told, and left out: whoever may edit its namespace can break it. */
export async function readAnchors(
  kube: Kube,
  options: Pick<ListOptions, 'namespace' | 'signal'>,
  report: Report,
): Promise<Anchor[]> {
  const labelSelector = `${label.managedBy}=${managedBy},${label.kind}=anchor`
  const {items} = await listObjects(kube, {apiVersion: 'v1', kind: 'ConfigMap'}, {...options, labelSelector})
  const named = items.filter(({metadata}) => metadata.name.startsWith('berth.'))
  return named.flatMap(object => {
    try {
      return [parseAnchor(object)]
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      report({type: 'warning', message: error.message})
      return []
    }
  })
}

/** Makes the anchor of a new app; this is also the first lock. @throws RemoteError with reason `AlreadyExists` where another was faster */
export async function createAnchor(kube: Kube, anchor: Anchor, signal?: AbortSignal): Promise<Anchor> {
  const object = format(anchor)
  return parseAnchor(await createObject(kube, object, {fieldManager: stateManager, ...(signal && {signal})}))
}

/** One compare-and-swap. @throws RemoteError with status 409 where the anchor has moved on */
export async function writeAnchor(kube: Kube, anchor: Anchor, signal?: AbortSignal): Promise<Anchor> {
  const object = format(anchor)
  return parseAnchor(await replaceObject(kube, object, {fieldManager: stateManager, ...(signal && {signal})}))
}

/**
 * Changes an anchor that this process holds no lock on (grants): reads, changes, swaps, until the swap succeeds. `change` returns the
 * same anchor where there is nothing to do, which also makes a lost answer harmless.
 * @throws UserError `app.not-found`, and whatever `change` throws
 */
export async function swapAnchor(
  kube: Kube,
  ref: AppRef,
  change: (anchor: Anchor) => Anchor,
  signal?: AbortSignal,
): Promise<Anchor> {
  for (let attempt = 1; ; attempt++) {
    const anchor = await readAnchor(kube, ref, signal)
    const next = change(anchor)
    if (next === anchor) return anchor
    try {
      return await writeAnchor(kube, next, signal)
    } catch (error) {
      if (isNotFound(error)) throw appNotFound(ref)
      // A lost answer is no failure yet: what stands there now tells.
      const lost = error instanceof RemoteError && (error.status === undefined || error.status >= 500) && attempt < 5
      if (!(isConflict(error) || lost) || attempt >= 20) throw error
      await sleep(Math.random() * 50 * attempt, undefined, {...(signal && {signal})})
    }
  }
}
