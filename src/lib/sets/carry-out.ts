import {formatRef, swapAnchor} from '../anchor/index.ts'
import {type Agree, install, inTheNameOf, type Lib, type Outcome, type Plan, uninstall, update} from '../app/index.ts'
import {BerthError, type UserError} from '../errors.ts'
import {type AppPlan, type PreparedSet, removal, type Wanted} from './plan.ts'

/** How it went with one app of a set. */
export interface AppApplied extends AppPlan {
  /** `skipped`: what it uses could not be brought about. */
  state: 'done' | 'failed' | 'skipped'
  outcome: Outcome | null
  error: {code: string; message: string; hint: string[]} | null
}

/** So many apps at a time: what they wait for is the cluster. */
const width = 8

/**
 * Carries a set out as planned, level by level. An app that fails keeps only those from theirs that use it.
 * @param agree hears the plan of each app as it is under its lock; it throws where that is another than the agreed one
 */
export async function carryOutSet(
  lib: Lib,
  {plan, levels, leaving}: PreparedSet,
  options: {timeout: number},
  agree: (plan: Plan, wanted: Wanted | undefined) => void | Promise<void>,
): Promise<AppApplied[]> {
  const results: AppApplied[] = []
  const failed = new Set<string>()
  const run = async (app: AppPlan, work: () => Promise<Outcome | null>) => {
    const result = await applied(lib, app, work)
    if (result.state === 'failed') failed.add(formatRef(app.app))
    results.push(result)
  }
  for (const level of levels)
    await atMost(width, level, async wanted => {
      const {app, change, request, plan: known, uses} = wanted
      const common = {app, change, plan: known}
      if (uses.some(other => failed.has(other))) {
        failed.add(formatRef(app))
        results.push({...common, state: 'skipped', outcome: null, error: null})
        return
      }
      const own = inTheNameOf(lib, app)
      const hear: Agree = found => agree(found, wanted)
      await run(common, async () => {
        if (change !== 'none') return (change === 'install' ? install : update)(own, request, hear)
        const {set} = plan
        await swapAnchor(lib.kube, app, anchor => (anchor.set === set ? anchor : {...anchor, set}), lib.signal)
        return null
      })
    })
  // What goes may be used by what could not be changed: nothing is taken away from under it.
  for (const app of plan.apps.filter(({change}) => change === 'uninstall'))
    if (failed.size > 0) results.push({...app, state: 'skipped', outcome: null, error: null})
    else
      await run(app, () =>
        uninstall(inTheNameOf(lib, app.app), app.app, removal(options, leaving), found => agree(found, undefined)),
      )
  return results
}

async function applied(lib: Lib, app: AppPlan, work: () => Promise<Outcome | null>): Promise<AppApplied> {
  try {
    return {...app, state: 'done', outcome: await work(), error: null}
  } catch (error) {
    if (!(error instanceof BerthError) || lib.signal.aborted) throw error
    const {code, message, hint} = error as UserError
    return {...app, state: 'failed', outcome: null, error: {code, message, hint}}
  }
}

async function atMost<T>(lanes: number, all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const queue = [...all]
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next)
  }
  await Promise.all(Array.from({length: Math.min(lanes, all.length)}, lane))
}
