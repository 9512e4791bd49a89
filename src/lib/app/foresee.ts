import {type Anchor, type AppRef, findAnchor, newAnchor} from '../anchor/index.ts'
import {parseProvider} from '../binding/index.ts'
import type {MergedAnswers} from '../params/index.ts'
import {lookUpShared} from '../shared/index.ts'
import {resolveAnswers, type Surroundings} from './answers.ts'
import {unfinished} from './errors.ts'
import {withLock} from './plan.ts'
import {prepareChange} from './prepare.ts'
import type {InstallRequest, Lib, Plan} from './types.ts'

/** A plan of an install or an update, and how the app's anchor will stand after it. */
export interface Foreseen {
  plan: Plan
  /** As it is now; undefined where the app is not there. */
  before: Anchor | undefined
  after: Anchor
}

/**
 * Plans what brings an app about, be it there or not. Plans of others that use it can count on what is foreseen.
 * @throws UserError as planning an install or an update
 */
export async function foresee(lib: Lib, request: InstallRequest): Promise<Foreseen> {
  const {ref, origin} = request
  const before = await findAnchor(lib.kube, ref, lib.signal)
  if (before?.pending !== undefined) throw unfinished(ref, before.pending.kind)
  const {plan, target} = await prepareChange(lib, request, before)
  const anchor = before ?? newAnchor(ref, lib.holder.identity.who, origin)
  return {plan: withLock(plan, anchor), before, after: {...anchor, current: target.revision}}
}

/** The apps that answers make an app use, as far as they can be read: what is wrong in them is told by a plan. */
export async function usedBy(lib: Lib, around: Surroundings, {answers}: MergedAnswers): Promise<AppRef[]> {
  const shared = await lookUpShared(lib.kube, around.ref.namespace, answers)
  const {bindings} = await resolveAnswers(answers, {...around, shared}, {})
  return bindings.flatMap(({provider}) => ('$app' in provider ? [parseProvider(provider.$app, around.ref)] : []))
}
