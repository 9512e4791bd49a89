import type {Anchor, AppRef, PackageRef, Revision} from '../anchor/index.ts'
import {appLocked, Lock, readAnchor} from '../anchor/index.ts'
import type {Package} from '../package/index.ts'
import type {Answers} from '../params/index.ts'
import {changeUnder} from './change-under.ts'
import {lockRequest} from './ending.ts'
import {notInstalled, unfinished} from './errors.ts'
import {readBack} from './journaled.ts'
import {withLock} from './plan.ts'
import {prepareChange} from './prepare.ts'
import type {Agree, ChangeRequest, Lib, Outcome, Plan} from './types.ts'

/** An app as an update starts from it. */
export interface Present {
  pkg: Package
  origin: PackageRef
  answers: Answers
  /** What it is now. */
  revision: Revision
  /** Names of the secrets that it has: answers need not say them again. */
  secrets: ReadonlySet<string>
}

/** @throws UserError `app.not-found`, `app.unfinished`, `package.untrusted`, `app.corrupt` */
export async function readPresent(lib: Lib, ref: AppRef): Promise<Present> {
  const anchor = await readAnchor(lib.kube, ref, lib.signal)
  refuseUnlessInstalled(anchor)
  const {target, secrets} = await readBack(lib, ref, anchor.current)
  const {revision} = target
  const {package: origin, answers} = revision
  return {pkg: target.pkg, origin, answers, revision, secrets: new Set(Object.keys(secrets.values))}
}

/** What an update to other answers or another version would do. Changes nothing. @throws UserError as {@link update} */
export async function planUpdate(lib: Lib, request: ChangeRequest): Promise<Plan> {
  const anchor = await readAnchor(lib.kube, request.ref, lib.signal)
  refuseUnlessInstalled(anchor)
  return withLock((await prepareChange(lib, request, anchor)).plan, anchor)
}

/**
 * Brings an app to other answers or another version, on the same way as an install: the journal holds what it shall be beside what it
 * is, what it shall have no more goes at the end, and taking it back is a change to what it was. Where the plan changes nothing, no
 * revision is made.
 * @throws UserError `app.not-found`, `app.unfinished`, `object.conflict`, and as an install
 */
export async function update(lib: Lib, request: ChangeRequest, agree: Agree): Promise<Outcome> {
  const started = lib.now()
  const lock = await Lock.acquire(lib.kube, {
    ...lockRequest(lib, request.ref, 'update'),
    admit: refuseUnlessInstalled,
    patience: 'refuse',
  })
  return changeUnder(lib, lock, request, agree, started)
}

/** @throws UserError `app.locked`: while an app is being changed, it is neither as it was nor as it shall be */
export async function refuseLocked({kube, signal}: Lib, ref: AppRef): Promise<void> {
  const {operation} = await readAnchor(kube, ref, signal)
  if (operation === undefined) return
  const locked = appLocked(ref, operation)
  locked.hint.push(`berth app sync ${ref.name} -n ${ref.namespace}   takes the lock over from one that is gone`)
  throw locked
}

export function refuseUnlessInstalled(anchor: Anchor): asserts anchor is Anchor & {current: object} {
  if (anchor.pending !== undefined) throw unfinished(anchor.ref, anchor.pending.kind)
  if (anchor.current === undefined) throw notInstalled(anchor.ref)
}
