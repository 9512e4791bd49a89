import type {Anchor, AnchorSummary, AppRef} from '../anchor/index.ts'
import {findAnchor, formatRef, listAnchors, sameApp} from '../anchor/index.ts'
import {retainedGrants, usersOf} from '../binding/index.ts'
import {errorCodes} from '../error-codes.ts'
import {UserError} from '../errors.ts'
import {isForbidden} from '../kube/index.ts'
import {insistOn} from './errors.ts'
import {withOperations} from './plan.ts'
import {planRemoval} from './removal.ts'
import type {Agree, Lib, Outcome, Plan, UninstallOptions} from './types.ts'

type Remove = (lib: Lib, ref: AppRef, options: UninstallOptions, agree: Agree) => Promise<Outcome>

/**
 * Apps that were installed for one that goes, and for these in turn, and that nobody else uses: each after those that use it. Where data
 * goes, too, one that keeps data for others stays.
 */
async function findOrphans(lib: Lib, ref: AppRef, deleteData: boolean): Promise<Anchor[]> {
  const marked = (await listAll(lib, ref)).filter(({installedFor}) => installedFor !== undefined)
  const going = [ref]
  const goes = (app: AppRef) => going.some(each => sameApp(each, app))
  const orphans: Anchor[] = []
  for (let more = true; more; ) {
    more = false
    for (const {ref: app, installedFor} of marked) {
      if (installedFor === undefined || goes(app) || !goes(installedFor)) continue
      const anchor = await readOrTell(lib, app)
      const left = deleteData && anchor !== undefined ? retainedGrants(anchor) : []
      if (anchor === undefined || ![...usersOf(anchor), ...left].every(({consumer}) => goes(consumer))) continue
      orphans.push(anchor)
      going.push(app)
      more = true
    }
  }
  return orphans
}

async function listAll({kube, signal}: Lib, {namespace}: AppRef): Promise<AnchorSummary[]> {
  try {
    return await listAnchors(kube, {signal})
  } catch (error) {
    if (isForbidden(error)) return listAnchors(kube, {namespace, signal})
    throw error
  }
}

/** One that cannot be read, or is in the middle of something, is nobody's to remove on the way. */
async function readOrTell({kube, signal, report}: Lib, ref: AppRef): Promise<Anchor | undefined> {
  try {
    const anchor = await findAnchor(kube, ref, signal)
    return anchor?.pending === undefined ? anchor : undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    report({type: 'warning', message: error.message})
    return undefined
  }
}

/** The plan of a removal with what it takes along. */
export async function withOrphans(lib: Lib, plan: Plan, options: UninstallOptions): Promise<Plan> {
  if (options.autoremove !== true) return plan
  const orphans = await findOrphans(lib, plan.app, options.deleteData)
  // whoever uses them goes first
  const plans = orphans.map(anchor => planRemoval(lib, anchor, {...options, force: true}, 'uninstall'))
  const last = (await Promise.all(plans)).map(each => ({...each, warnings: []}))
  return withOperations(plan, {last})
}

/**
 * Removes what the plan named, now that its users are gone, and says what is left. What somebody has begun to use, or changed, since then
 * stays.
 */
export async function removeOrphans(
  lib: Lib,
  outcome: Outcome,
  plan: Plan,
  options: UninstallOptions,
  remove: Remove,
): Promise<Outcome> {
  const retained = [...outcome.retained]
  for (const step of plan.steps) {
    if (step.do !== 'operation') continue
    const {app, hash} = step.plan
    try {
      const gone = await remove(lib, app, {...options, force: false, autoremove: false}, found => insistOn(hash, found))
      retained.push(...gone.retained.map(what => `${what} of ${formatRef(app)}`))
    } catch (error) {
      if (!(error instanceof UserError) || errorCodes[error.code].exit !== 4) throw error
      lib.report({type: 'warning', message: `${formatRef(app)} stays: ${error.message}`})
    }
  }
  return tellOrphans(lib, {...outcome, retained}, options.deleteData)
}

/** The outcome of a removal, with the apps that were installed for what is gone. */
export async function tellOrphans(lib: Lib, outcome: Outcome, deleteData: boolean): Promise<Outcome> {
  const orphans = await findOrphans(lib, outcome.app, deleteData)
  return {...outcome, orphans: orphans.map(({ref}) => formatRef(ref))}
}
