import type {Anchor, AppRef, Binding, PendingChange, PendingRun, Revision} from '../anchor/index.ts'
import {changeOf, clearAway, Lock, readAnchor} from '../anchor/index.ts'
import {canonical} from '../params/index.ts'
import {droppedBindings, unheardOf} from './bindings.ts'
import type {Change} from './carry-out.ts'
import {finishChange, releaseDropped} from './change.ts'
import {deleteAnchor, lockRequest} from './ending.ts'
import {noReturn, nothingPending} from './errors.ts'
import {isClaim, objectId} from './identity.ts'
import {tellOrphans} from './orphans.ts'
import {finishPlan} from './plan.ts'
import {withAnew} from './recreate.ts'
import {planRemoval, removed, removeUnder} from './removal.ts'
import {restartRun} from './restart.ts'
import {isRun, orLetGo, readJournal} from './resume.ts'
import type {Run} from './run.ts'
import {carryOutRun, planRun} from './run.ts'
import {startRun, stopRun} from './stop.ts'
import type {Agree, Lib, Outcome, Plan} from './types.ts'

export interface AbortOptions {
  deleteData: boolean
  timeout: number
}

/** What taking back would do. @throws UserError `app.nothing-pending`, `app.no-return` */
export async function planAbort(lib: Lib, ref: AppRef, options: AbortOptions): Promise<Plan> {
  const anchor = await readAnchor(lib.kube, ref, lib.signal)
  refuseAbort(anchor)
  if (isRun(anchor.pending)) return planRun(lib, ref, oppositeOf(anchor.pending, options))
  if (anchor.pending === undefined) return planNothing(anchor)
  const way = wayBack(anchor)
  if (way === undefined) return planRemoval(lib, anchor, {...options, force: false}, 'abort')
  return (await readJournal(lib, anchor, way, 'abort', {allow: ['all'], allowRecreate: true})).plan
}

/**
 * Takes an interrupted change back: an update by changing to what the app was, a first install by a removal that keeps data unless told
 * otherwise. One that was cut off before its journal has nothing to take back but its lock.
 * @throws UserError as {@link planAbort}
 */
export async function abort(lib: Lib, ref: AppRef, options: AbortOptions, agree: Agree): Promise<Outcome> {
  const started = lib.now()
  const {pending: before, current} = await readAnchor(lib.kube, ref, lib.signal)
  if (isRun(before)) return carryOutRun(lib, ref, oppositeOf(before, options), agree, {patience: 'observe'})
  // Of what is being removed nobody may begin to use anything, also where only its lock is left.
  const lock = await Lock.acquire(lib.kube, {
    ...lockRequest(lib, ref, current === undefined ? 'uninstall' : 'update'),
    admit: anchor => {
      refuseAbort(anchor)
      if (isRun(anchor.pending)) throw nothingPending(ref, 'abort')
    },
    patience: 'observe',
  })
  const {anchor} = lock
  if (anchor.pending === undefined) {
    await orLetGo(lock, async () => agree(planNothing(anchor)))
    return tellOrphans(lib, await dropLock(lib, lock, started), options)
  }
  if (wayBack(anchor) !== undefined) return goBackUnder(lib, lock, options, agree)
  await orLetGo(lock, async () => agree(await planRemoval(lib, anchor, {...options, force: false}, 'abort')))
  const outcome = await removeUnder(lib, lock, {...options, force: true}, 'abort')
  return tellOrphans(lib, outcome, options)
}

/** A stop is taken back by a start, and the other way round. Pods that a restart has made anew are no other ones: only its journal goes. */
function oppositeOf({kind}: PendingRun, {timeout}: Pick<AbortOptions, 'timeout'>): Run {
  const options = {force: true, along: [], wait: true, timeout}
  if (kind === 'stop') return startRun(options, 'abort')
  if (kind === 'start') return stopRun(options, 'abort')
  return {...restartRun(options, [], 'abort'), prepare: async () => ({...nothing, changes: true})}
}

const nothing = {
  steps: [],
  warnings: [],
  begin: (anchor: Anchor) => anchor,
  end: (anchor: Anchor) => anchor,
  work: async () => undefined,
}

/** Cut off before the journal, an operation has done nothing. */
const planNothing = ({ref, package: pkg, current}: Anchor): Plan =>
  finishPlan({
    operation: 'abort',
    app: ref,
    package: pkg ?? null,
    revision: current?.number ?? 0,
    changes: true,
    steps: [],
    checks: [],
    warnings: [],
  })

