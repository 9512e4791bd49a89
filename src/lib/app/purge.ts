import type {Anchor, AppRef, Revision} from '../anchor/index.ts'
import {formatRef, Lock, newAnchor} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import {lockRequest} from './ending.ts'
import {removeOrphans, withOrphans} from './orphans.ts'
import {planRemoval, removeUnder} from './removal.ts'
import {leftOf} from './retained.ts'
import type {Agree, Lib, Outcome, Plan, UninstallOptions} from './types.ts'
import {uninstall} from './uninstall.ts'

const nothingKept = (ref: AppRef) =>
  new UserError('app.not-found', {
    message: `there is no app ${formatRef(ref)}, and no data of one was kept`,
    hint: 'berth app list --retained -A   shows what is kept',
  })

/** Whether data of an uninstalled app is kept. */
export const hasRetained = async (lib: Lib, ref: AppRef): Promise<boolean> => (await leftOf(lib, ref)) !== undefined

/** What deleting the data of an uninstalled app would do. @throws UserError `app.not-found` */
export async function planPurge(lib: Lib, ref: AppRef, options: UninstallOptions): Promise<Plan> {
  const left = await leftOf(lib, ref)
  if (left === undefined) throw nothingKept(ref)
  const all = {...options, deleteData: true}
  return withOrphans(lib, await planRemoval(lib, anchorOf(ref, lib, left.revision), all, 'uninstall'), all)
}

/** Deletes what an uninstalled app left: its anchor comes back for just as long, so that this, too, is locked and can be resumed. */
export async function purge(lib: Lib, ref: AppRef, options: UninstallOptions, agree: Agree): Promise<Outcome> {
  const left = await leftOf(lib, ref)
  if (left === undefined) throw nothingKept(ref)
  const plan = await planPurge(lib, ref, options)
  await agree(plan)
  const lock = await Lock.acquire(lib.kube, {
    ...lockRequest(lib, ref, 'uninstall'),
    create: newAnchor(ref, lib.holder.identity.who, left.revision.package),
    patience: 'refuse',
  })
  lock.stage(anchor => ({...anchor, current: left.revision}))
  const all = {...options, deleteData: true}
  return removeOrphans(lib, await removeUnder(lib, lock, all, 'uninstall'), plan, all, uninstall)
}

const anchorOf = (ref: AppRef, lib: Lib, revision: Revision): Anchor => ({
  ...newAnchor(ref, lib.holder.identity.who, revision.package),
  current: revision,
})
