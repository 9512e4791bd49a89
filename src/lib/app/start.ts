import {type AppRef, readAnchor} from '../anchor/index.ts'
import {outdatedBindings} from './provider-states.ts'
import {renewRequest} from './renew.ts'
import {carryOutRun, planRun} from './run.ts'
import {startRun, stopRun} from './stop.ts'
import type {Agree, Lib, Outcome, RunOptions} from './types.ts'
import {update} from './update.ts'

/**
 * Starts an app. A provider that has another certificate by now is asked first: pods that trust the former one would not come up. What an
 * earlier start left behind, that did not know of it, is taken back.
 * @throws UserError as {@link carryOutRun} and {@link update}
 */
export async function startApp(lib: Lib, ref: AppRef, options: RunOptions, agree: Agree): Promise<Outcome> {
  const run = startRun(options)
  const anchor = await readAnchor(lib.kube, ref, lib.signal)
  const rests = anchor.desired === 'stopped' || anchor.pending?.kind === 'start'
  const parameters = rests && !options.force ? await outdatedBindings(lib, anchor) : []
  if (parameters.length === 0) return carryOutRun(lib, ref, run, agree)
  await agree(await planRun(lib, ref, run))
  if (anchor.pending !== undefined) await carryOutRun(lib, ref, stopRun({...options, force: true}), () => undefined)
  // What others set in its objects is no business of a start.
  const how = {timeout: options.timeout, onDrift: 'keep'} as const
  const request = await renewRequest(lib, ref, {verb: 'ensure', parameters, ...how})
  await update(lib, request, () => undefined)
  return carryOutRun(lib, ref, run, () => undefined)
}
