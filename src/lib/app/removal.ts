import type {Anchor, AppRef, Member, Revision} from '../anchor/index.ts'
import {
  annotation,
  applySetId,
  deleteStateSecrets,
  formatRef,
  Lock,
  label,
  markRetained,
  readAnchor,
  stateManager,
} from '../anchor/index.ts'
import {release, retainedGrants, usersOf} from '../binding/index.ts'
import type {KindRef, KubeObject, ObjectRef} from '../kube/index.ts'
import {deleteObject, findObject, listObjects, mergePatch} from '../kube/index.ts'
import {step} from './carry-out.ts'
import {deleteAnchor, endInFailure, lockRequest} from './ending.ts'
import {inUse, planChanged, unfinished, unseenUsers} from './errors.ts'
import {isMember, kindKey, objectId, toMember} from './identity.ts'
import {Observer} from './observer.ts'
import {finishPlan} from './prepare.ts'
import {leftOf} from './retained.ts'
import type {Lib, Outcome, Plan, Step, UninstallOptions} from './types.ts'
import {waveOf, waves} from './waves.ts'
import {deleteMember} from './write.ts'

const claimKind: KindRef = {apiVersion: 'v1', kind: 'PersistentVolumeClaim'}
const jobKind: KindRef = {apiVersion: 'batch/v1', kind: 'Job'}

/** What goes and what stays when an app is removed. */
interface Removal {
  members: Member[]
  /** Claims with data: the app's own and those that StatefulSets made. */
  claims: Member[]
  /** Claims that the inventory names, but that are not this app's. */
  foreign: Member[]
  bindings: {parameter: string; provider: AppRef}[]
}

/** What an uninstall would do. Changes nothing. @throws UserError `app.not-found`, `app.in-use` */
export async function planUninstall(lib: Lib, ref: AppRef, options: UninstallOptions): Promise<Plan> {
  const anchor = await readAnchor(lib.kube, ref, lib.signal)
  if (anchor.pending !== undefined) throw unfinished(ref, anchor.pending.kind)
  return planRemoval(lib, anchor, options, 'uninstall')
}

/**
 * Uninstalls: publishing first, then workloads, bindings, the rest, the anchor last. Data stays unless `deleteData` says otherwise, and
 * what is kept is found again by an install of the same name.
 * @throws UserError `app.in-use`, `plan.changed`, `operation.failed`, `wait.timeout`
 */
export async function uninstall(lib: Lib, ref: AppRef, options: UninstallOptions): Promise<Outcome> {
  const anchor = await readAnchor(lib.kube, ref, lib.signal)
  if (anchor.pending !== undefined) throw unfinished(ref, anchor.pending.kind)
  refuseUsers(anchor, options)
  const lock = await Lock.acquire(lib.kube, {...lockRequest(lib, ref, 'uninstall'), patience: 'refuse'})
  try {
    refuseUsers(lock.anchor, options)
    const plan = await planRemoval(lib, lock.anchor, options, 'uninstall')
    if (options.planHash !== undefined && options.planHash !== plan.hash) throw planChanged(plan)
  } catch (error) {
    await lock.release(before => ({...before, phase: anchor.phase}))
    throw error
  }
  return removeUnder(lib, lock, options, 'uninstall')
}

/** Plans the removal of whatever an anchor names, finished or not. */
export async function planRemoval(
  lib: Lib,
  anchor: Anchor,
  options: UninstallOptions,
  operation: 'uninstall' | 'abort',
): Promise<Plan> {
  refuseUsers(anchor, options)
  const {members, claims, bindings} = await whatIsThere(lib, anchor, await revisionsOf(lib, anchor))
  const gone = options.deleteData ? 'deleted' : 'kept'
  const steps: Step[] = [
    ...members.map(member => ({do: 'delete' as const, object: shown(member), reversal: 'compensable' as const})),
    ...bindings.map(({parameter, provider}) => ({
      do: 'release' as const,
      parameter,
      provider: formatRef(provider),
      data: gone as 'kept' | 'deleted',
      reversal: options.deleteData ? ('final' as const) : ('compensable' as const),
    })),
    ...claims.map(claim =>
      options.deleteData
        ? {do: 'delete' as const, object: shown(claim), loses: 'all data of this volume', reversal: 'final' as const}
        : {do: 'keep' as const, object: shown(claim), why: 'data is kept', reversal: 'reversible' as const},
    ),
  ]
  const warnings = usersOf(anchor).map(
    user => `${formatRef(user.consumer)} still uses it (${user.parameter}) and will fail`,
  )
  return finishPlan({
    operation,
    app: anchor.ref,
    package: anchor.package ?? null,
    revision: anchor.current?.number ?? 0,
    steps,
    checks: [],
    warnings,
  })
}

