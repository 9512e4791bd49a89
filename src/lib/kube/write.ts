import {kindPath, objectPath, refOf} from './paths.ts'
import {isNotFound} from './status.ts'
import type {
  Applied,
  ApplyOptions,
  AskOptions,
  DeleteOptions,
  Kube,
  KubeObject,
  KubeRequest,
  KubeResponse,
  ObjectRef,
  WriteOptions,
} from './types.ts'

/** One operation of RFC 6902. `test` makes a patch a compare-and-swap. */
export type JsonPatchOperation =
  | {op: 'add' | 'replace' | 'test'; path: string; value: unknown}
  | {op: 'remove'; path: string}
  | {op: 'move' | 'copy'; from: string; path: string}

/** Every write says who writes, whether really, and that unknown or duplicate fields are faults. */
function write(
  kube: Kube,
  {fieldManager, fieldValidation = 'Strict', dryRun, signal}: WriteOptions,
  {query, ...request}: Omit<KubeRequest, 'signal'>,
): Promise<KubeResponse> {
  const how = {...query, fieldManager, fieldValidation, dryRun: dryRun ? 'All' : undefined}
  return kube.request({...request, query: how, signal})
}

/**
 * Creates an object. Never repeated after a lost answer: it may have been created.
 * @throws RemoteError `isAlreadyExists`, `namespace.not-found`, `quota.exceeded`, `cluster.rejected` with the causes, …
 */
export async function createObject(kube: Kube, object: KubeObject, options: WriteOptions): Promise<KubeObject> {
  const path = await kindPath(kube, object, object.metadata.namespace ?? kube.target.namespace)
  return (await write(kube, options, {method: 'POST', path, body: object})).body as KubeObject
}

/**
 * Writes the whole object: a compare-and-swap if it carries a `resourceVersion` (`isConflict` where it lost).
 * @throws RemoteError
 */
export async function replaceObject(kube: Kube, object: KubeObject, options: WriteOptions): Promise<KubeObject> {
  const path = await objectPath(kube, refOf(object))
  return (await write(kube, options, {method: 'PUT', path, body: object})).body as KubeObject
}

/** RFC 7386: null removes, lists are replaced whole. With `metadata.resourceVersion` in it, a compare-and-swap. */
export async function mergePatch(
  kube: Kube,
  ref: ObjectRef,
  patch: object,
  options: WriteOptions,
): Promise<KubeObject> {
  const path = await objectPath(kube, ref, options.subresource)
  const request = {method: 'PATCH', path, body: patch, contentType: 'application/merge-patch+json'} as const
  return (await write(kube, options, request)).body as KubeObject
}

/** @throws RemoteError `isInvalid` where a `test` does not hold */
export async function jsonPatch(
  kube: Kube,
  ref: ObjectRef,
  patch: JsonPatchOperation[],
  options: WriteOptions,
): Promise<KubeObject> {
  const path = await objectPath(kube, ref, options.subresource)
  const request = {method: 'PATCH', path, body: patch, contentType: 'application/json-patch+json'} as const
  return (await write(kube, options, request)).body as KubeObject
}

/**
 * Server-side apply. Repeated after a lost answer, since applying twice is applying once; then `created` may be false although it was us
 * (a caller that must know compares the uid). With `uid` or `resourceVersion` in the object's metadata, another object is refused (409).
 * @throws RemoteError `object.conflict` with `details.conflicts` (manager, field), `cluster.rejected`, `cluster.forbidden`, …
 */
export async function applyObject(kube: Kube, object: KubeObject, options: ApplyOptions): Promise<Applied> {
  const {status, headers, body} = await write(kube, options, {
    method: 'PATCH',
    path: await objectPath(kube, refOf(object), options.subresource),
    query: {force: options.force ?? false},
    body: object,
    contentType: 'application/apply-patch+yaml',
    repeatable: true,
  })
  return {object: body as KubeObject, created: status === 201, warnings: warningsOf(headers.warning)}
}

/** The texts of `Warning: 299 - "…"` headers (RFC 7234 section 5.5, KEP-1693), each once. Node joins several with commas. */
export function warningsOf(header: string | string[] | undefined): string[] {
  const joined = [header ?? []].flat().join(', ')
  const texts = [...joined.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replace(/\\(.)/g, '$1'),
  )
  return [...new Set(texts)]
}

/**
 * Asks for an object's deletion and says whether it was there. It may live on until its finalizers are done: watch for its end.
 * Repeated after a lost answer only with a `uid`, which the next object of that name does not have (then false can mean: gone by our
 * first try).
 * @throws RemoteError `isConflict` where the object has another uid or resourceVersion
 */
export async function deleteObject(kube: Kube, ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
  const {uid, resourceVersion, propagation, dryRun, signal} = options
  // What is undefined is not sent.
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: {uid, resourceVersion},
    propagationPolicy: propagation,
    dryRun: dryRun ? ['All'] : undefined,
  }
  try {
    const path = await objectPath(kube, ref)
    await kube.request({method: 'DELETE', path, body, repeatable: uid !== undefined, signal})
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

export interface Scale {
  /** Asked for. */
  wanted: number
  /** There at the last look of its controller. */
  current: number
  /** Of its pods; empty where the kind names none. */
  selector: string
  resourceVersion: string
}

/** Reads the scale subresource. */
export async function readScale(kube: Kube, ref: ObjectRef, {signal}: AskOptions = {}): Promise<Scale> {
  const {body} = await kube.request({method: 'GET', path: await objectPath(kube, ref, 'scale'), signal})
  return toScale(body)
}

/**
 * Sets the replicas through the scale subresource, as `kubectl scale` does. With `resourceVersion` (of a {@link Scale}) only if nobody
 * changed the object since (`isConflict`).
 */
export async function scaleObject(
  kube: Kube,
  ref: ObjectRef,
  replicas: number,
  {resourceVersion, ...options}: Omit<WriteOptions, 'subresource'> & {resourceVersion?: string},
): Promise<Scale> {
  const patch = {metadata: {resourceVersion}, spec: {replicas}}
  return toScale(await mergePatch(kube, ref, patch, {...options, subresource: 'scale'}))
}

function toScale(body: unknown): Scale {
  const {metadata, spec, status} = body as {
    metadata: {resourceVersion?: string}
    spec?: {replicas?: number}
    status?: {replicas?: number; selector?: string}
  }
  return {
    wanted: spec?.replicas ?? 0,
    current: status?.replicas ?? 0,
    selector: status?.selector ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
  }
}
