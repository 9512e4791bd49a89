import {kindPath, objectPath, refOf, withSignal} from './paths.ts'
import type {Kube, KubeObject, ObjectRef, WriteOptions} from './types.ts'

/** One operation of RFC 6902. `test` makes a patch a compare-and-swap. */
export type JsonPatchOperation =
  | {op: 'add' | 'replace' | 'test'; path: string; value: unknown}
  | {op: 'remove'; path: string}
  | {op: 'move' | 'copy'; from: string; path: string}

/** What every write says: who writes, whether really, and that unknown or duplicate fields are faults. */
export function writeQuery(options: WriteOptions): Record<string, string | undefined> {
  return {
    fieldManager: options.fieldManager,
    fieldValidation: options.fieldValidation ?? 'Strict',
    dryRun: options.dryRun ? 'All' : undefined,
  }
}

/**
 * Creates an object. Never repeated after a lost answer: it may have been created.
 * @throws RemoteError `isAlreadyExists`, `namespace.not-found`, `quota.exceeded`, `cluster.rejected` with the causes, …
 */
export async function createObject(kube: Kube, object: KubeObject, options: WriteOptions): Promise<KubeObject> {
  const path = await kindPath(kube, object, object.metadata.namespace ?? kube.target.namespace)
  const {body} = await kube.request({
    method: 'POST',
    path,
    query: writeQuery(options),
    body: object,
    ...withSignal(options.signal),
  })
  return body as KubeObject
}

/**
 * Writes the whole object: a compare-and-swap if it carries a `resourceVersion` (`isConflict` where it lost).
 * @throws RemoteError
 */
export async function replaceObject(kube: Kube, object: KubeObject, options: WriteOptions): Promise<KubeObject> {
  const path = await objectPath(kube, refOf(object))
  const {body} = await kube.request({
    method: 'PUT',
    path,
    query: writeQuery(options),
    body: object,
    ...withSignal(options.signal),
  })
  return body as KubeObject
}

/** RFC 7386: null removes, lists are replaced whole. With `metadata.resourceVersion` in it, a compare-and-swap. */
export async function mergePatch(
  kube: Kube,
  ref: ObjectRef,
  patch: object,
  options: WriteOptions,
): Promise<KubeObject> {
  return patchObject(kube, ref, patch, 'application/merge-patch+json', options)
}

/** @throws RemoteError `isInvalid` where a `test` does not hold */
export async function jsonPatch(
  kube: Kube,
  ref: ObjectRef,
  patch: JsonPatchOperation[],
  options: WriteOptions,
): Promise<KubeObject> {
  return patchObject(kube, ref, patch, 'application/json-patch+json', options)
}

async function patchObject(
  kube: Kube,
  ref: ObjectRef,
  patch: object,
  contentType: string,
  options: WriteOptions,
): Promise<KubeObject> {
  const path = await objectPath(kube, ref, options.subresource)
  const query = writeQuery(options)
  const {body} = await kube.request({
    method: 'PATCH',
    path,
    query,
    body: patch,
    contentType,
    ...withSignal(options.signal),
  })
  return body as KubeObject
}