const shown = ({uid: _uid, ...object}: Member): ObjectRef => object

function refuseUsers(anchor: Anchor, {force, deleteData}: UninstallOptions): void {
  if (force) return
  const users = usersOf(anchor)
  if (users.length > 0) throw inUse(anchor.ref, users)
  const left = retainedGrants(anchor)
  if (deleteData && left.length > 0) throw unseenUsers(anchor.ref, left.length)
}

/**
 * The revisions whose objects may be there: what an earlier app of this name left (an install that adopts it may have been cut off before
 * it named that itself), the current one, and one that was on its way.
 */
const revisionsOf = async (lib: Lib, anchor: Anchor): Promise<Revision[]> => [
  ...[await leftOf(lib, anchor.ref)].flatMap(left => left?.revision ?? []),
  ...(anchor.current === undefined ? [] : [anchor.current]),
  ...(anchor.pending?.kind === 'install' ? [anchor.pending.target] : []),
]

async function whatIsThere(lib: Lib, anchor: Anchor, revisions: Revision[]): Promise<Removal> {
  const byId = new Map(revisions.flatMap(revision => revision.inventory).map(member => [objectId(member), member]))
  const isClaim = (member: Member) => kindKey(member) === kindKey(claimKind)
  const all = [...byId.values()]
  const bindings = new Map(
    revisions.flatMap(revision =>
      Object.entries(revision.bindings).flatMap(([parameter, {provider}]) =>
        'app' in provider ? [[parameter, {parameter, provider: provider.app}] as const] : [],
      ),
    ),
  )
  const looked = await Promise.all(
    all.filter(isClaim).map(async claim => ({claim, live: await findObject(lib.kube, claim)})),
  )
  const named = looked.flatMap(({claim, live}) =>
    live === undefined ? [] : [{claim, own: isClaimOf(anchor.ref, claim, live)}],
  )
  const own = named.filter(each => each.own).map(({claim}) => claim)
  const ids = new Set(own.map(objectId))
  return {
    members: all.filter(member => !isClaim(member)),
    claims: [...own, ...(await claimsOfSets(lib, anchor.ref, all)).filter(claim => !ids.has(objectId(claim)))],
    foreign: named.filter(each => !each.own).map(({claim}) => claim),
    bindings: [...bindings.values()],
  }
}

/** Claims that a StatefulSet's controller made from its templates: named `<template>-<set>-<ordinal>`, with the set's pod labels. */
async function claimsOfSets(lib: Lib, ref: AppRef, members: Member[]): Promise<Member[]> {
  const sets = members.filter(member => member.kind === 'StatefulSet').map(({name}) => name)
  if (sets.length === 0) return []
  const {items} = await listObjects(lib.kube, claimKind, {
    namespace: ref.namespace,
    labelSelector: `${label.instance}=${ref.name}`,
  })
  return items
    .filter(
      ({metadata}) =>
        metadata.labels?.[label.partOf] === undefined &&
        sets.some(set => metadata.name.replace(/\d+$/, '').endsWith(`-${set}-`) && /\d$/.test(metadata.name)),
    )
    .map(claim => toMember({...claim, ...claimKind}))
}

/**
 * Removes an app under a lock that is held, from the start or from where an earlier try ended: every step finds done what is done.
 * @param told what the user called it: aborting a first install is a removal, too
 */
