import type {AppRef, Halt, Lock, Member} from '../anchor/index.ts'
import {
  annotation,
  fieldManager,
  formatRef,
  label,
  restartManager,
  scaleManager,
  stateManager,
  stopManager,
} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import type {DeleteOptions, Kube, KubeObject, ManagedFields} from '../kube/index.ts'
import {applyObject, deleteObject, findObject, isConflict, refOf, replaceObject} from '../kube/index.ts'
import {asWritten} from './compare.ts'
import {lessen, overlay, withFields} from './halt.ts'
import {countedBy, isMember, toMember} from './identity.ts'
import type {SealedObject} from './seal.ts'
import type {Way} from './types.ts'

/**
 * Writes one member, in the way that the plan showed. The count of replicas goes in the same breath under a manager of its own, and only
 * where nobody has said it: afterwards it belongs to whoever scales.
 * @param rest what keeps it from having pods, where the app is stopped
 * @throws UserError `object.exists` where it appeared meanwhile; RemoteError `object.conflict`, …
 */
export async function applyMember(
  kube: Kube,
  app: AppRef,
  lock: Lock,
  sealed: SealedObject,
  way: Way | undefined,
  rest?: Halt,
): Promise<Member> {
  lock.assertHeld()
  const written = way === undefined ? sealed.object : asWritten(sealed.object, way)
  if (rest !== undefined && (way?.isNew === true || way?.anew !== undefined))
    return createAtRest(kube, app, written, rest)
  const count = way?.anew?.replicas ?? way?.count
  // Made with the pods that the former had, or its controller would end all but one of them before it hears how many there shall be.
  if (way?.anew?.replicas !== undefined) {
    const scaled = {...sealed.object, spec: {...(sealed.object.spec as object), replicas: count}}
    await applyObject(kube, scaled, {fieldManager: fieldManager(app)})
  }
  if (count !== undefined) await sayReplicas(kube, app, sealed, count)
  const {object, created, warnings} = await applyObject(kube, written, {
    fieldManager: fieldManager(app),
    force: way?.over !== undefined,
  })
  if (way?.isNew === true && !created && writtenByOthers(app, object))
    throw new UserError('object.exists', {
      message: `${sealed.id} appeared while ${formatRef(app)} was being changed`,
      details: {object: sealed.id, warnings},
    })
  if (rest === undefined) await setReplicas(kube, app, lock, sealed, object)
  return toMember({...object, ...sealed.object, metadata: {...sealed.object.metadata, uid: object.metadata.uid ?? ''}})
}

/**
 * Makes an object that has no pods from its first moment: what keeps it at rest makes it, the app's manager applies the rest of it, and the
 * first lets go of all but what is its own.
 */
async function createAtRest(kube: Kube, app: AppRef, object: KubeObject, rest: Halt): Promise<Member> {
  const byCount = 'replicas' in rest
  const fieldManagerOfRest = byCount ? scaleManager(app) : stopManager(app)
  const fields = byCount ? {spec: {replicas: rest.replicas}} : rest.fields
  const options = {fieldManager: fieldManagerOfRest}
  await applyObject(kube, overlay(object, fields) as KubeObject, options)
  const applied = await applyObject(kube, lessen(object, fields) as KubeObject, {fieldManager: fieldManager(app)})
  await applyObject(kube, withFields(refOf(object), fields), options)
  return toMember({...object, metadata: {...object.metadata, uid: applied.object.metadata.uid ?? ''}})
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
  // A scale through the subresource leaves no owner, but another generation: then it is somebody's choice.
  if (live.metadata.generation !== 1 || countedBy(live) !== undefined) return
  lock.assertHeld()
  await sayReplicas(kube, app, sealed, sealed.replicas)
}

async function sayReplicas(kube: Kube, app: AppRef, {object}: SealedObject, replicas: number): Promise<void> {
  const {apiVersion, kind, metadata} = object
  const scaled: KubeObject = {
    apiVersion,
    kind,
    metadata: {name: metadata.name, ...(metadata.namespace !== undefined && {namespace: metadata.namespace})},
    spec: {replicas},
  }
  await applyObject(kube, scaled, {fieldManager: scaleManager(app)})
}

export type Removed = 'deleted' | 'given-back' | 'gone' | 'foreign'

/** Ends a membership: what was somebody else's before is given back, the rest deleted. */
export const removeMember = (kube: Kube, app: AppRef, lock: Lock, member: Member): Promise<Removed> =>
  member.adopted === true ? giveBack(kube, app, lock, member) : deleteMember(kube, app, lock, member)

/**
 * Deletes one member, if it is still the one that the inventory names: ours by label and by its own word, with no controller above
 * it, and of the same uid.
 */
export async function deleteMember(
  kube: Kube,
  app: AppRef,
  lock: Lock,
  member: Member,
  propagation: DeleteOptions['propagation'] = 'Background',
): Promise<Removed> {
  const live = await findObject(kube, member)
  if (live === undefined) return 'gone'
  if (!isMember(app, member, live) || (member.uid !== undefined && member.uid !== live.metadata.uid)) return 'foreign'
  if (live.metadata.deletionTimestamp !== undefined) return 'deleted'
  lock.assertHeld()
  try {
    await deleteObject(kube, member, {
      ...(live.metadata.uid !== undefined && {uid: live.metadata.uid}),
      ...(propagation !== undefined && {propagation}),
    })
  } catch (error) {
    // Deleted and made anew between our look and our delete: not the one we mean.
    if (!isConflict(error)) throw error
    return 'foreign'
  }
  return 'deleted'
}

/**
 * Lets go of an object that was somebody else's before: our labels and annotations go, and the record of what we set; what it holds
 * stays as it is.
 */
async function giveBack(kube: Kube, app: AppRef, lock: Lock, member: Member): Promise<Removed> {
  const live = await findObject(kube, member)
  if (live === undefined || !isMember(app, member, live)) return 'gone'
  const {labels = {}, annotations = {}, managedFields = []} = live.metadata
  const own = [fieldManager(app), scaleManager(app), stopManager(app), restartManager(app)]
  const others = managedFields.filter(({manager}) => !own.includes(manager))
  const theirs = (part: string, name: string) =>
    others.some(({fieldsV1}) => {
      const {[`f:${part}`]: fields} = (fieldsV1?.['f:metadata'] ?? {}) as Record<string, object | undefined>
      return fields !== undefined && `f:${name}` in fields
    })
  const without = (part: string, map: Record<string, string>, names: string[]) =>
    Object.fromEntries(Object.entries(map).filter(([name]) => !names.includes(name) || theirs(part, name)))
  lock.assertHeld()
  await replaceObject(
    kube,
    {
      ...live,
      apiVersion: member.apiVersion,
      kind: member.kind,
      metadata: {
        ...live.metadata,
        labels: without('labels', labels, [label.partOf, label.managedBy, label.name, label.instance, label.component]),
        annotations: without('annotations', annotations, [annotation.member, annotation.content]),
        // The server takes an empty list for one that was left out, and a list of nothing for none.
        managedFields: others.length > 0 ? others : [{} as ManagedFields],
      },
    },
    {fieldManager: stateManager},
  )
  return 'given-back'
}
