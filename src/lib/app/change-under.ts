import type {AppRef} from '../anchor/index.ts'
import {formatRef, Lock, label, managedBy, newAnchor, packageSecretName, stateManager} from '../anchor/index.ts'
import {BerthError, UserError} from '../errors.ts'
import {createObject, isAlreadyExists, isForbidden, isNotFound} from '../kube/index.ts'
import {goBackUnder} from './abort.ts'
import type {Change} from './carry-out.ts'
import {finishChange, journal, outcomeOf} from './change.ts'
import {lockRequest, withdraw} from './ending.ts'
import {insistOn} from './errors.ts'
import {isClaim} from './identity.ts'
import {type Needed, prepareChange, refuseExisting} from './prepare.ts'
import {removeUnder} from './removal.ts'
import {leftOf} from './retained.ts'
import type {Agree, ChangeOptions, ChangeRequest, InstallOptions, InstallRequest, Lib, Outcome, Plan} from './types.ts'
import {uninstall} from './uninstall.ts'

/**
 * Installs: lock, plan, what it needs first, journal, steps, commit. Once the journal is written, a failure leaves the app `failed` with
 * its journal, for `app resume` and `app abort`, or takes it back (`onFailure: 'rollback'`).
 * @throws UserError `operation.failed`, `operation.interrupted`, `wait.timeout`, and whatever planning and `agree` throw
 */
export async function install(lib: Lib, request: InstallRequest, agree: Agree): Promise<Outcome> {
  const {ref, origin, options} = request
  const started = lib.now()
  refuseExisting(ref, undefined)
  const acquire = () =>
    Lock.acquire(lib.kube, {
      ...lockRequest(lib, ref, 'install'),
      create: newAnchor(ref, lib.holder.identity.who, origin),
      admit: anchor => refuseExisting(ref, anchor),
      patience: 'refuse',
    })
  const lock = await acquire().catch(async error => {
    if (!isForbidden(error) && !isNotFound(error)) throw error
    // Not even the lock can be written: the plan says so, with everything else that is in the way.
    const {plan} = await prepareChange(lib, request, undefined)
    if (!options.createNamespace) throw error
    await agree(plan)
    await ensureNamespace(lib, ref.namespace)
    return acquire()
  })
  const installedFor = request.consumers?.at(-1)?.ref
  if (installedFor !== undefined) lock.stage(anchor => ({...anchor, installedFor}))
  return changeUnder(lib, lock, request, agree, started)
}

