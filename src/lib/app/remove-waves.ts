import type {AppRef, Lock, Member} from '../anchor/index.ts'
import {annotation, applySetId, label} from '../anchor/index.ts'
import {listObjects} from '../kube/index.ts'
import {keepClaimsOfSets} from './claims.ts'
import {objectId, toMember} from './identity.ts'
import type {Observer} from './observer.ts'
import {describeLeft} from './ready.ts'
import {step} from './step.ts'
import type {Lib} from './types.ts'
import {waveOf, waves} from './waves.ts'
import {removeMember} from './write.ts'

/**
 * Removes members in the reverse order of coming up; each wave is really gone before the next. Data is not touched.
 * @param options.everything no pod of the app stays, so each is waited for
 * @returns what was left alone, in words
 */
export async function removeWaves(
  lib: Lib,
  lock: Lock,
  observer: Observer,
  members: Member[],
  {timeout, everything}: {timeout: number; everything: boolean},
): Promise<string[]> {
  const {ref} = lock.anchor
  const warnings: string[] = []
  await keepClaimsOfSets(lib, lock, observer, members)
  for (const wave of [...waves].reverse()) {
    const batch = members.filter(member => waveOf(member) === wave)
    if (batch.length === 0) continue
    const title = `remove ${batch.map(({kind, name}) => `${kind} ${name}`).join(', ')}`
    await step(lib, lock, `remove ${wave}`, title, async () => {
      const results = await Promise.all(
        batch.map(async member => ({member, result: await removeMember(lib.kube, ref, lock, member)})),
      )
      for (const {member, result} of results) if (result === 'foreign') warnings.push(leftAlone(member))
      await awaitGone(
        lib,
        observer,
        results.filter(({result}) => result === 'deleted').map(({member}) => member),
        timeout,
      )
      if (everything && wave === 'components') await awaitNoPods(lib, observer, timeout)
    })
  }
  return warnings
}

export const leftAlone = (member: Member): string =>
  `${objectId(member)} was left alone: it is not the one that this app made`

/** Jobs of tasks that never came to their end. */
export async function taskJobs({kube}: Lib, ref: AppRef): Promise<Member[]> {
  const kind = {apiVersion: 'batch/v1', kind: 'Job'}
  const {items} = await listObjects(kube, kind, {
    namespace: ref.namespace,
    labelSelector: `${label.partOf}=${applySetId(ref)}`,
  })
  return items
    .filter(job => job.metadata.annotations?.[annotation.task] !== undefined)
    .map(job => toMember({...job, ...kind}))
}

export async function awaitGone(lib: Lib, observer: Observer, members: Member[], timeout: number): Promise<void> {
  const watched = members.filter(member => member.namespace !== undefined)
  if (watched.length === 0) return
  await observer.until(
    watched,
    () => {
      const [left] = watched.flatMap(member => observer.find(objectId(member)) ?? [])
      return left === undefined ? {done: true} : {done: false, waiting: describeLeft(left)}
    },
    {timeout, failFast: false, onWaiting: on => lib.report({type: 'step-waiting', step: 'gone', on})},
  )
}

/** No pod of the app is left: what it had open is closed. */
async function awaitNoPods(lib: Lib, observer: Observer, timeout: number): Promise<void> {
  await observer.until(
    [],
    () => {
      const [pod] = observer.pods()
      return pod === undefined ? {done: true} : {done: false, waiting: describeLeft({...pod, kind: 'Pod'})}
    },
    {timeout, failFast: false, onWaiting: on => lib.report({type: 'step-waiting', step: 'gone', on})},
  )
}
