import type {AppRef, Lock, Member} from '../anchor/index.ts'
import {fieldManager, formatRef, scaleManager} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {applyObject, deleteObject, findObject, isConflict} from '../kube/index.ts'
import {isMember, toMember} from './identity.ts'
import type {SealedObject} from './seal.ts'

/**
 * Writes one member. The count of replicas goes in the same breath under a manager of its own, and only where it was never said:
 * afterwards it belongs to whoever scales.
 * @param expectNew the plan said that it does not exist yet
 * @throws UserError `object.exists` where it appeared meanwhile; RemoteError `object.conflict`, …
 */
export async function applyMember(
  kube: Kube,
  app: AppRef,
  lock: Lock,
  sealed: SealedObject,
  expectNew: boolean,
): Promise<Member> {
  lock.assertHeld()
  const {object, created, warnings} = await applyObject(kube, sealed.object, {fieldManager: fieldManager(app)})
  if (expectNew && !created && writtenByOthers(app, object))
    throw new UserError('object.exists', {
      message: `${sealed.id} appeared while ${formatRef(app)} was being changed`,
      details: {object: sealed.id, warnings},
    })
  await setReplicas(kube, app, lock, sealed, object)
  return toMember({
    ...sealed.object,
    metadata: {...sealed.object.metadata, ...(object.metadata.uid !== undefined && {uid: object.metadata.uid})},
  })
}

/** A 200 where a 201 was expected is ours only if nobody else wrote it: then our own first try had arrived, and its answer was lost. */
function writtenByOthers(app: AppRef, live: KubeObject): boolean {
  const ours = [fieldManager(app), scaleManager(app)]
  return (
    live.metadata.managedFields?.some(entry => entry.subresource === undefined && !ours.includes(entry.manager)) ===
    true
  )
}

async function setReplicas(kube: Kube, app: AppRef, lock: Lock, sealed: SealedObject, live: KubeObject): Promise<void> {
  if (sealed.replicas === undefined) return
  const manager = scaleManager(app)
  if (live.metadata.managedFields?.some(entry => entry.manager === manager) === true) return
  lock.assertHeld()
  const {apiVersion, kind, metadata} = sealed.object
  const scaled: KubeObject = {
    apiVersion,
    kind,
    metadata: {name: metadata.name, ...(metadata.namespace !== undefined && {namespace: metadata.namespace})},
    spec: {replicas: sealed.replicas},
  }
  await applyObject(kube, scaled, {fieldManager: manager})
}

export type Deleted = 'deleted' | 'gone' | 'foreign'

/**
 * Deletes one member, if it is still the one that the inventory names: ours by label and by its own word, with no controller above
 * it, and of the same uid.
 */
export async function deleteMember(kube: Kube, app: AppRef, lock: Lock, member: Member): Promise<Deleted> {
  const live = await findObject(kube, member)
  if (live === undefined) return 'gone'
  if (!isMember(app, member, live) || (member.uid !== undefined && member.uid !== live.metadata.uid)) return 'foreign'
  if (live.metadata.deletionTimestamp !== undefined) return 'deleted'
  lock.assertHeld()
  try {
    await deleteObject(kube, member, {
      ...(live.metadata.uid !== undefined && {uid: live.metadata.uid}),
      propagation: 'Background',
    })
  } catch (error) {
    // Deleted and made anew between our look and our delete: not the one we mean.
    if (!isConflict(error)) throw error
    return 'foreign'
  }
  return 'deleted'
}
