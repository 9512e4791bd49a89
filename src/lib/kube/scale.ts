import {objectPath, withSignal} from './paths.ts'
import type {Kube, ObjectRef, WriteOptions} from './types.ts'
import {mergePatch} from './write.ts'

export interface Scale {
  /** Asked for. */
  wanted: number
  /** There at the last look of its controller. */
  current: number
  /** Of its pods; empty where the kind names none. */
  selector: string
  resourceVersion: string
}

interface ScaleObject {
  metadata: {resourceVersion?: string}
  spec?: {replicas?: number}
  status?: {replicas?: number; selector?: string}
}

/** Reads the scale subresource. */
export async function readScale(kube: Kube, ref: ObjectRef, {signal}: {signal?: AbortSignal} = {}): Promise<Scale> {
  const {body} = await kube.request({method: 'GET', path: await objectPath(kube, ref, 'scale'), ...withSignal(signal)})
  return toScale(body as ScaleObject)
}

/**
 * Sets the replicas through the scale subresource, as `kubectl scale` does. With `resourceVersion` (of a {@link Scale}) only if nobody
 * changed the object since (`isConflict`).
 */
export async function scaleObject(
  kube: Kube,
  ref: ObjectRef,
  replicas: number,
  options: Omit<WriteOptions, 'subresource'> & {resourceVersion?: string},
): Promise<Scale> {
  const {resourceVersion, ...rest} = options
  const patch = {...(resourceVersion !== undefined && {metadata: {resourceVersion}}), spec: {replicas}}
  return toScale((await mergePatch(kube, ref, patch, {...rest, subresource: 'scale'})) as unknown as ScaleObject)
}

const toScale = ({metadata, spec, status}: ScaleObject): Scale => ({
  wanted: spec?.replicas ?? 0,
  current: status?.replicas ?? 0,
  selector: status?.selector ?? '',
  resourceVersion: metadata.resourceVersion ?? '',
})
