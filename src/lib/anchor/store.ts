import {setTimeout as sleep} from 'node:timers/promises'
import {RemoteError, UserError} from '../errors.ts'
import type {Kube, KubeObject, ListOptions, WatchOptions} from '../kube/index.ts'
import {
  createObject,
  findObject,
  isConflict,
  isNotFound,
  listMetadata,
  listObjects,
  replaceObject,
  watchObjects,
} from '../kube/index.ts'
import {nearest} from '../nearest.ts'
import type {Report} from '../progress.ts'
import {formatAnchor, parseAnchor, parseDeed, parseSummary} from './codec.ts'
import {appNotFound, tooLarge} from './errors.ts'
import type {AppRef} from './names.ts'
import {anchorName, annotation, appOfAnchorName, label, managedBy, stateManager} from './names.ts'
import type {Anchor, AnchorSummary, Deed} from './types.ts'

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
  const how = {...options, labelSelector: selectorOf(options)}
  const {items} = await listMetadata(kube, {apiVersion: 'v1', kind: 'ConfigMap'}, how)
  return items.filter(isAnchor).map(summaryOf)
}

/** What {@link watchAnchors} hears: first all of them, then what changes; after a gap all of them again. */
export type AnchorEvent = {type: 'synced'; anchors: AnchorSummary[]} | {type: 'changed' | 'gone'; anchor: AnchorSummary}

/** The same for as long as one listens. @throws RemoteError as {@link watchObjects} does */
export async function* watchAnchors(
  kube: Kube,
  options: Pick<WatchOptions, 'namespace' | 'labelSelector' | 'signal' | 'patience'>,
): AsyncGenerator<AnchorEvent> {
  const how = {...options, labelSelector: selectorOf(options), metadataOnly: true}
  for await (const event of watchObjects(kube, {apiVersion: 'v1', kind: 'ConfigMap'}, how)) {
    if (event.type === 'synced') yield {type: 'synced', anchors: event.objects.filter(isAnchor).map(summaryOf)}
    else if (isAnchor(event.object))
      yield {type: event.type === 'deleted' ? 'gone' : 'changed', anchor: summaryOf(event.object)}
  }
}

const selectorOf = ({labelSelector}: Pick<ListOptions, 'labelSelector'>): string =>
  [`${label.managedBy}=${managedBy},${label.kind}=anchor`, labelSelector].filter(Boolean).join(',')
const isAnchor = ({metadata}: Pick<KubeObject, 'metadata'>): boolean => metadata.name.startsWith('berth.')
const isProvider = ({metadata: {name}}: KubeObject): boolean => anchorName(appOfAnchorName(name)) === name
const summaryOf = ({metadata}: Pick<KubeObject, 'metadata'>): AnchorSummary => parseSummary(metadata)

/**
 * The same with all that they hold, services outside included. One that cannot be read is told, and left out: whoever may edit its
 * namespace can break it.
 */
export async function readAnchors(
  kube: Kube,
  options: Pick<ListOptions, 'namespace' | 'signal'>,
  report: Report,
): Promise<Anchor[]> {
  const how = {...options, labelSelector: `${label.managedBy}=${managedBy},${label.kind} in (anchor,service)`}
  const {items} = await listObjects(kube, {apiVersion: 'v1', kind: 'ConfigMap'}, how)
  return items.filter(isProvider).flatMap(object => {
    try {
      return [parseAnchor(object)]
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      report({type: 'warning', message: error.message})
      return []
    }
  })
}

/** What Events say that was done to apps, also to those that are gone. One that says nothing of the kind is left out. */
export async function listDeeds(
  kube: Kube,
  {app, ...options}: Pick<ListOptions, 'namespace' | 'signal'> & {app?: string},
): Promise<{ref: AppRef; deed: Deed}[]> {
  const labelSelector = `${label.managedBy}=${managedBy},${label.kind}=deed${app === undefined ? '' : `,${label.app}=${app}`}`
  const {items} = await listMetadata(kube, {apiVersion: 'v1', kind: 'Event'}, {...options, labelSelector})
  return items.flatMap(({metadata: {namespace = '', labels, annotations}}) => {
    const ref = {namespace, name: labels?.[label.app] ?? ''}
    try {
      const deed = parseDeed(ref, annotations?.[annotation.deed])
      return deed === undefined ? [] : [{ref, deed}]
    } catch (error) {
      if (error instanceof UserError) return []
      throw error
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
