import {objectPath} from './paths.ts'
import {isNotFound} from './status.ts'
import type {AskOptions, Kube, KubeObject, ObjectRef} from './types.ts'

/**
 * Reads one object, whole.
 * @throws RemoteError with status 404 (`isNotFound`), `cluster.forbidden`, …
 */
export async function getObject(kube: Kube, ref: ObjectRef, {signal}: AskOptions = {}): Promise<KubeObject> {
  const {body} = await kube.request({method: 'GET', path: await objectPath(kube, ref), signal})
  return body as KubeObject
}

/** The same, undefined where there is no such object (or no such kind: its CRD is not there). */
export async function findObject(kube: Kube, ref: ObjectRef, options?: AskOptions): Promise<KubeObject | undefined> {
  try {
    return await getObject(kube, ref, options)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

export interface ServerVersion {
  /** `v1.34.4` */
  gitVersion: string
  major: number
  minor: number
  /** `linux/amd64` */
  platform: string
}

/** The API server's version: also the cheapest way to find out whether it answers. */
export async function serverVersion(kube: Kube, {signal}: AskOptions = {}): Promise<ServerVersion> {
  const {body} = await kube.request({method: 'GET', path: '/version', signal})
  const {gitVersion = '', major = '', minor = '', platform = ''} = body as Record<string, string>
  // Some clouds say `34+`.
  return {gitVersion, major: Number.parseInt(major, 10), minor: Number.parseInt(minor, 10), platform}
}
