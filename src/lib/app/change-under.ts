import {Lock, packageSecretName} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import {goBackUnder} from './abort.ts'
import type {Change} from './carry-out.ts'
import {finishChange, journal, outcomeOf} from './change.ts'
import {lockRequest, withdraw} from './ending.ts'
import {isClaim} from './identity.ts'
import {prepareChange} from './prepare.ts'
import {removeUnder} from './removal.ts'
import {leftOf} from './retained.ts'
import type {Agree, ChangeRequest, Lib, Outcome, Plan} from './types.ts'

/** An install or update whose lock is held: plan, agree, journal, steps, commit; taken back where it fails and that was wanted. */
export async function changeUnder(
  lib: Lib,
  lock: Lock,
  request: ChangeRequest,
  agree: Agree,
  started: Date,
): Promise<Outcome> {
  const {onFailure, timeout} = request.options
  const begun = await begin(lib, lock, request, agree, started)
  if (!('change' in begun)) return begun
  const {change, plan} = begun
  try {
    return await finishChange(lib, lock, change)
  } catch (error) {
    if (onFailure === 'rollback' && error instanceof UserError && error.code === 'operation.failed') {
      lib.report({type: 'warning', message: `the ${change.kind} failed and is taken back`})
      const kind = change.current === undefined ? 'uninstall' : 'update'
      const back = await Lock.acquire(lib.kube, {...lockRequest(lib, request.ref, kind), patience: 'observe'})
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
): Promise<{change: Change; plan: Plan} | Outcome> {
  const {ref, pkg, options} = request
  let written: string[] = []
  try {
    const prepared = await prepareChange(lib, request, lock.anchor)
    await agree(prepared.plan)
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
