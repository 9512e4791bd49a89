import type {Anchor, AppRef, Lock, Member, Revision} from '../anchor/index.ts'
import {changeOf, deleteStateSecrets, formatRef, markRetained, sameApp} from '../anchor/index.ts'
import {mayProvision, mayRecord, release, retainedGrants, untold, usersOf} from '../binding/index.ts'
import {findObject} from '../kube/index.ts'
import {unheardOf} from './bindings.ts'
import {claimsOfSets, deleteClaims, isClaimOf} from './claims.ts'
import {crdsOf, leaveCrd} from './crds.ts'
import {deleteAnchor, endInFailure, endOfRemoval} from './ending.ts'
import {inUse, keepersStopped, unseenUsers} from './errors.ts'
import {isClaim, objectId} from './identity.ts'
import {Observer} from './observer.ts'
import {finishPlan, shown} from './plan.ts'
import {recordEnd} from './record.ts'
import {leftAlone, removeWaves, taskJobs} from './remove-waves.ts'
import {leftOf} from './retained.ts'
import {step} from './step.ts'
import type {Lib, Outcome, Plan, Step, UninstallOptions} from './types.ts'
import {stoppedProvidersOf} from './users.ts'

/** What goes and what stays when an app is removed. */
interface Removal {
  /** Those marked as adopted are given back, not deleted. */
  members: Member[]
  /** Claims with data: the app's own and those that StatefulSets made. */
  claims: Member[]
  /** Claims that the inventory names, but that are not this app's. */
  foreign: Member[]
  bindings: {parameter: string; provider: AppRef; endpoint: string}[]
}

/** Plans the removal of whatever an anchor names, finished or not. @throws UserError `app.in-use`, `app.stopped` */
export async function planRemoval(
  lib: Lib,
  anchor: Anchor,
  options: UninstallOptions,
  operation: 'uninstall' | 'abort',
): Promise<Plan> {
  refuseUsers(anchor, options)
  const {deleteData, force, along = []} = options
  const stopped = deleteData && !force ? await stoppedProvidersOf(lib, anchor.current, [...along]) : []
  if (stopped.length > 0) throw keepersStopped(anchor.ref, stopped)
  const {members, claims, bindings} = await whatIsThere(lib, anchor, operation)
  const may = await Promise.all(
    bindings.map(({provider: app, endpoint}) =>
      deleteData ? mayProvision(lib.kube, {app, endpoint}, lib.signal) : mayRecord(lib.kube, app, lib.signal),
    ),
  )
  const out = bindings.filter((_, index) => !may[index])
  const kept = (member: Member, why: string): Step => ({do: 'keep', object: shown(member), why, reversal: 'reversible'})
  const steps: Step[] = [
    ...members.map((member): Step => {
      if (member.adopted === true) return kept(member, 'it was there before, and is given back')
      return {do: 'delete', object: shown(member), reversal: 'compensable'}
    }),
    ...bindings.map((binding): Step => {
      const {parameter, provider} = binding
      const release = {do: 'release', parameter, provider: formatRef(provider)} as const
      return deleteData && !out.includes(binding)
        ? {...release, data: 'deleted', reversal: 'final'}
        : {...release, data: 'kept', reversal: 'compensable'}
    }),
    ...claims.map((claim): Step => {
      if (!deleteData) return kept(claim, 'data is kept')
      return {do: 'delete', object: shown(claim), loses: 'all data of this volume', reversal: 'final'}
    }),
  ]
  const left = usersOf(anchor).filter(({consumer}) => !along.some(ref => sameApp(ref, consumer)))
  const warnings = [
    ...left.map(user => `${formatRef(user.consumer)} still uses it (${user.parameter}) and will fail`),
    ...out.map(binding => untold({consumer: anchor.ref, ...binding})),
  ]
  return finishPlan({
    operation,
    app: anchor.ref,
    package: anchor.package ?? null,
    revision: anchor.current?.number ?? 0,
    changes: true,
    steps,
    checks: [],
    warnings,
  })
}

/** @throws UserError `app.in-use` */
export function refuseUsers(anchor: Anchor, {force, deleteData, along = []}: UninstallOptions): void {
  if (force) return
  const users = usersOf(anchor).filter(({consumer}) => !along.some(ref => sameApp(ref, consumer)))
  if (users.length > 0)
    throw inUse(
      anchor.ref,
      users.map(({consumer, parameter}) => ({ref: formatRef(consumer), parameter})),
      'uninstall',
    )
  const left = retainedGrants(anchor)
  if (deleteData && left.length > 0) throw unseenUsers(anchor.ref, left.length)
}

/**
 * The revisions whose objects may be there: what an earlier app of this name left (an install that adopts it may have been cut off before
 * it named that itself), the current one, and one that was on its way.
 */
async function revisionsOf(lib: Lib, anchor: Anchor): Promise<Revision[]> {
  const left = await leftOf(lib, anchor.ref)
  return [left?.revision, anchor.current, changeOf(anchor)?.target].filter(revision => revision !== undefined)
}

