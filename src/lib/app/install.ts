import type {PendingChange, Revision, RevisionSecrets} from '../anchor/index.ts'
import {
  Lock,
  label,
  managedBy,
  newAnchor,
  newHashKey,
  packageSecretName,
  stateManager,
  writePackageSecret,
  writeRevisionSecret,
} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import {createObject, isAlreadyExists} from '../kube/index.ts'
import type {Package} from '../package/index.ts'
import {builtinInterfaces} from '../params/index.ts'
import {finishChange} from './change.ts'
import {lockRequest, withdraw} from './ending.ts'
import {planChanged} from './errors.ts'
import {objectId} from './identity.ts'
import type {Prepared} from './prepare.ts'
import {prepareInstall} from './prepare.ts'
import {removeUnder} from './removal.ts'
import {leftOf} from './retained.ts'
import {makeSecrets} from './secrets.ts'
import type {InstallRequest, Lib, Outcome, Plan} from './types.ts'

/** What an install would do. Changes nothing. @throws UserError for everything that stands in its way, all at once where it can */
export async function planInstall(lib: Lib, request: InstallRequest): Promise<Plan> {
  return (await prepareInstall(lib, request)).plan
}

/**
 * Installs: lock, plan again under the lock, journal, steps, commit. Once the journal is written, a failure leaves the app `failed` with
 * its journal, for `app resume` and `app abort`, or takes it back (`onFailure: 'rollback'`).
 * @throws UserError `plan.changed`, `operation.failed`, `operation.interrupted`, `wait.timeout`, and whatever planning throws
 */
export async function install(lib: Lib, request: InstallRequest): Promise<Outcome> {
  const {ref, pkg, origin, options} = request
  const started = lib.now()
  if (options.createNamespace) await ensureNamespace(lib, ref.namespace)
  const create = newAnchor(ref, lib.holder.identity.who, origin)
  const lock = await Lock.acquire(lib.kube, {...lockRequest(lib, ref, 'install'), create, patience: 'refuse'})
  const {prepared, secrets} = await begin(lib, lock, request)
  const expectNew = new Set(prepared.plan.steps.flatMap(step => (step.do === 'create' ? [objectId(step.object)] : [])))
  const {target, revision} = prepared
  try {
    return await finishChange(lib, lock, {
      pkg,
      target,
      revision,
      secrets,
      started,
      wait: options.wait,
      timeout: options.timeout,
      expectNew,
      rerunTasks: false,
    })
  } catch (error) {
    if (options.onFailure === 'rollback' && error instanceof UserError && error.code === 'operation.failed') {
      lib.report({type: 'warning', message: 'the install failed and is taken back'})
      const back = await Lock.acquire(lib.kube, {...lockRequest(lib, ref, 'uninstall'), patience: 'observe'})
      const deleteData = !(await tookOver(lib, prepared.plan))
      await removeUnder(lib, back, {deleteData, force: true, timeout: options.timeout}, 'abort')
    }
    throw error
  }
}

/** Data that was there before the install is not its to delete. */
async function tookOver(lib: Lib, {app, steps}: Plan): Promise<boolean> {
  const claims = steps.some(
    step => (step.do === 'update' || step.do === 'keep') && step.object.kind === 'PersistentVolumeClaim',
  )
  return claims || (await leftOf(lib, app)) !== undefined
}

/** Up to the journal nothing is done: whatever fails takes the lock's own anchor away again. */
async function begin(
  lib: Lib,
  lock: Lock,
  request: InstallRequest,
): Promise<{prepared: Prepared; secrets: RevisionSecrets}> {
  const {planHash} = request.options
  let prepared: Prepared | undefined
  try {
    prepared = await prepareInstall(lib, request, lock.anchor)
    if (planHash !== undefined && planHash !== prepared.plan.hash) throw planChanged(prepared.plan)
    const values = await makeSecrets(lib.kube, prepared.target.resolution, builtinInterfaces, prepared.kept)
    const secrets = {values, hashKey: newHashKey()}
    await journal(lib, lock, request.pkg, prepared.revision, secrets)
    return {prepared, secrets}
  } catch (error) {
    const {ref} = lock.anchor
    const written =
      prepared === undefined ? [] : [prepared.revision.secret, packageSecretName(ref.name, request.pkg.digest)]
    try {
      await withdraw(lib, lock, written)
    } catch (left) {
      // The first error says more; a lock that could not be taken back frees itself.
      lib.report({
        type: 'warning',
        message: `what was begun could not be taken back: ${left instanceof Error ? left.message : String(left)}`,
      })
      await lock.stop()
    }
    throw error
  }
}

/** Everything that the rest of the operation needs goes into the cluster before its first step. */
async function journal(
  lib: Lib,
  lock: Lock,
  pkg: Package,
  revision: Revision,
  secrets: RevisionSecrets,
): Promise<void> {
  const {ref} = lock.anchor
  lib.signal.throwIfAborted()
  lock.assertHeld()
  await Promise.all([writePackageSecret(lib.kube, ref, pkg), writeRevisionSecret(lib.kube, ref, revision, secrets)])
  const pending: PendingChange = {
    kind: 'install',
    operation: lock.operation.id,
    stage: 'provisioning',
    target: revision,
    tasks: {},
  }
  await lock.update(anchor => ({...anchor, pending, package: revision.package}))
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
