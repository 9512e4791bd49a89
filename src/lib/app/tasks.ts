import type {Anchor, Lock, PendingChange} from '../anchor/index.ts'
import {annotation, changeOf, fieldManager, formatRef, label} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import type {KubeObject} from '../kube/index.ts'
import {applyObject, deleteObject, findObject, refOf} from '../kube/index.ts'
import type {Manifest, Package, RenderScope, Task} from '../package/index.ts'
import {evaluateTaskCondition} from '../package/index.ts'
import {diagnose, failureOf} from './diagnose.ts'
import {objectId} from './identity.ts'
import type {Observer} from './observer.ts'
import type {Fault} from './ready.ts'
import {readiness, workloadFault} from './ready.ts'
import type {SealedObject} from './seal.ts'
import type {Lib} from './types.ts'

/** A task that an operation runs, and beside which component. */
export interface PlannedTask {
  name: string
  job: SealedObject
  before: string | undefined
  after: string | undefined
  /** Milliseconds. */
  timeout: number | undefined
  idempotent: boolean
}

/** What happens to an app, as tasks are asked for. */
export type Event = Task['on'][number]

/** The tasks that a package wants run when this happens, by what templates see now and saw before. */
export const chooseTasks = (pkg: Package, event: Event, now: RenderScope, before: RenderScope | undefined): string[] =>
  Object.entries(pkg.manifest.tasks).flatMap(([name, {on}]) =>
    on.includes(event) && evaluateTaskCondition(pkg, name, now, before) ? [name] : [],
  )

/** Tasks with their Jobs. @throws UserError `package.invalid` where a task's Job is not among the resources */
export function plannedTasks(manifest: Manifest, names: string[], sealed: SealedObject[]): PlannedTask[] {
  return names.flatMap(name => {
    const task = manifest.tasks[name]
    if (task === undefined) return []
    const job = sealed.find(entry => entry.task === task.job)
    if (job === undefined)
      throw new UserError('package.invalid', {
        message: `task ${name} runs job ${task.job}, but no resource says $task: ${task.job}`,
        details: {task: name, job: task.job},
      })
    const {before, after, timeout, idempotent = false} = task
    return {name, job, before, after, idempotent, timeout: timeout === undefined ? undefined : timeout * 1000}
  })
}

/**
 * Runs a task's Job to its end, once per operation: found there with our operation's id it is waited for, not started again; its end
 * is recorded in the journal before the Job is deleted. A Job that vanished without a record is started again only if that is harmless
 * or was asked for.
 * @throws UserError `operation.failed` with the pod's last lines, `wait.timeout`
 */
export async function runTask(
  lib: Lib,
  lock: Lock,
  observer: Observer,
  task: PlannedTask,
  options: {timeout: number; rerun: boolean},
): Promise<void> {
  const before = progressOf(lock, task)
  const job = jobOf(task, lock.operation.id)
  // Whoever recorded its end may have died before the Job was deleted.
  if (before === 'done') return deleteJob(lib, job)
  let there = await findObject(lib.kube, refOf(job))
  // Its beginning is recorded before it is made: without a record it is one whose failure was told, and that should have been deleted.
  if (there !== undefined && before === 'planned') {
    await deleteJob(lib, there)
    there = undefined
  }
  if (there === undefined && before === 'started' && !task.idempotent && !options.rerun)
    throw vanished(task.name, formatRef(lock.anchor.ref))
  if (there === undefined) {
    await record(lock, task, 'started')
    lock.assertHeld()
    there = (await applyObject(lib.kube, job, {fieldManager: fieldManager(lock.anchor.ref)})).object
  }
  const ended = await awaitEnd(lib, observer, task, there, task.timeout ?? options.timeout)
  const fault = workloadFault(ended)
  if (fault === undefined) await record(lock, task, 'done')
  // Deleted also where it failed: a resume then starts it anew.
  else await record(lock, task, 'planned')
  const error = fault === undefined ? undefined : await diagnoseJob(lib, lock.anchor, observer, job, ended, fault)
  await deleteJob(lib, ended)
  if (error !== undefined) throw error
}

async function deleteJob(lib: Lib, job: KubeObject): Promise<void> {
  const {uid} = job.metadata
  await deleteObject(lib.kube, refOf(job), {...(uid !== undefined && {uid}), propagation: 'Background'})
}

type Progress = PendingChange['tasks'][string]

