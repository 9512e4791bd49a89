import type {Halt, Lock, Member, PendingChange} from '../anchor/index.ts'
import type {KubeObject} from '../kube/index.ts'
import {refOf} from '../kube/index.ts'
import {growClaims, keepClaimsOfSets, outgrown} from './claims.ts'
import {isSet} from './identity.ts'
import type {Observer} from './observer.ts'
import type {Ways} from './plan.ts'
import {awaitGone} from './remove-waves.ts'
import type {SealedObject} from './seal.ts'
import type {Lib, Way} from './types.ts'
import {applyMember, deleteMember} from './write.ts'

/** What the journal keeps of objects that are made anew: nobody could tell it once the former is gone. */
export function withAnew<P extends Pick<PendingChange, 'anew'>>(pending: P, ways: Ways): P {
  const found = [...ways].flatMap(([id, {anew}]) => {
    if (anew === undefined) return []
    const {uid, replicas} = anew
    return [[id, {uid, ...(replicas !== undefined && {replicas})}] as const]
  })
  return found.length === 0 ? pending : {...pending, anew: {...pending.anew, ...Object.fromEntries(found)}}
}

/**
 * Makes an object anew: volumes grow, the former goes and is really gone (an apply on one that is ending answers 200, and vanishes with
 * it), the new one comes, and has taken over every pod.
 */
export async function recreateMember(
  lib: Lib,
  lock: Lock,
  observer: Observer,
  sealed: SealedObject,
  way: Way & {anew: object},
  timeout: number,
  rest: Halt | undefined,
): Promise<Member> {
  const {ref} = lock.anchor
  const {uid, handsOver} = way.anew
  const former = {...refOf(sealed.object), uid}
  if (isSet(sealed.object)) {
    lock.assertHeld()
    await growClaims(lib.kube, await outgrown(lib.kube, ref, sealed.object))
    if (!handsOver) await keepClaimsOfSets(lib, lock, observer, [former])
  }
  const result = await deleteMember(lib.kube, ref, lock, former, handsOver ? 'Orphan' : 'Foreground')
  if (result === 'deleted') await awaitGone(lib, observer, [former], timeout)
  const member = await applyMember(lib.kube, ref, lock, sealed, way, rest)
  if (isSet(sealed.object)) await untilTakenOver(observer, member, timeout)
  return member
}

/** Every pod of the set is the new one's: its controller takes those that fit. */
async function untilTakenOver(observer: Observer, {name, uid}: Member, timeout: number): Promise<void> {
  const isOther = ({metadata}: KubeObject) =>
    metadata.name.replace(/\d+$/, '') === `${name}-` &&
    metadata.deletionTimestamp === undefined &&
    metadata.ownerReferences?.some(owner => owner.controller === true && owner.uid === uid) !== true
  await observer.until(
    [],
    () => {
      const stray = observer.pods().find(isOther)
      return stray === undefined ? {done: true} : {done: false, waiting: `Pod ${stray.metadata.name} to be taken over`}
    },
    {timeout, failFast: false},
  )
}