export async function removeUnder(
  lib: Lib,
  lock: Lock,
  options: UninstallOptions,
  told: 'uninstall' | 'abort',
): Promise<Outcome> {
  const started = lib.now()
  const before = lock.anchor
  const {ref} = before
  const {deleteData, force} = options
  const observer = new Observer(lib.kube, ref, lib.signal)
  let revision: Revision | undefined
  try {
    const revisions = await revisionsOf(lib, before)
    revision = revisions.at(-1)
    const last = revision
    const removal = await whatIsThere(lib, before, revisions)
    // What was on its way stays named until it is gone: the inventory moves to `current` before the journal of the install is replaced.
    const inventory = [...removal.members, ...removal.claims]
    await lock.update(anchor => ({
      ...anchor,
      ...(last !== undefined && {current: {...last, inventory}}),
      pending: {kind: 'uninstall', operation: lock.operation.id, deleteData, force},
    }))
    const skipped = await removeMembers(lib, lock, observer, removal, options)
    const released = await releaseBindings(lib, lock, removal, deleteData)
    await removeClaims(lib, lock, observer, removal, options)
    const retained = deleteData ? [] : [...removal.claims.map(({name}) => `volume ${name}`), ...released]
    const secret = revision?.secret
    if (retained.length > 0 && secret !== undefined)
      await markRetained(lib.kube, ref, secret, {
        since: lib.now().toISOString(),
        package: before.package?.name ?? '',
        claims: removal.claims.map(({name}) => name),
        bindings: removal.bindings.map(({parameter}) => parameter),
      })
    lock.assertHeld()
    await deleteStateSecrets(lib.kube, ref, name => retained.length > 0 && name === secret)
    await deleteAnchor(lib, lock)
    const seconds = (lib.now().getTime() - started.getTime()) / 1000
    return {
      app: ref,
      operation: told,
      package: before.package ?? null,
      revision: revision?.number ?? 0,
      notes: null,
      urls: [],
      retained,
      warnings: skipped,
      seconds,
    }
  } catch (error) {
    throw await endInFailure(lib, lock, 'uninstall', revision, error, started)
  } finally {
    await observer.close()
  }
}

/** Everything but data, in the reverse order of coming up; each wave is really gone before the next. */
async function removeMembers(
  lib: Lib,
  lock: Lock,
  observer: Observer,
  removal: Removal,
  options: UninstallOptions,
): Promise<string[]> {
  const {ref} = lock.anchor
  const warnings = removal.foreign.map(leftAlone)
  await keepClaimsOfSets(lib, lock, removal.members)
  for (const wave of [...waves].reverse()) {
    const batch = removal.members.filter(member => waveOf(member) === wave)
    const jobs = wave === 'components' ? await taskJobs(lib, ref) : []
    if (batch.length + jobs.length === 0) continue
    await step(
      lib,
      lock,
      `remove ${wave}`,
      `remove ${[...batch, ...jobs].map(({kind, name}) => `${kind} ${name}`).join(', ')}`,
      async () => {
        const results = await Promise.all(
          [...batch, ...jobs].map(async member => ({member, result: await deleteMember(lib.kube, ref, lock, member)})),
        )
        for (const {member, result} of results) if (result === 'foreign') warnings.push(leftAlone(member))
        const deleted = results.filter(({result}) => result === 'deleted').map(({member}) => member)
        await awaitGone(lib, lock, observer, deleted, wave === 'components', options.timeout)
      },
    )
  }
  return warnings
}

const leftAlone = (member: Member): string => `${objectId(member)} was left alone: it is not the one that this app made`

/** A StatefulSet told to delete its claims with itself is told otherwise first, and has heard it before it goes. */
async function keepClaimsOfSets(lib: Lib, lock: Lock, members: Member[]): Promise<void> {
  for (const member of members.filter(({kind}) => kind === 'StatefulSet')) {
    const live = await findObject(lib.kube, member)
    if (live === undefined || !isMember(lock.anchor.ref, member, live)) continue
    const policy = (live.spec as {persistentVolumeClaimRetentionPolicy?: {whenDeleted?: string}} | undefined)
      ?.persistentVolumeClaimRetentionPolicy
    if (policy?.whenDeleted !== 'Delete') continue
    lock.assertHeld()
    await mergePatch(
      lib.kube,
      member,
      {spec: {persistentVolumeClaimRetentionPolicy: {whenDeleted: 'Retain', whenScaled: 'Retain'}}},
      {fieldManager: stateManager},
    )
    await untilClaimsAreFree(lib, lock.anchor.ref, member)
  }
}

/** The controller takes its owner references off the claims once it has seen the new policy. */
async function untilClaimsAreFree(lib: Lib, ref: AppRef, set: Member): Promise<void> {
  const observer = new Observer(lib.kube, ref, lib.signal)
  try {
    const owned = async () => {
      const {items} = await listObjects(lib.kube, claimKind, {
        namespace: ref.namespace,
        labelSelector: `${label.instance}=${ref.name}`,
      })
      return items.filter(
        claim =>
          claim.metadata.ownerReferences?.some(owner => owner.kind === 'StatefulSet' && owner.name === set.name) ===
          true,
      )
    }
    let left = await owned()
    await observer.until(
      [set],
      () =>
        left.length === 0 ? {done: true} : {done: false, waiting: `StatefulSet ${set.name} to let go of its volumes`},
      {
        timeout: 60_000,
        failFast: false,
        refresh: async () => {
          left = await owned()
        },
      },
    )
  } finally {
    await observer.close()
  }
}

