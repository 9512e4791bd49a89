import {objectPath, refOf, withSignal} from './paths.ts'
import type {Applied, ApplyOptions, Kube, KubeObject} from './types.ts'
import {warningsOf} from './warnings.ts'
import {writeQuery} from './write.ts'

/**
 * Server-side apply. Repeated after a lost answer, since applying twice is applying once; then `created` may be false although it was us
 * (a caller that must know compares the uid). With `uid` or `resourceVersion` in the object's metadata, another object is refused (409).
 * @throws RemoteError `object.conflict` with `details.conflicts` (manager, field), `cluster.rejected`, `cluster.forbidden`, …
 */
export async function applyObject(kube: Kube, object: KubeObject, options: ApplyOptions): Promise<Applied> {
  const response = await kube.request({
    method: 'PATCH',
    path: await objectPath(kube, refOf(object), options.subresource),
    query: {...writeQuery(options), force: options.force ?? false},
    body: object,
    contentType: 'application/apply-patch+yaml',
    repeatable: true,
    ...withSignal(options.signal),
  })
  return {
    object: response.body as KubeObject,
    created: response.status === 201,
    warnings: warningsOf(response.headers.warning),
  }
}
