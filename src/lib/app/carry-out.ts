import type {Lock, Member, OperationKind, RevisionSecrets} from '../anchor/index.ts'
import {refOf} from '../kube/index.ts'
import type {Manifest} from '../package/index.ts'
import {objectId} from './identity.ts'
import {Observer} from './observer.ts'
import type {SealedObject} from './seal.ts'
import {seal} from './seal.ts'
import type {PlannedTask} from './tasks.ts'
import {runTask, tasksOf} from './tasks.ts'
import type {DesiredObject, Lib} from './types.ts'
import {componentLevels, waveOf, waves} from './waves.ts'
import {applyMember} from './write.ts'

export interface CarryOutOptions {
  operation: OperationKind
  manifest: Manifest
  /** Ids that the plan said are new. */
  expectNew: ReadonlySet<string>
  wait: boolean
  /** Of each wait, in milliseconds. */
  timeout: number
  rerunTasks: boolean
}

/**
 * Brings the app to what is desired, wave by wave, each begun by a swap of the anchor that fails where the lock is lost. Every step can
 * be repeated, so a resume walks the same way from the start. Gives back the members as they now are.
 */
export async function carryOut(
  lib: Lib,
  lock: Lock,
  desired: DesiredObject[],
  secrets: RevisionSecrets,
  options: CarryOutOptions,
): Promise<Member[]> {
  const sealed = seal(desired, secrets)
  const objects = sealed.filter(entry => entry.task === undefined)
  const observer = new Observer(lib.kube, lock.anchor.ref, lib.signal)
  const members: Member[] = []
  const apply = async (batch: SealedObject[]) => {
    const applied = await Promise.all(
      batch.map(entry => applyMember(lib.kube, lock.anchor.ref, lock, entry, options.expectNew.has(entry.id))),
    )
    members.push(...applied)
  }
  try {
    for (const wave of waves) {
      const batch = objects.filter(entry => waveOf(entry.object) === wave)
      if (wave === 'components')
        await carryOutComponents(
          lib,
          lock,
          observer,
          batch,
          tasksOf(options.manifest, options.operation, sealed),
          apply,
          options,
        )
      else if (batch.length > 0) await step(lib, lock, wave, describe(batch), () => apply(batch))
    }
    return members
  } finally {
    await observer.close()
  }
}

/** Components in the order of their `after`; beside each, its tasks. What belongs to none comes with the first. */
async function carryOutComponents(
  lib: Lib,
  lock: Lock,
  observer: Observer,
  batch: SealedObject[],
  tasks: PlannedTask[],
  apply: (batch: SealedObject[]) => Promise<void>,
  options: CarryOutOptions,
): Promise<void> {
  const {manifest} = options
  const runTasks = async (chosen: PlannedTask[]) => {
    for (const task of chosen)
      await step(lib, lock, `task ${task.name}`, `run task ${task.name}`, () =>
        runTask(lib, lock, observer, task, {timeout: options.timeout, rerun: options.rerunTasks}),
      )
  }
  const loose = batch.filter(
    entry => entry.component === undefined || manifest.components[entry.component] === undefined,
  )
  if (loose.length > 0) await step(lib, lock, 'other objects', describe(loose), () => apply(loose))
  const levels = componentLevels(manifest.components)
  for (const [index, level] of levels.entries()) {
    await runTasks(tasks.filter(task => task.before !== undefined && level.includes(task.before)))
    const own = batch.filter(entry => entry.component !== undefined && level.includes(entry.component))
    if (own.length > 0) await step(lib, lock, `component ${level.join(', ')}`, describe(own), () => apply(own))
    const followed =
      index < levels.length - 1 || tasks.some(task => task.after !== undefined && level.includes(task.after))
    if (own.length > 0 && (options.wait || followed))
      await awaitComponents(lib, lock, observer, level, own, options.timeout)
    await runTasks(tasks.filter(task => task.after !== undefined && level.includes(task.after)))
  }
  await runTasks(tasks.filter(task => task.before === undefined && task.after === undefined))
}

async function awaitComponents(
  lib: Lib,
  lock: Lock,
  observer: Observer,
  level: string[],
  own: SealedObject[],
  timeout: number,
): Promise<void> {
  const name = `ready ${level.join(', ')}`
  await step(lib, lock, name, `wait for ${level.join(', ')}`, () =>
    observer.untilReady(
      own.map(({object}) => ({id: objectId(refOf(object)), kind: object})),
      {timeout, failFast: {components: level}, onWaiting: on => lib.report({type: 'step-waiting', step: name, on})},
    ),
  )
}

/**
 * One step of a running operation: interrupts count before it begins, the anchor says what is being done, the listeners hear of its
 * begin and end.
 */
export async function step<T>(lib: Lib, lock: Lock, name: string, title: string, work: () => Promise<T>): Promise<T> {
  lib.signal.throwIfAborted()
  await lock.step(name)
  lib.report({type: 'step-started', step: name, title})
  try {
    const result = await work()
    lib.report({type: 'step-done', step: name, title})
    return result
  } catch (error) {
    lib.report({
      type: 'step-failed',
      step: name,
      title,
      message: error instanceof Error ? error.message : String(error),
    })
    throw error
  }
}

const describe = (batch: SealedObject[]): string =>
  batch.map(({object}) => `${object.kind} ${object.metadata.name}`).join(', ')