/** Jobs of tasks that never came to their end. */
async function taskJobs(lib: Lib, ref: AppRef): Promise<Member[]> {
  const {items} = await listObjects(lib.kube, jobKind, {
    namespace: ref.namespace,
    labelSelector: `${label.partOf}=${applySetId(ref)}`,
  })
  return items
    .filter(job => job.metadata.annotations?.[annotation.task] !== undefined)
    .map(job => toMember({...job, ...jobKind}))
}

async function awaitGone(
  lib: Lib,
  lock: Lock,
  observer: Observer,
  members: Member[],
  pods: boolean,
  timeout: number,
): Promise<void> {
  const name = 'gone'
  const waited = members.filter(member => member.namespace === lock.anchor.ref.namespace)
  if (waited.length === 0 && !pods) return
  await observer.until(
    waited,
    () => {
      const left = waited.map(member => observer.find(objectId(member))).find(object => object !== undefined)
      if (left !== undefined) return {done: false, waiting: describeLeft(left)}
      const [pod] = pods ? observer.pods() : []
      return pod === undefined ? {done: true} : {done: false, waiting: describeLeft({...pod, kind: 'Pod'})}
    },
    {timeout, failFast: false, onWaiting: on => lib.report({type: 'step-waiting', step: name, on})},
  )
}

/** A finalizer is what holds an object that is deleted: whoever put it there must take it away. */
function describeLeft(object: KubeObject): string {
  const {finalizers = [], deletionTimestamp} = object.metadata
  const held = deletionTimestamp !== undefined && finalizers.length > 0 ? `, held by ${finalizers.join(', ')}` : ''
  return `${object.kind} ${object.metadata.name} to go${held}`
}

/** The inventory is hostile input: a claim's data goes only where the claim itself, or the set that made it, says whose it is. */
function isClaimOf(ref: AppRef, claim: Member, live: KubeObject): boolean {
  if (claim.namespace !== ref.namespace || (claim.uid !== undefined && live.metadata.uid !== claim.uid)) return false
  const made = live.metadata.labels?.[label.partOf] === undefined && live.metadata.labels?.[label.instance] === ref.name
  return made || isMember(ref, claim, live)
}

async function releaseBindings(lib: Lib, lock: Lock, {bindings}: Removal, deleteData: boolean): Promise<string[]> {
  const kept: string[] = []
  for (const {parameter, provider} of bindings) {
    const title = `${deleteData ? 'delete the data of' : 'let go of'} ${parameter} at ${formatRef(provider)}`
    const result = await step(lib, lock, `release ${parameter}`, title, () =>
      release(
        lib.kube,
        provider,
        {consumer: lock.anchor.ref, parameter},
        {deleteData, assertHeld: () => lock.assertHeld(), signal: lib.signal},
      ),
    )
    if (result === 'kept') kept.push(`data of ${parameter} at ${formatRef(provider)}`)
    if (result === 'gone')
      lib.report({
        type: 'warning',
        message: `${formatRef(provider)}, which provided ${parameter}, is gone or knows nothing of it`,
      })
  }
  return kept
}

async function removeClaims(
  lib: Lib,
  lock: Lock,
  observer: Observer,
  {claims}: Removal,
  {deleteData, timeout}: UninstallOptions,
): Promise<void> {
  if (!deleteData || claims.length === 0) return
  const there = async () => {
    const lives = await Promise.all(claims.map(claim => findObject(lib.kube, claim)))
    return lives.find(
      (live, index) => live !== undefined && live.metadata.uid === (claims[index]?.uid ?? live.metadata.uid),
    )
  }
  await step(lib, lock, 'remove volumes', `delete volumes ${claims.map(({name}) => name).join(', ')}`, async () => {
    for (const claim of claims) {
      const live = await findObject(lib.kube, claim)
      if (live?.metadata.uid === undefined || !isClaimOf(lock.anchor.ref, claim, live)) continue
      lock.assertHeld()
      await deleteObject(lib.kube, claim, {uid: live.metadata.uid})
    }
    // Asked, not watched: claims that a StatefulSet made have no label of ours.
    let left = await there()
    await observer.until(
      [],
      () => (left === undefined ? {done: true} : {done: false, waiting: describeLeft({...left, ...claimKind})}),
      {
        timeout,
        failFast: false,
        refresh: async () => {
          left = await there()
        },
        onWaiting: on => lib.report({type: 'step-waiting', step: 'remove volumes', on}),
      },
    )
  })
}
