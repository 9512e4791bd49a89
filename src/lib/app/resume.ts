import type {Anchor, AppRef, OnDrift, Pending, PendingChange, PendingRun} from '../anchor/index.ts'
import {Lock, readAnchor} from '../anchor/index.ts'
import type {Change} from './carry-out.ts'
import {finishChange} from './change.ts'
import {letGo, lockRequest} from './ending.ts'
import {nothingPending} from './errors.ts'
import {objectId} from './identity.ts'
import type {ReadBack} from './journaled.ts'
import {readBack, requireSame} from './journaled.ts'
import type {Intent, Scales, Ways} from './plan.ts'
import {finishPlan, planChange} from './plan.ts'
import {checkConsent} from './preflight.ts'
import {ignoredBy} from './prepare.ts'
import {withAnew} from './recreate.ts'
import {planRemoval, removeUnder} from './removal.ts'
import {restartRun} from './restart.ts'
import type {Run} from './run.ts'
import {carryOutRun, planRun} from './run.ts'
import {startRun, stopRun} from './stop.ts'
import type {Agree, Lib, Outcome, Plan, Verb} from './types.ts'

export interface ResumeOptions {
  /** What reaches beyond the namespace must be agreed to again: the journal stands where others may write. */
  allow: string[]
  wait: boolean
  timeout: number
  /** Run again tasks that were begun and whose end nobody knows. */
  rerunTasks: boolean
  /** Make anew what cannot be changed in place: what was agreed to when the change began is. */
  allowRecreate?: boolean
  /** Fields that others set: as was said when the change began, unless told anew. */
  onDrift?: OnDrift
}

/** What going on would do. @throws UserError `app.nothing-pending`, `package.untrusted`, `app.corrupt` */
export async function planResume(lib: Lib, ref: AppRef, options: ResumeOptions): Promise<Plan> {
  const anchor = await readAnchor(lib.kube, ref, lib.signal)
  const {pending} = anchor
  if (pending === undefined) throw nothingPending(ref, 'resume', anchor.operation !== undefined)
  if (isRun(pending)) return planRun(lib, ref, runAgain(pending, options))
  if (pending.kind !== 'uninstall') return (await readJournal(lib, anchor, pending, 'resume', options)).plan
  const plan = await planRemoval(lib, anchor, {...pending, force: true, timeout: options.timeout}, 'uninstall')
  return finishPlan({...plan, operation: 'resume'})
}

/**
 * Goes on with an interrupted operation, under its own id: what is done is found done, what is missing is done.
 * @throws UserError as {@link planResume}, and as the operation itself
 */
export async function resume(lib: Lib, ref: AppRef, options: ResumeOptions, agree: Agree): Promise<Outcome> {
  const started = lib.now()
  const {pending: before, operation} = await readAnchor(lib.kube, ref, lib.signal)
  if (before === undefined) throw nothingPending(ref, 'resume', operation !== undefined)
  if (isRun(before)) return carryOutRun(lib, ref, runAgain(before, options), agree, {patience: 'observe'})
  const lock = await Lock.acquire(lib.kube, {
    ...lockRequest(lib, ref, before.kind),
    operationId: before.operation,
    admit: ({pending}) => {
      if (pending?.operation !== before.operation) throw nothingPending(ref, 'resume')
    },
    patience: 'observe',
  })
  const {pending = before} = lock.anchor
  if (isRun(pending)) throw nothingPending(ref, 'resume')
  const work = await orLetGo(lock, async () => {
    if (pending.kind === 'uninstall') {
      const removal = {...pending, force: true, timeout: options.timeout}
      await agree(finishPlan({...(await planRemoval(lib, lock.anchor, removal, 'uninstall')), operation: 'resume'}))
      return () => removeUnder(lib, lock, removal, 'uninstall')
    }
    const {plan, ...journaled} = await readJournal(lib, lock.anchor, pending, 'resume', options)
    await agree(plan)
    lock.stage(before => ({...before, pending: withAnew(pending, journaled.ways)}))
    const change: Change = {...journaled, ...options, kind: pending.kind, started}
    return () => finishChange(lib, lock, change)
  })
  return {...(await work()), operation: 'resume'}
}

export const isRun = (pending: Pending | undefined): pending is PendingRun =>
  pending !== undefined && ['stop', 'start', 'restart'].includes(pending.kind)

/** Those who use it, or what it uses, were thought of when it began. */
function runAgain({kind, components}: PendingRun, {wait, timeout}: ResumeOptions): Run {
  const options = {force: true, along: [], wait, timeout}
  if (kind === 'restart') return restartRun(options, components, 'resume')
  return (kind === 'stop' ? stopRun : startRun)(options, 'resume')
}

/** Up to what `prepare` gives back nothing is done: where it fails, the app is as it was before the lock was taken. */
export async function orLetGo<T>(lock: Lock, prepare: () => Promise<T>): Promise<T> {
  try {
    return await prepare()
  } catch (error) {
    await letGo(lock)
    throw error
  }
}

/** Reads a journaled change back and plans it. */
export async function readJournal(
  lib: Lib,
  anchor: Anchor,
  pending: PendingChange,
  verb: Verb,
  {allow, allowRecreate = false, onDrift = pending.onDrift}: Pick<ResumeOptions, 'allow' | 'allowRecreate' | 'onDrift'>,
): Promise<ReadBack & Pick<Intent, 'current' | 'leaving' | 'tasks'> & {plan: Plan; ways: Ways; scales: Scales}> {
  const {ref, current} = anchor
  const {target: revision, leaving, stage} = pending
  const tasks = Object.keys(pending.tasks)
  const read = await readBack(lib, ref, revision, stage === 'provisioning')
  if (stage === 'applying') requireSame(read)
  checkConsent(ref, read.target.pkg.manifest, read.sealed, allow)
  const adopting = new Set(revision.inventory.filter(({adopted}) => adopted).map(objectId))
  const intent: Intent = {
    ...read,
    current,
    leaving,
    tasks,
    pending,
    offers: new Map(),
    mayAdopt: id => adopting.has(id),
    mayRecreate: id => allowRecreate || pending.anew?.[id] !== undefined,
    onDrift,
    ignore: ignoredBy(read.target),
    createNamespace: false,
    scale: {},
    stopped: anchor.desired === 'stopped' ? anchor.stopped : undefined,
    locked: true,
  }
  return {...read, current, leaving, tasks, ...(await planChange(lib, verb, intent))}
}
