import type {Anchor, AppRef, PendingChange, RevisionSecrets} from '../anchor/index.ts'
import {
  deleteStateSecrets,
  Lock,
  listRevisionSecrets,
  readAnchor,
  readPackageSecret,
  readRevisionSecret,
} from '../anchor/index.ts'
import type {Package} from '../package/index.ts'
import {resolveFrozen} from './answers.ts'
import type {Change} from './change.ts'
import {finishChange, finishFrozen} from './change.ts'
import {compareObject} from './compare.ts'
import type {Target} from './desired.ts'
import {renderDesired} from './desired.ts'
import {deleteAnchor, lockRequest, withdraw} from './ending.ts'
import {noReturn, nothingPending, planChanged, preflightFailed, renderedDifferently, untrusted} from './errors.ts'
import {objectId} from './identity.ts'
import {checkConsent} from './preflight.ts'
import {finishPlan, secretNamesOf} from './prepare.ts'
import {planRemoval, removeUnder} from './removal.ts'
import {seal, unsealed} from './seal.ts'
import {requireSecrets} from './secrets.ts'
import type {DesiredObject, Lib, Outcome, Plan, Step} from './types.ts'

export interface ResumeOptions {
  /** What reaches beyond the namespace must be agreed to again: the journal stands where others may write. */
  allow: string[]
  wait: boolean
  timeout: number
  /** Run again tasks that were begun and whose end nobody knows. */
  rerunTasks: boolean
  planHash?: string
}

/** A journaled change, read back and held against what the journal says of it. */
interface Journaled {
  pkg: Package
  target: Target
  pending: PendingChange
  secrets: RevisionSecrets
  desired: DesiredObject[]
}

/** What going on would do. @throws UserError `app.nothing-pending`, `package.untrusted`, `app.corrupt` */
export async function planResume(lib: Lib, ref: AppRef, options: ResumeOptions): Promise<Plan> {
  const anchor = await readAnchor(lib.kube, ref, lib.signal)
  if (anchor.pending === undefined) throw nothingPending(ref, 'resume')
  if (anchor.pending.kind === 'uninstall') {
    const plan = await planRemoval(lib, anchor, {...anchor.pending, force: true, timeout: options.timeout}, 'uninstall')
    return finishPlan({...plan, operation: 'resume'})
  }
  return planChange(lib, anchor, await readJournal(lib, anchor, anchor.pending, options.allow))
}

/**
 * Goes on with an interrupted operation, under its own id: what is done is found done, what is missing is done.
 * @throws UserError as {@link planResume}, and as the operation itself
 */
export async function resume(lib: Lib, ref: AppRef, options: ResumeOptions): Promise<Outcome> {
  const started = lib.now()
  const before = await readAnchor(lib.kube, ref, lib.signal)
  const {pending} = before
  if (pending === undefined) throw nothingPending(ref, 'resume')
  const lock = await Lock.acquire(lib.kube, {
    ...lockRequest(lib, ref, pending.kind),
    operationId: pending.operation,
    patience: 'observe',
  })
  const now = lock.anchor.pending
  if (now === undefined) {
    await withdraw(lib, lock, [])
    throw nothingPending(ref, 'resume')
  }
  if (now.kind === 'uninstall')
    return {
      ...(await removeUnder(lib, lock, {...now, force: true, timeout: options.timeout}, 'uninstall')),
      operation: 'resume',
    }
  try {
    const journaled = await readJournal(lib, lock.anchor, now, options.allow)
    const plan = await planChange(lib, lock.anchor, journaled)
    if (options.planHash !== undefined && options.planHash !== plan.hash) throw planChanged(plan)
    const expectNew = new Set(plan.steps.flatMap(step => (step.do === 'create' ? [objectId(step.object)] : [])))
    const {pkg, target, secrets, desired} = journaled
    const change: Change = {...options, pkg, target, revision: now.target, secrets, started, expectNew}
    const work = now.stage === 'applying' ? finishFrozen(lib, lock, change, desired) : finishChange(lib, lock, change)
    return {...(await work), operation: 'resume'}
  } catch (error) {
    if (lock.anchor.operation !== undefined) await letGo(lock)
    throw error
  }
}

/** Nothing was done under this lock: the app is as it was before it was taken. */
async function letGo(lock: Lock): Promise<void> {
  await lock.release(anchor => ({...anchor, phase: 'failed'})).catch(() => lock.stop()) // the first error is the one to tell
}

/**
 * Reads what the journal names and checks that it is what it says: bytes by their digest, the digest by trust, every object by its
 * keyed hash.
 */