async function whatIsThere(lib: Lib, anchor: Anchor, told: 'uninstall' | 'abort'): Promise<Removal> {
  const [revisions, unheard] = await Promise.all([revisionsOf(lib, anchor), unheardOf(lib, anchor)])
  const target = changeOf(anchor)?.target
  const inventory = [...revisions.flatMap(revision => revision.inventory), ...(changeOf(anchor)?.leaving ?? [])]
  const all = [...new Map(inventory.map(member => [objectId(member), member])).values()]
  // Whoever uninstalls means what the app took over, too; whoever takes an install back does not. Once begun, the journal says.
  const givesBack = told === 'abort' || anchor.pending?.kind === 'uninstall'
  const isAdopted = (member: Member) => givesBack && member.adopted === true
  const bindings = new Map(
    revisions.flatMap(revision =>
      Object.entries(revision.bindings).flatMap(([parameter, {provider}]) =>
        'app' in provider && !(revision === target && unheard.has(parameter))
          ? [
              [
                `${parameter} ${formatRef(provider.app)}`,
                {parameter, provider: provider.app, endpoint: provider.endpoint},
              ] as const,
            ]
          : [],
      ),
    ),
  )
  const looked = await Promise.all(
    all
      .filter(member => isClaim(member) && !isAdopted(member))
      .map(async claim => ({claim, live: await findObject(lib.kube, claim)})),
  )
  const named = looked.flatMap(({claim, live}) =>
    live === undefined ? [] : [{claim, own: isClaimOf(anchor.ref, claim, live)}],
  )
  const own = named.filter(each => each.own).map(({claim}) => claim)
  const ids = new Set(own.map(objectId))
  return {
    members: all
      .filter(member => !isClaim(member) || isAdopted(member))
      .map(({adopted, ...member}) => (adopted === true && givesBack ? {...member, adopted} : member)),
    claims: [...own, ...(await claimsOfSets(lib.kube, anchor.ref, all)).filter(claim => !ids.has(objectId(claim)))],
    foreign: named.filter(each => !each.own).map(({claim}) => claim),
    bindings: [...bindings.values()],
  }
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
  const {deleteData, force, timeout} = options
  const observer = new Observer(lib.kube, ref, lib.signal, () => lock.assertHeld())
  let revision: Revision | undefined
  try {
    revision = (await revisionsOf(lib, before)).at(-1)
    const last = revision
    const removal = await whatIsThere(lib, before, told)
    // What was on its way stays named until it is gone: the inventory moves to `current` before the journal of the install is replaced.
    const inventory = [...removal.members, ...removal.claims]
    const asked = new Set(removal.bindings.map(({parameter}) => parameter))
    const bindings = Object.fromEntries(Object.entries(last?.bindings ?? {}).filter(([name]) => asked.has(name)))
    await lock.update(anchor => ({
      ...anchor,
      ...(last !== undefined && {current: {...last, inventory, bindings}}),
      pending: {kind: 'uninstall', operation: lock.operation.id, deleteData, force},
    }))
    const warnings = removal.foreign.map(leftAlone)
    const members = [...removal.members, ...(await taskJobs(lib, ref))]
    warnings.push(...(await removeWaves(lib, lock, observer, members, {timeout, everything: true})))
    for (const name of crdsOf(last)) warnings.push(...((await leaveCrd(lib.kube, ref, name)) ?? []))
    const released = await releaseBindings(lib, lock, removal, deleteData)
    if (deleteData && removal.claims.length > 0) await deleteClaims(lib, lock, observer, removal.claims, timeout)
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
    if (retained.length > 0) await deleteStateSecrets(lib.kube, ref, name => name === secret)
    else await deleteStateSecrets(lib.kube, ref, () => false, 'revision,outputs,granted,package,login')
    await deleteAnchor(lib, lock)
    if (revision !== undefined) await recordEnd(lib, before, endOfRemoval(lib, revision, told, started))
    return removed(lib, before, told, {started, retained, warnings, revision: revision?.number ?? 0})
  } catch (error) {
    throw await endInFailure(lib, lock, 'uninstall', revision, error, started)
  } finally {
    await observer.close()
  }
}

/** How a removal ended. */
export const removed = (
  lib: Lib,
  {ref, package: pkg}: Anchor,
  operation: Outcome['operation'],
  {started, ...rest}: Pick<Outcome, 'retained' | 'warnings' | 'revision'> & {started: Date},
): Outcome => ({
  app: ref,
  operation,
  package: pkg ?? null,
  notes: null,
  urls: [],
  orphans: [],
  seconds: (lib.now().getTime() - started.getTime()) / 1000,
  ...rest,
})

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
    if (result === 'kept' || result === 'untold') kept.push(`data of ${parameter} at ${formatRef(provider)}`)
    if (result === 'untold')
      lib.report({type: 'warning', message: untold({consumer: lock.anchor.ref, parameter, provider})})
    if (result === 'gone')
      lib.report({
        type: 'warning',
        message: `${formatRef(provider)}, which provided ${parameter}, is gone or knows nothing of it`,
      })
  }
  return kept
}
