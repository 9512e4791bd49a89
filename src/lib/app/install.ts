import {Lock, label, managedBy, newAnchor, stateManager} from '../anchor/index.ts'
import {createObject, isAlreadyExists, isForbidden, isNotFound} from '../kube/index.ts'
import {changeUnder} from './change-under.ts'
import {lockRequest} from './ending.ts'
import {findPresent, prepareChange, refuseExisting} from './prepare.ts'
import type {Agree, InstallRequest, Lib, Outcome, Plan} from './types.ts'

/** What an install would do. Changes nothing. @throws UserError for everything that stands in its way, all at once where it can */
export async function planInstall(lib: Lib, request: InstallRequest): Promise<Plan> {
  const anchor = await findPresent(lib, request.ref)
  refuseExisting(request.ref, anchor)
  return (await prepareChange(lib, request, anchor)).plan
}

/**
 * Installs: lock, plan, journal, steps, commit. Once the journal is written, a failure leaves the app `failed` with its journal, for
 * `app resume` and `app abort`, or takes it back (`onFailure: 'rollback'`).
 * @throws UserError `operation.failed`, `operation.interrupted`, `wait.timeout`, and whatever planning and `agree` throw
 */
export async function install(lib: Lib, request: InstallRequest, agree: Agree): Promise<Outcome> {
  const {ref, origin, options} = request
  const started = lib.now()
  refuseExisting(ref, undefined)
  if (options.createNamespace) await ensureNamespace(lib, ref.namespace)
  const lock = await Lock.acquire(lib.kube, {
    ...lockRequest(lib, ref, 'install'),
    create: newAnchor(ref, lib.holder.identity.who, origin),
    admit: anchor => refuseExisting(ref, anchor),
    patience: 'refuse',
  }).catch(async error => {
    // Not even the lock can be written: the plan says so, with everything else that is in the way.
    if (isForbidden(error) || isNotFound(error)) await planInstall(lib, request)
    throw error
  })
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