async function readJournal(lib: Lib, anchor: Anchor, pending: PendingChange, allow: string[]): Promise<Journaled> {
  const {ref} = anchor
  const {target: revision} = pending
  if (!(await lib.isTrusted(revision.package))) throw untrusted(ref, revision.package)
  const [pkg, secrets] = await Promise.all([
    readPackageSecret(lib.kube, ref, revision.package.digest),
    readRevisionSecret(lib.kube, ref, revision.secret),
  ])
  const resolution = await resolveFrozen(ref, pkg.manifest, revision, secrets)
  const needed =
    pending.stage === 'applying' ? secretNamesOf(resolution, revision.bindings) : secretNamesOf(resolution, {})
  requireSecrets(ref, revision.secret, needed, secrets.values)
  const target: Target = {
    ref,
    pkg,
    revision: revision.number,
    cluster: revision.cluster,
    scale: revision.scale,
    resolution,
    secretNames: secretNamesOf(resolution, revision.bindings),
  }
  const desired = renderDesired(target)
  checkConsent(ref, pkg.manifest, desired, allow)
  if (pending.stage === 'applying') {
    const sealed = seal(desired, secrets)
    const different = sealed.filter(({id, hash}) => revision.objects[id] !== hash).map(({id}) => id)
    if (different.length > 0 || sealed.length !== Object.keys(revision.objects).length)
      throw renderedDifferently(ref, different)
  }
  return {pkg, target, pending, secrets, desired}
}

async function planChange(lib: Lib, anchor: Anchor, {desired, pending, pkg}: Journaled): Promise<Plan> {
  const objects = unsealed(desired).filter(entry => entry.task === undefined)
  const compared = await Promise.all(objects.map(entry => compareObject(lib.kube, anchor.ref, entry, {adopt: false})))
  const failed = compared.flatMap(each => (each.failed === undefined ? [] : [each.failed]))
  if (failed.length > 0) throw preflightFailed(anchor.ref, failed)
  const {target} = pending
  const provisions: Step[] =
    pending.stage === 'applying'
      ? []
      : Object.entries(target.bindings).flatMap(([parameter, binding]) =>
          'app' in binding.provider
            ? [
                {
                  do: 'provision' as const,
                  parameter,
                  interface: binding.interface,
                  provider: `${binding.provider.app.namespace}/${binding.provider.app.name}`,
                  reversal: 'compensable' as const,
                },
              ]
            : [],
        )
  const tasks: Step[] = Object.entries(pkg.manifest.tasks)
    .filter(([name, task]) => task.on.includes('install') && pending.tasks[name] !== 'done')
    .map(([task]) => ({do: 'task', task, reversal: 'final'}))
  return finishPlan({
    operation: 'resume',
    app: anchor.ref,
    package: target.package,
    revision: target.number,
    steps: [...provisions, ...compared.map(({step}) => step), ...tasks],
    checks: [],
    warnings: [],
  })
}

export interface AbortOptions {
  deleteData: boolean
  timeout: number
  planHash?: string
}

/** What taking back would do. @throws UserError `app.nothing-pending`, `app.no-return` */
export async function planAbort(lib: Lib, ref: AppRef, options: AbortOptions): Promise<Plan> {
  const anchor = await readAnchor(lib.kube, ref, lib.signal)
  refuseAbort(anchor)
  return planRemoval(lib, anchor, {...options, force: false}, 'abort')
}

/**
 * Takes an interrupted first install back: a removal that keeps data unless told otherwise. One that was cut off before its journal has
 * nothing to take back but its lock.
 * @throws UserError as {@link planAbort}
 */
export async function abort(lib: Lib, ref: AppRef, options: AbortOptions): Promise<Outcome> {
  const started = lib.now()
  refuseAbort(await readAnchor(lib.kube, ref, lib.signal))
  const lock = await Lock.acquire(lib.kube, {...lockRequest(lib, ref, 'uninstall'), patience: 'observe'})
  const {anchor} = lock
  if (anchor.pending === undefined && anchor.current === undefined) {
    const retained = (await listRevisionSecrets(lib.kube, ref))
      .filter(secret => secret.retained !== undefined)
      .map(({name}) => name)
    await deleteStateSecrets(lib.kube, ref, name => retained.includes(name))
    await deleteAnchor(lib, lock)
    return {
      app: ref,
      operation: 'abort',
      package: anchor.package ?? null,
      revision: 0,
      notes: null,
      urls: [],
      retained: [],
      warnings: [],
      seconds: (lib.now().getTime() - started.getTime()) / 1000,
    }
  }
  try {
    refuseAbort(anchor)
    const plan = await planRemoval(lib, anchor, {...options, force: false}, 'abort')
    if (options.planHash !== undefined && options.planHash !== plan.hash) throw planChanged(plan)
  } catch (error) {
    await letGo(lock)
    throw error
  }
  return removeUnder(lib, lock, {...options, force: true}, 'abort')
}

function refuseAbort({ref, pending, current}: Anchor): void {
  if (pending?.kind === 'uninstall') throw noReturn(ref, 'a removal that has begun has no way back')
  if (pending === undefined && current !== undefined) throw nothingPending(ref, 'abort')
}
