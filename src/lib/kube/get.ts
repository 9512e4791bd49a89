import {objectPath, withSignal} from './paths.ts'
import {isNotFound} from './status.ts'
import type {Kube, KubeObject, ObjectRef} from './types.ts'

export interface GetOptions {
  signal?: AbortSignal
}

/**
 * Reads one object, whole.
 * @throws RemoteError with status 404 (`isNotFound`), `cluster.forbidden`, …
 */
export async function getObject(kube: Kube, ref: ObjectRef, {signal}: GetOptions = {}): Promise<KubeObject> {
  const {body} = await kube.request({method: 'GET', path: await objectPath(kube, ref), ...withSignal(signal)})
  return body as KubeObject
}

/** The same, undefined where there is no such object (or no such kind: its CRD is not there). */
export async function findObject(
  kube: Kube,
  ref: ObjectRef,
  options: GetOptions = {},
): Promise<KubeObject | undefined> {
  try {
    return await getObject(kube, ref, options)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
