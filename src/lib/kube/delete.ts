import {objectPath, withSignal} from './paths.ts'
import {isNotFound} from './status.ts'
import type {DeleteOptions, Kube, ObjectRef} from './types.ts'

/**
 * Asks for an object's deletion and says whether it was there. It may live on until its finalizers are done: watch for its end.
 * Repeated after a lost answer only with a `uid`, which the next object of that name does not have (then false can mean: gone by our
 * first try).
 * @throws RemoteError `isConflict` where the object has another uid or resourceVersion
 */
export async function deleteObject(kube: Kube, ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
  const {uid, resourceVersion, propagation, dryRun, signal} = options
  const preconditions = {...(uid !== undefined && {uid}), ...(resourceVersion !== undefined && {resourceVersion})}
  try {
    await kube.request({
      method: 'DELETE',
      path: await objectPath(kube, ref),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        ...(Object.keys(preconditions).length > 0 && {preconditions}),
        ...(propagation !== undefined && {propagationPolicy: propagation}),
        ...(dryRun && {dryRun: ['All']}),
      },
      repeatable: uid !== undefined,
      ...withSignal(signal),
    })
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}
