import type {Anchor, AppRef, PendingRun, RunKind} from '../anchor/index.ts'
import {Lock, readAnchor} from '../anchor/index.ts'
import {endInFailure, historyEntry, lockRequest} from './ending.ts'
import {notInstalled, unfinished} from './errors.ts'
import {Observer} from './observer.ts'
import {finishPlan} from './plan.ts'
import type {Agree, Lib, Outcome, Plan, Verb} from './types.ts'

/** An app that is installed, whatever else is to be said of it. */
export type Installed = Anchor & {current: object}

/** What an operation found that it will do, under the lock or before it. */
export interface Prepared extends Pick<Plan, 'steps' | 'changes' | 'warnings'> {
  /** What the anchor says from the journal on. */
  begin(anchor: Anchor): Anchor
  /** Begins with a step, which is what writes the journal. */
  work(lock: Lock, observer: Observer): Promise<void>
  /** What the anchor says once all is done. */
  end(anchor: Anchor): Anchor
}

/** An operation that changes whether an app runs, not what it is. */
export interface Run {
  kind: RunKind
  /** What a user calls it: going on with it, or taking back its opposite, is the same. */
  told: Verb
  /** Interrupted operations that it may take the place of. */
  over: RunKind[]
  components?: string[]
  prepare(lib: Lib, anchor: Installed): Promise<Prepared>
}

/** What it would do. Changes nothing. @throws UserError `app.not-found`, `app.unfinished`, and as its `prepare` */
export async function planRun(lib: Lib, ref: AppRef, run: Run): Promise<Plan> {
  const anchor = await readAnchor(lib.kube, ref, lib.signal)
  admit(anchor, run)
  return planOf(anchor, run, await run.prepare(lib, anchor))
}

/**
 * Lock, plan, journal, steps, commit. What a stop took is in the anchor from the first swap to the end of a start, so an operation that was
 * cut off is gone on with, taken back by its opposite, or simply run again.
 * @throws UserError as {@link planRun}; `operation.failed`, `wait.timeout`, and what `agree` throws
 */
export async function carryOutRun(
  lib: Lib,
  ref: AppRef,
  run: Run,
  agree: Agree,
  {patience}: {patience: 'refuse' | 'observe'} = {patience: 'refuse'},
): Promise<Outcome> {
  const started = lib.now()
  let phase: Anchor['phase'] = 'running'
  const lock = await Lock.acquire(lib.kube, {
    ...lockRequest(lib, ref, run.kind),
    admit: anchor => {
      admit(anchor, run)
      phase = anchor.pending === undefined ? anchor.desired : anchor.phase
    },
    patience,
  })
  const {anchor} = lock
  const {current} = anchor
  const giveBack = () => lock.release(before => ({...before, phase}))
  let found: {prepared: Prepared; plan: Plan}
  try {
    admit(anchor, run)
    const prepared = await run.prepare(lib, anchor)
    found = {prepared, plan: planOf(anchor, run, prepared)}
    await agree(found.plan)
  } catch (error) {
    await giveBack().catch(() => lock.stop()) // the first error is the one to tell; the lock frees itself
    throw error
  }
  const {prepared, plan} = found
  const outcome = (): Outcome => ({
    app: ref,
    operation: run.told,
    package: plan.package,
    revision: plan.revision,
    notes: null,
    urls: [],
    retained: [],
    orphans: [],
    warnings: plan.warnings,
    seconds: (lib.now().getTime() - started.getTime()) / 1000,
  })
  if (!plan.changes) {
    await giveBack()
    return outcome()
  }
  const pending: PendingRun = {
    kind: run.kind,
    operation: lock.operation.id,
    at: (anchor.pending?.kind === run.kind && anchor.pending.at) || started.toISOString(),
    ...(run.components !== undefined && {components: run.components}),
  }
  const observer = new Observer(lib.kube, ref, lib.signal, () => lock.assertHeld())
  try {
    lock.stage(before => ({...prepared.begin(before), pending}))
    await prepared.work(lock, observer)
    await lock.release(before => {
      const done = prepared.end(before)
      const entry = current && historyEntry(lib, current, run.kind, started, run.told === 'abort' ? 'aborted' : 'done')
      const history = entry === undefined ? done.history : [entry, ...done.history].slice(0, 10)
      return {...done, pending: undefined, phase: done.desired, history}
    })
    return outcome()
  } catch (error) {
    throw await endInFailure(lib, lock, run.kind, current, error, started)
  } finally {
    await observer.close()
  }
}

function admit(anchor: Anchor, {over}: Run): asserts anchor is Installed {
  const {ref, pending, current} = anchor
  if (pending !== undefined && !over.some(kind => kind === pending.kind)) throw unfinished(ref, pending.kind)
  if (current === undefined) throw notInstalled(ref)
}

const planOf = (
  {ref, package: pkg, current}: Anchor,
  {told}: Run,
  {steps, changes, warnings}: Pick<Plan, 'steps' | 'changes' | 'warnings'>,
): Plan =>
  finishPlan({
    operation: told,
    app: ref,
    package: pkg ?? null,
    revision: current?.number ?? 0,
    changes,
    steps,
    checks: [],
    warnings,
  })