const progressOf = (lock: Lock, task: PlannedTask): Progress => changeOf(lock.anchor)?.tasks[task.name] ?? 'planned'

async function record(lock: Lock, task: PlannedTask, progress: Progress): Promise<void> {
  await lock.update(anchor => {
    const pending = changeOf(anchor)
    if (pending === undefined) return anchor
    return {...anchor, pending: {...pending, tasks: {...pending.tasks, [task.name]: progress}}}
  })
}

async function awaitEnd(
  lib: Lib,
  observer: Observer,
  task: PlannedTask,
  job: KubeObject,
  timeout: number,
): Promise<KubeObject> {
  const id = objectId({...refOf(job), apiVersion: 'batch/v1', kind: 'Job'})
  let ended: KubeObject | undefined
  let seen = false
  await observer.until(
    [{apiVersion: 'batch/v1', kind: 'Job'}],
    () => {
      const found = observer.find(id)
      const live = found?.metadata.uid === job.metadata.uid ? found : undefined
      if (live === undefined && seen) throw vanished(task.name, job.metadata.namespace ?? '')
      if (live === undefined) return {done: false, waiting: `task ${task.name} to start`}
      seen = true
      const over = readiness(live).ready || workloadFault(live) !== undefined
      if (over) ended = live
      return over ? {done: true} : {done: false, waiting: `task ${task.name}: ${readiness(live).message}`}
    },
    {
      timeout,
      failFast: {components: [taskComponent(task.name)]},
      onWaiting: on => lib.report({type: 'step-waiting', step: `task ${task.name}`, on}),
    },
  )
  if (ended === undefined) throw new Error(`the wait for task ${task.name} ended without its Job`)
  return ended
}

async function diagnoseJob(
  lib: Lib,
  anchor: Anchor,
  observer: Observer,
  job: KubeObject,
  ended: KubeObject,
  fault: Fault,
): Promise<Error> {
  const pod = observer.pods().find(each => each.metadata.labels?.['batch.kubernetes.io/job-name'] === job.metadata.name)
  const bindings = changeOf(anchor)?.target.bindings ?? {}
  const [object, why] =
    pod === undefined ? [ended, fault] : [pod, {...fault, reason: 'Failed', container: firstContainer(pod)}]
  const found = await diagnose(lib.kube, {app: anchor.ref, bindings, signal: lib.signal}, object, why)
  if (found === undefined) throw new Error(`a fault of ${job.metadata.name} without a diagnosis`)
  return failureOf(found)
}

const taskComponent = (name: string): string => `task-${name}`

/** Under a name of this operation, with labels that no Service selects, and without a time to live: we delete it, after the record. */
function jobOf(task: PlannedTask, operation: string): KubeObject {
  const {object} = task.job
  const name = `${object.metadata.labels?.[label.instance]}-task-${task.name}-${operation}`
    .slice(-63)
    .replace(/^[^a-z]+/, '')
  const {ttlSecondsAfterFinished: _ttl, ...spec} = (object.spec ?? {}) as Record<string, unknown>
  const template = (spec.template ?? {}) as {metadata?: {labels?: Record<string, string>}}
  const labels = {[label.component]: taskComponent(task.name)}
  const annotations = {[annotation.task]: `${operation}/${task.name}`}
  const renamed: KubeObject = {
    ...object,
    metadata: {...object.metadata, name, labels: {...object.metadata.labels, ...labels}},
    spec: {
      ...spec,
      template: {
        ...template,
        metadata: {
          ...template.metadata,
          labels: {...template.metadata?.labels, ...labels},
          annotations: {...(template.metadata as {annotations?: object})?.annotations, ...annotations},
        },
      },
    },
  }
  return {
    ...renamed,
    metadata: {
      ...renamed.metadata,
      annotations: {...object.metadata.annotations, ...annotations, [annotation.member]: objectId(refOf(renamed))},
    },
  }
}

const firstContainer = (pod: KubeObject): string =>
  ((pod.spec ?? {}) as {containers?: {name: string}[]}).containers?.[0]?.name ?? ''

const vanished = (task: string, app: string) =>
  new UserError('operation.failed', {
    message: `the Job of task ${task} of ${app} was deleted before it ended: whether its work is done is not known`,
    details: {task},
    hint: 'look at what the task changes; `berth app resume APP --rerun-tasks` runs it again',
  })
