import type {Anchor, AppRef, HistoryEntry, Lock, OperationKind, Revision} from '../anchor/index.ts'
import {deleteLease} from '../anchor/index.ts'
import {BerthError} from '../errors.ts'
import {deleteObject, findObject} from '../kube/index.ts'
import {gaveUp, interrupted, operationFailed} from './errors.ts'
import {recordEnd} from './record.ts'
import type {Lib} from './types.ts'

/** What every operation says when it asks for the lock. */
export const lockRequest = (lib: Lib, ref: AppRef, kind: OperationKind) => ({
  ref,
  kind,
  holder: lib.holder,
  signal: lib.signal,
  now: lib.now,
  onWait: () =>
    lib.report({type: 'detail', message: 'the last holder may be gone: watching its lease for a minute to be sure'}),
})

/** Nothing was journaled, so nothing was done: what was written for it goes again, the anchor with it where it was only our lock. */
export async function withdraw(lib: Lib, lock: Lock, secrets: string[]): Promise<void> {
  // An answer may have been lost: only a swap of the anchor tells for sure that no journal names what is to go.
  const anchor = await lock.update(before => before)
  const {ref} = anchor
  const journaled = anchor.pending !== undefined
  for (const name of journaled ? [] : secrets) {
    const secret = {apiVersion: 'v1', kind: 'Secret', namespace: ref.namespace, name}
    const there = await findObject(lib.kube, secret)
    if (there?.metadata.uid !== undefined) await deleteObject(lib.kube, secret, {uid: there.metadata.uid})
  }
  if (!journaled && anchor.current === undefined) return deleteAnchor(lib, lock)
  await lock.release(before => ({...before, phase: journaled ? 'failed' : before.desired}))
}

/** Nothing was done under this lock: the app is as it was before it was taken. */
export async function letGo(lock: Lock): Promise<void> {
  const phaseOf = ({pending, current, desired}: Anchor) => (pending === undefined && current ? desired : 'failed')
  await lock.release(anchor => ({...anchor, phase: phaseOf(anchor)})).catch(() => lock.stop()) // the first error is the one to tell
}

/** The last deed of an operation that leaves no app behind; fails where someone else has written the anchor since. */
export async function deleteAnchor(lib: Lib, lock: Lock): Promise<void> {
  await lock.stop()
  lock.assertHeld()
  const {ref, raw, uid, resourceVersion} = lock.anchor
  await deleteObject(
    lib.kube,
    {apiVersion: 'v1', kind: 'ConfigMap', namespace: ref.namespace, name: raw.metadata.name},
    {uid, resourceVersion},
  )
  // The app is gone, whatever becomes of this: the garbage collector takes what its anchor owned.
  await deleteLease(lib.kube, ref).catch(() => undefined)
}

export const historyEntry = (
  lib: Lib,
  revision: Revision,
  kind: OperationKind,
  started: Date,
  outcome: HistoryEntry['outcome'],
  message?: string,
): HistoryEntry => ({
  revision: revision.number,
  kind,
  package: revision.package,
  who: lib.holder.identity.who,
  when: started.toISOString(),
  seconds: Math.round((lib.now().getTime() - started.getTime()) / 100) / 10,
  outcome,
  // What follows on further lines is evidence, log lines among it: not for an anchor.
  ...(message !== undefined && {message: message.split('\n', 1).join().slice(0, 500)}),
})

/** A removal that took an install back is told as that install's end. */
export const endOfRemoval = (lib: Lib, revision: Revision, told: 'uninstall' | 'abort', started: Date): HistoryEntry =>
  told === 'abort'
    ? historyEntry(lib, revision, 'install', started, 'aborted')
    : historyEntry(lib, revision, 'uninstall', started, 'done')

/**
 * Lets go of the lock after a failure, with the journal left in place, and gives back what the user is told. A lock that is lost is left
 * alone: the app is someone else's now.
 */
export async function endInFailure(
  lib: Lib,
  lock: Lock,
  operation: OperationKind,
  revision: Revision | undefined,
  error: unknown,
  started: Date,
): Promise<unknown> {
  if (error instanceof BerthError && error.code === 'operation.lost') {
    await lock.stop()
    return error
  }
  const {ref} = lock.anchor
  const stopped = lib.signal.aborted
  const waits = error instanceof BerthError && error.code === 'binding.requested'
  const message = error instanceof Error ? error.message : String(error)
  const entry = waits ? undefined : revision && historyEntry(lib, revision, operation, started, 'failed', message)
  try {
    const committed = ({pending, current}: Anchor) => pending === undefined && current?.number === revision?.number
    const anchor = await lock.release(anchor => {
      // It had arrived after all, and only its answer was lost.
      if (committed(anchor)) return anchor
      return {
        ...anchor,
        phase: stopped || waits ? 'changing' : 'failed',
        history: entry === undefined ? anchor.history : [entry, ...anchor.history].slice(0, 10),
      }
    })
    if (entry !== undefined && !committed(anchor)) await recordEnd(lib, anchor, entry)
  } catch (unreleased) {
    // A step may fail only because the app is someone else's by now: that is what there is to tell.
    if (unreleased instanceof BerthError && unreleased.code === 'operation.lost') {
      await lock.stop()
      return unreleased
    }
    // The cluster is out of reach as well, most likely: the lock frees itself once its lease runs out. The first error says more.
    lib.report({
      type: 'warning',
      message: `the lock could not be released: ${unreleased instanceof Error ? unreleased.message : String(unreleased)}`,
    })
    await lock.stop()
  }
  if (stopped) return interrupted(ref, operation)
  if (!(error instanceof BerthError) || waits) return error
  if (error.code === 'wait.timeout') return gaveUp(ref, operation, error)
  return operationFailed(ref, operation, error)
}