async function ensureNamespace(lib: Lib, name: string): Promise<void> {
  try {
    await createObject(
      lib.kube,
      {apiVersion: 'v1', kind: 'Namespace', metadata: {name, labels: {[label.managedBy]: managedBy}}},
      {fieldManager: stateManager},
    )
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

/**
 * An install or update whose lock is held: plan, agree, what is installed first, journal, steps, commit; taken back where it fails and
 * that was wanted.
 */
export async function changeUnder(
  lib: Lib,
  lock: Lock,
  request: ChangeRequest,
  agree: Agree,
  started: Date,
): Promise<Outcome> {
  const made: AppRef[] = []
  try {
    const begun = await begin(lib, lock, request, agree, started, made)
    return 'change' in begun ? await finishOrGoBack(lib, lock, request, begun) : begun
  } catch (error) {
    if (error instanceof BerthError) await leaveMade(lib, made, request.options, error)
    throw error
  }
}

async function finishOrGoBack(
  lib: Lib,
  lock: Lock,
  {ref, options: {onFailure, timeout}}: ChangeRequest,
  {change, plan}: {change: Change; plan: Plan},
): Promise<Outcome> {
  try {
    return await finishChange(lib, lock, change)
  } catch (error) {
    if (onFailure === 'rollback' && error instanceof UserError && error.code === 'operation.failed') {
      lib.report({type: 'warning', message: `the ${change.kind} failed and is taken back`})
      const kind = change.current === undefined ? 'uninstall' : 'update'
      const back = await Lock.acquire(lib.kube, {...lockRequest(lib, ref, kind), patience: 'observe'})
      if (change.current !== undefined) await goBackUnder(lib, back, {timeout})
      else {
        const deleteData = !(await tookOver(lib, plan))
        await removeUnder(lib, back, {deleteData, force: true, timeout}, 'abort')
      }
    }
    throw error
  }
}

/** Data that was there before the install is not its to delete. */
async function tookOver(lib: Lib, {app, steps}: Plan): Promise<boolean> {
  const claims = steps.some(step => (step.do === 'update' || step.do === 'keep') && isClaim(step.object))
  return claims || (await leftOf(lib, app)) !== undefined
}

/** Up to the journal nothing is done: whatever fails takes the lock's own anchor away again. */
async function begin(
  lib: Lib,
  lock: Lock,
  request: ChangeRequest,
  agree: Agree,
  started: Date,
  made: AppRef[],
): Promise<{change: Change; plan: Plan} | Outcome> {
  const {ref, pkg, options, set} = request
  let written: string[] = []
  try {
    let prepared = await prepareChange(lib, request, lock.anchor)
    await agree(prepared.plan)
    if (set !== undefined) lock.stage(anchor => ({...anchor, set}))
    if (prepared.needed.length > 0) {
      const {own, needed} = prepared
      for (const first of needed) await installFirst(lib, lock, first, made)
      prepared = await prepareChange(lib, request, lock.anchor)
      insistOn(own.hash, prepared.plan)
    }
    if (prepared.current !== undefined && !prepared.plan.changes) {
      await lock.release(before => ({...before, phase: before.desired}))
      return {...outcomeOf(lib, 'update', prepared.target, started), revision: prepared.current.number}
    }
    const {secret} = prepared.target.revision
    const isOld = prepared.current?.package.digest === pkg.digest
    written = isOld ? [secret] : [secret, packageSecretName(ref.name, pkg.digest)]
    const kind = prepared.current === undefined ? ('install' as const) : ('update' as const)
    const change: Change = {
      ...prepared,
      ...(await prepared.complete()),
      kind,
      started,
      wait: options.wait,
      timeout: options.timeout,
      rerunTasks: false,
    }
    return {change: await journal(lib, lock, change, options.onDrift), plan: prepared.plan}
  } catch (error) {
    await withdraw(lib, lock, written).catch(left => {
      // The first error says more; a lock that could not be taken back frees itself.
      const why = left instanceof Error ? left.message : String(left)
      lib.report({type: 'warning', message: `what was begun could not be taken back: ${why}`})
      return lock.stop()
    })
    throw error
  }
}

/** Under its own lock, and as it was agreed to. The lock of the app that needs it is held meanwhile: the name is taken. */
async function installFirst(lib: Lib, lock: Lock, {request, plan}: Needed, made: AppRef[]): Promise<void> {
  const {ref, origin} = request
  await lock.step(`install ${formatRef(ref)}`)
  await lib.trust(origin)
  await install(lib, request, found => insistOn(plan.hash, found))
  made.push(ref)
}

/** After a failure, what was installed first stays, so that a second try finds it, unless everything is to be as it was. */
async function leaveMade(
  lib: Lib,
  made: AppRef[],
  {onFailure, timeout, adopt, retained}: ChangeOptions & Partial<InstallOptions>,
  reason: BerthError,
): Promise<void> {
  // only then may there be something in it from before
  const deleteData = !adopt && retained !== 'adopt'
  for (const ref of made.toReversed()) {
    const stays = `berth app uninstall ${ref.name} -n ${ref.namespace}   remove what was installed for it, and stays`
    if (onFailure === 'keep' || lib.signal.aborted) reason.hint.push(stays)
    else {
      try {
        await uninstall(lib, ref, {deleteData, force: false, autoremove: true, timeout}, () => undefined)
      } catch (error) {
        if (!(error instanceof BerthError)) throw error
        lib.report({type: 'warning', message: `${formatRef(ref)} stays: ${error.message}`})
        reason.hint.push(stays)
      }
    }
  }
}
