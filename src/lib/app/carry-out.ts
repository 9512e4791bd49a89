import type {Halt, Lock, Member, RevisionSecrets} from '../anchor/index.ts'
import {scaleManager} from '../anchor/index.ts'
import type {KubeObject} from '../kube/index.ts'
import {refOf, scaleObject} from '../kube/index.ts'
import {applyCrd} from './crds.ts'
import {remembered, restsOf} from './halt.ts'
import {isCrd, objectId, replicasOf} from './identity.ts'
import {awaitIssued} from './issuing.ts'
import {Observer} from './observer.ts'
import type {Intent, Scales, Ways} from './plan.ts'
import {recreateMember} from './recreate.ts'
import {removeWaves} from './remove-waves.ts'
import type {SealedObject} from './seal.ts'
import {step} from './step.ts'
import type {PlannedTask} from './tasks.ts'
import {plannedTasks, runTask} from './tasks.ts'
import type {Lib} from './types.ts'
import {componentLevels, waveOf, waves} from './waves.ts'
import {applyMember} from './write.ts'

/** A change that was agreed to, in the middle of which nothing is asked any more. Install, update, resume and going back are one of these. */
export interface Change extends Pick<Intent, 'target' | 'sealed' | 'current' | 'leaving' | 'tasks'> {
  kind: 'install' | 'update'
  secrets: RevisionSecrets
  ways: Ways
  scales: Scales
  started: Date
  wait: boolean
  /** Of each wait, in milliseconds. */
  timeout: number
  rerunTasks: boolean
}

/** What the steps of one change share. */
interface Work {
  lib: Lib
  lock: Lock
  observer: Observer
  change: Change
  /** Nothing comes up, so nothing is waited for. */
  stopped: boolean
  apply(batch: SealedObject[]): Promise<void>
}

/**
 * Brings the app to what is desired, wave by wave, each begun by a swap of the anchor that fails where the lock is lost; what it shall
 * have no more goes at the end. Every step can be repeated, so a resume walks the same way from the start. Gives back the members as they
 * now are.
 */
export async function carryOut(lib: Lib, lock: Lock, change: Change): Promise<Member[]> {
  const {sealed, target, ways, leaving, timeout, scales} = change
  const {ref, revision} = target
  const observer = new Observer(lib.kube, ref, lib.signal, () => lock.assertHeld())
  // In the journal's order; claims stay with the app whether they are still desired or not.
  const members = new Map(revision.inventory.map(member => [objectId(member), member]))
  const stopped = lock.anchor.desired === 'stopped'
  const rests = stopped ? restsOf(sealed, target.pkg.manifest) : new Map<string, Halt>()
  // A start shall bring what the app shall be now: that is in the anchor before the first object is.
  if (stopped) lock.stage(anchor => ({...anchor, stopped: remembered(anchor.stopped, sealed, rests, scales)}))
  const apply = async (batch: SealedObject[]) => {
    await Promise.all(
      batch.map(async entry => {
        if (isCrd(entry.object)) return applyCrd(lib.kube, ref, lock, entry, {timeout, signal: lib.signal})
        const [way, rest, scale] = [ways.get(entry.id), rests.get(entry.id), scales[entry.id]]
        const member =
          way?.anew === undefined
            ? await applyMember(lib.kube, ref, lock, entry, way, rest)
            : await recreateMember(lib, lock, observer, entry, {...way, anew: way.anew}, timeout, rest)
        if (scale !== undefined && !stopped)
          await scaleObject(lib.kube, refOf(entry.object), scale.to, {fieldManager: scaleManager(ref)})
        members.set(entry.id, {...members.get(entry.id), ...member})
      }),
    )
  }
  const work: Work = {lib, lock, observer, change, stopped, apply}
  try {
    for (const wave of waves) {
      const batch = sealed.filter(entry => entry.task === undefined && waveOf(entry.object) === wave)
      if (wave === 'components') await carryOutComponents(work, batch)
      else if (batch.length > 0) await step(lib, lock, wave, describe(batch), () => apply(batch))
      if (wave === 'certificates' && batch.length > 0) await awaitIssued(lib, lock, observer, batch, timeout)
    }
    const warnings = await removeWaves(lib, lock, observer, leaving, {timeout, everything: false})
    for (const message of warnings) lib.report({type: 'warning', message})
    return [...members.values()]
  } finally {
    await observer.close()
  }
}

/** Components in the order of their `after`; beside each, its tasks. What belongs to none comes with the first. */
async function carryOutComponents(work: Work, batch: SealedObject[]): Promise<void> {
  const {lib, lock, change, apply} = work
  const {components} = change.target.pkg.manifest
  const {pkg} = change.target
  const tasks = plannedTasks(pkg.manifest, change.tasks, change.sealed)
  const run = (chosen: (task: PlannedTask) => boolean) => runTasks(work, tasks.filter(chosen))
  const loose = batch.filter(entry => entry.component === undefined || components[entry.component] === undefined)
  if (loose.length > 0) await step(lib, lock, 'other objects', describe(loose), () => apply(loose))
  const levels = componentLevels(components)
  for (const [index, level] of levels.entries()) {
    await run(({before}) => before !== undefined && level.includes(before))
    const own = batch.filter(entry => entry.component !== undefined && level.includes(entry.component))
    if (own.length > 0) await step(lib, lock, `component ${level.join(', ')}`, describe(own), () => apply(own))
    const followed = index < levels.length - 1 || tasks.some(({after}) => after !== undefined && level.includes(after))
    if (own.length > 0 && !work.stopped && (change.wait || followed)) await awaitComponents(work, level, own)
    await run(({after}) => after !== undefined && level.includes(after))
  }
  await run(({before, after}) => before === undefined && after === undefined)
}

async function runTasks({lib, lock, observer, change}: Work, tasks: PlannedTask[]): Promise<void> {
  for (const task of tasks)
    await step(lib, lock, `task ${task.name}`, `run task ${task.name}`, () =>
      runTask(lib, lock, observer, task, {timeout: change.timeout, rerun: change.rerunTasks}),
    )
}

async function awaitComponents(work: Work, level: string[], own: SealedObject[]): Promise<void> {
  const {lib, lock, observer, change} = work
  const name = `ready ${level.join(', ')}`
  await step(lib, lock, name, `wait for ${level.join(', ')}`, () =>
    observer.untilReady(
      own.map(({id, object}) => {
        const scale = change.scales[id]
        return {id, kind: object, ...(scale && {changed: (live: KubeObject) => replicasOf(live) === scale.to})}
      }),
      {
        timeout: change.timeout,
        failFast: {components: level},
        onWaiting: on => lib.report({type: 'step-waiting', step: name, on}),
      },
    ),
  )
}

const describe = (batch: SealedObject[]): string =>
  batch.map(({object}) => `${object.kind} ${object.metadata.name}`).join(', ')