/** What was written for a journal that never came goes, and the lock; with it the anchor, where it was no more than that. */
async function dropLock(lib: Lib, lock: Lock, started: Date): Promise<Outcome> {
  const {anchor} = lock
  const {current} = anchor
  lock.assertHeld()
  await clearAway(lib.kube, anchor)
  if (current === undefined) await deleteAnchor(lib, lock)
  else await lock.release(before => ({...before, phase: before.desired}))
  return removed(lib, anchor, 'abort', {started, retained: [], warnings: [], revision: current?.number ?? 0})
}

/** Changes an app to what it was before an update. */
export async function goBackUnder(
  lib: Lib,
  lock: Lock,
  {timeout}: Pick<AbortOptions, 'timeout'>,
  agree?: Agree,
): Promise<Outcome> {
  const started = lib.now()
  const {anchor} = lock
  const {pending, change, unheard} = await orLetGo(lock, async () => {
    const unheard = await unheardOf(lib, anchor)
    const back = wayBack(anchor, unheard)
    if (back === undefined) throw nothingPending(anchor.ref, 'abort')
    // Agreed to when the app became what it was, and it is rendered anew from what it was.
    const {plan, ...read} = await readJournal(lib, anchor, back, 'abort', {allow: ['all'], allowRecreate: true})
    await agree?.(plan)
    const made: Change = {...read, kind: 'update', started, wait: true, timeout, rerunTasks: false}
    return {pending: withAnew({...back, operation: lock.operation.id}, read.ways), change: made, unheard}
  })
  // First of all: once the journal is another, nothing names them any more.
  const abandoned = changeOf(anchor)
  const dropped = droppedBindings(change.target.revision, abandoned?.target).filter(([name]) => !unheard.has(name))
  // Whoever is cut off in between and goes on with the abandoned change asks those providers again.
  if (dropped.length > 0)
    lock.stage(before => ({...before, pending: abandoned && {...abandoned, stage: 'provisioning'}}))
  await releaseDropped(lib, lock, dropped)
  await lock.update(before => ({...before, pending, package: pending.target.package}))
  return {...(await finishChange(lib, lock, change)), operation: 'abort'}
}

/**
 * The journal of the change that takes an update back; undefined where there is nothing to go back to.
 * @param unheard bindings of which no provider has heard by the update
 */
function wayBack(anchor: Anchor, unheard: ReadonlySet<string> = new Set()): PendingChange | undefined {
  const pending = changeOf(anchor)
  const {current} = anchor
  if (pending === undefined || current === undefined) return undefined
  const {target, leaving: _leaving, scales = {}, ...rest} = pending
  // It is on its way back already.
  if (target.number === current.number) return pending
  const bindings = unsettled(current, target, unheard)
  const back = Object.entries(scales).map(([id, {from, to}]) => [id, {from: to, to: from}])
  return {
    ...rest,
    kind: 'update',
    stage: Object.values(bindings).some(({asks}) => asks === 'rotate') ? 'provisioning' : 'applying',
    target: {...current, bindings},
    leaving: newIn(pending, current),
    tasks: {},
    ...(back.length > 0 && {scales: Object.fromEntries(back)}),
  }
}

/**
 * Providers that the abandoned change has asked for something else are told at the end what counts after all. One that made another
 * credential may have dropped the former one already: then that is what it is asked to make beside the new one, before any pod needs it.
 */
function unsettled(current: Revision, abandoned: Revision, unheard: ReadonlySet<string>): Revision['bindings'] {
  const bindings = Object.entries(current.bindings).map(([parameter, binding]): [string, Binding] => {
    const made = abandoned.bindings[parameter]
    const same = unheard.has(parameter) || canonical(binding) === canonical(made ?? null)
    if (same || !('app' in binding.provider)) return [parameter, binding]
    const rotated = made?.asks === 'settle'
    return [parameter, rotated ? {...binding, outputs: made.outputs, asks: 'rotate'} : {...binding, asks: 'settle'}]
  })
  return Object.fromEntries(bindings)
}

/** What the abandoned change may have made. */
function newIn({target}: PendingChange, current: Revision) {
  const before = new Set(current.inventory.map(objectId))
  return target.inventory.filter(member => !before.has(objectId(member)) && !isClaim(member))
}

function refuseAbort({ref, pending, current, operation}: Anchor): void {
  if (pending?.kind === 'uninstall') throw noReturn(ref, 'a removal that has begun has no way back')
  if (pending === undefined && current !== undefined && operation === undefined) throw nothingPending(ref, 'abort')
  if (pending === undefined || isRun(pending) || current === undefined) return
  const begun = Object.entries(pending.tasks).find(([, progress]) => progress !== 'planned')
  if (begun !== undefined) throw noReturn(ref, `its task ${begun[0]} has run, and what it changed has no way back`)
}
