import type {Anchor, AppRef} from '../anchor/index.ts'
import {Lock, readAnchor} from '../anchor/index.ts'
import {lockRequest} from './ending.ts'
import {unfinished} from './errors.ts'
import {removeOrphans, withOrphans} from './orphans.ts'
import {planRemoval, refuseUsers, removeUnder} from './removal.ts'
import type {Agree, Lib, Outcome, Plan, UninstallOptions} from './types.ts'

/** What an uninstall would do. Changes nothing. @throws UserError `app.not-found`, `app.in-use` */
export async function planUninstall(lib: Lib, ref: AppRef, options: UninstallOptions): Promise<Plan> {
  const anchor = await readAnchor(lib.kube, ref, lib.signal)
  refuseUnfinished(anchor)
  return withOrphans(lib, await planRemoval(lib, anchor, options, 'uninstall'), options)
}

/**
 * Uninstalls: publishing first, then workloads, bindings, the rest, the anchor last. Data stays unless `deleteData` says otherwise, and
 * what is kept is found again by an install of the same name.
 * @throws UserError `app.in-use`, `operation.failed`, `wait.timeout`, and what `agree` throws
 */
export async function uninstall(lib: Lib, ref: AppRef, options: UninstallOptions, agree: Agree): Promise<Outcome> {
  let phase: Anchor['phase'] = 'running'
  const lock = await Lock.acquire(lib.kube, {
    ...lockRequest(lib, ref, 'uninstall'),
    admit: anchor => {
      refuseUnfinished(anchor)
      refuseUsers(anchor, options)
      ;({phase} = anchor)
    },
    patience: 'refuse',
  })
  let plan: Plan
  try {
    plan = await withOrphans(lib, await planRemoval(lib, lock.anchor, options, 'uninstall'), options)
    await agree(plan)
  } catch (error) {
    await lock.release(before => ({...before, phase}))
    throw error
  }
  return removeOrphans(lib, await removeUnder(lib, lock, options, 'uninstall'), plan, options, uninstall)
}

function refuseUnfinished({ref, pending}: Anchor): void {
  if (pending !== undefined) throw unfinished(ref, pending.kind)
}
