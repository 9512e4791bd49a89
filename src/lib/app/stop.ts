import type {Anchor, AppRef, Halt, Lock} from '../anchor/index.ts'
import {label, readPackageSecret} from '../anchor/index.ts'
import type {KubeObject} from '../kube/index.ts'
import type {Manifest} from '../package/index.ts'
import {canonical} from '../params/index.ts'
import {inUse, stoppedProviders, unstoppable, untrusted} from './errors.ts'
import {
  findWorkloads,
  haltStep,
  isCustom,
  presentOf,
  restOf,
  setHalt,
  standing,
  stopsOf,
  type Workload,
} from './halt.ts'
import {objectId, replicasOf} from './identity.ts'
import type {Observer} from './observer.ts'
import {outdatedBindings} from './provider-states.ts'
import {describeLeft, isOver} from './ready.ts'
import type {Installed, Prepared, Run} from './run.ts'
import {step} from './step.ts'
import type {Lib, RunOptions, Step, Verb} from './types.ts'
import {runningUsers, stoppedProvidersOf} from './users.ts'
import {componentLevels} from './waves.ts'

/**
 * Stops an app: what it has is remembered in the anchor, then counts go to zero through the scale subresource (an autoscaler stands down
 * by itself there), CronJobs and Jobs are suspended, DaemonSets find no node, and its pods are waited for. Components go in reverse of the
 * order in which they come. A part that cannot be stopped is `stop.refused`, an app that others use `app.in-use`.
 */
export const stopRun = (options: RunOptions, told: Verb = 'stop'): Run => ({
  kind: 'stop',
  told,
  over: ['stop', 'start', 'restart'],
  async prepare(lib, anchor): Promise<Prepared> {
    const manifest = await readManifest(lib, anchor)
    const warnings = await refuseUsers(lib, anchor, options)
    const unknown = anchor.current.inventory.filter(member => restOf(member, stopsOf(manifest)) === 'unknown')
    if (unknown.length > 0) throw unstoppable(anchor.ref, unknown.map(objectId))
    const workloads = await findWorkloads(lib, anchor, stopsOf(manifest))
    const steps = await stepsTo(lib, anchor.ref, workloads, ({rest}) => rest)
    const found = Object.fromEntries(workloads.map(({id, live, rest}) => [id, presentOf(live, rest)]))
    // Said once: after a stop that was cut off there are zeros.
    const remembers = anchor.desired === 'stopped' || anchor.pending?.kind === 'start'
    return {
      steps,
      changes: anchor.pending !== undefined || anchor.desired === 'running' || steps.length > 0,
      warnings,
      begin: before => ({...before, desired: 'stopped', stopped: {...found, ...(remembers ? before.stopped : {})}}),
      end: before => before,
      async work(lock, observer) {
        const levels = levelsOf(workloads, manifest).reverse()
        for (const [index, level] of levels.entries()) {
          const [name, title] = titleOf('stop', level)
          await step(lib, lock, name, title, async () => {
            await setAll(lib, lock, level, ({rest}) => rest)
            const last = index === levels.length - 1
            const components = level.map(({component}) => component)
            const goes = (pod: KubeObject) => last || components.includes(pod.metadata.labels?.[label.component])
            if (options.wait) await awaitGone(lib, observer, goes, {name, timeout: options.timeout})
          })
        }
      },
    }
  },
})

/**
 * Starts an app: brings back what a stop took, in the order of its components, and waits until they are ready, or fails with the reason
 * why they will not be. What it uses must run.
 */
export const startRun = (options: RunOptions, told: Verb = 'start'): Run => ({
  kind: 'start',
  told,
  over: ['stop', 'start'],
  async prepare(lib, anchor): Promise<Prepared> {
    const manifest = await readManifest(lib, anchor)
    const runs = anchor.desired === 'running' && anchor.pending === undefined
    const warnings = runs
      ? []
      : [...(await refuseProviders(lib, anchor, options)), ...(await renewals(lib, anchor, options))]
    const there = runs && !hasAutoscaler(anchor) ? [] : await findWorkloads(lib, anchor, stopsOf(manifest))
    const found = runs ? there.filter(each => isLulled(anchor, each)) : there
    const aims = new Map(found.map(each => [each.id, aimOf(anchor, each)]))
    const steps = await stepsTo(lib, anchor.ref, found, each => aimOf(anchor, each))
    return {
      steps,
      changes: !runs || found.length > 0,
      warnings,
      begin: before => ({...before, desired: 'running'}),
      end: before => ({...before, stopped: {}}),
      async work(lock, observer) {
        const levels = levelsOf(found, manifest)
        for (const [index, level] of levels.entries()) {
          const [name, title] = titleOf('start', level)
          await step(lib, lock, name, title, async () => {
            await setAll(lib, lock, level, ({id, rest}) => aims.get(id) ?? rest)
            if (!options.wait && index === levels.length - 1) return
            await observer.untilReady(
              level.map(({id, member, rest}) => ({
                id,
                kind: member,
                changed: object => isBack(object, rest, aims.get(id) ?? rest),
              })),
              {
                timeout: options.timeout,
                failFast: {components: level.map(({component}) => component)},
                onWaiting: on => lib.report({type: 'step-waiting', step: name, on}),
              },
            )
          })
        }
      },
    }
  },
})

/** What will be done, each tried on the server: what may not be is told before anything is. */
async function stepsTo(
  lib: Lib,
  app: AppRef,
  workloads: Workload[],
  aim: (workload: Workload) => Halt,
): Promise<Step[]> {
  const steps = await Promise.all(
    workloads.map(async each => {
      const found = haltStep(each, aim(each))
      if (found !== undefined) await setHalt(lib, app, each, aim(each), {dryRun: true})
      return found
    }),
  )
  return steps.filter(each => each !== undefined)
}

const setAll = (lib: Lib, lock: Lock, level: Workload[], aim: (workload: Workload) => Halt) =>
  Promise.all(
    level.map(each => {
      lock.assertHeld()
      return setHalt(lib, lock.anchor.ref, each, aim(each))
    }),
  )

/** What it was before the stop, and nothing else: the anchor may have been written by others. */
function aimOf({stopped, current}: Installed, {id, rest, component}: Workload): Halt {
  const was = stopped[id]
  if ('replicas' in rest) {
    const {scale, autoscalers} = current
    const count = was !== undefined && 'replicas' in was ? was.replicas : (scale[component ?? ''] ?? 1)
    // At none an autoscaler rests for ever.
    return {replicas: count === 0 ? (autoscalers[component ?? '']?.min ?? 0) : count}
  }
  return {fields: was !== undefined && 'fields' in was ? standing(rest.fields, was.fields) : {}}
}

const hasAutoscaler = ({current}: Installed): boolean => Object.keys(current.autoscalers).length > 0

/** Somebody set it to none, and so its autoscaler to rest. */
const isLulled = ({current}: Installed, {live, rest, component}: Workload): boolean =>
  'replicas' in rest && current.autoscalers[component ?? ''] !== undefined && replicasOf(live) === 0

/** An autoscaler may have chosen another count by now. */
function isBack(object: KubeObject, rest: Halt, aim: Halt): boolean {
  if ('replicas' in aim) return aim.replicas === 0 || replicasOf(object) > 0
  return 'fields' in rest && canonical(standing(aim.fields, object)) === canonical(aim.fields)
}

/** In the order of coming up; what belongs to no component comes first. */
export function levelsOf(workloads: Workload[], {components}: Manifest): Workload[][] {
  const loose = workloads.filter(({component}) => component === undefined || components[component] === undefined)
  const levels = componentLevels(components).map(level =>
    workloads.filter(({component}) => component !== undefined && level.includes(component)),
  )
  return [loose, ...levels].filter(level => level.length > 0)
}

export function titleOf(verb: string, level: Workload[]): [string, string] {
  const names = [...new Set(level.map(({component, member}) => component ?? member.name))].join(', ')
  return [`${verb} ${names}`, `${verb} ${names}`]
}

/** The package that the app is made of. What it says of custom resources is carried out, so then it must be trusted. */
export async function readManifest(lib: Lib, {ref, current}: Installed): Promise<Manifest> {
  const {package: pkg, inventory} = current
  if (inventory.some(isCustom) && !(await lib.isTrusted(pkg))) throw untrusted(ref, pkg)
  return (await readPackageSecret(lib.kube, ref, pkg.digest)).manifest
}

/** Pods that have run to their end by themselves stay, as a record of it. */
async function awaitGone(
  lib: Lib,
  observer: Observer,
  goes: (pod: KubeObject) => boolean,
  {name, timeout}: {name: string; timeout: number},
): Promise<void> {
  const stays = (pod: KubeObject) => pod.metadata.deletionTimestamp === undefined && isOver(pod)
  await observer.until(
    [],
    () => {
      const pod = observer.pods().find(each => goes(each) && !stays(each))
      return pod === undefined ? {done: true} : {done: false, waiting: describeLeft({...pod, kind: 'Pod'})}
    },
    {timeout, failFast: false, onWaiting: on => lib.report({type: 'step-waiting', step: name, on})},
  )
}

/** @returns who is left without it, in words @throws UserError `app.in-use` */
async function refuseUsers(lib: Lib, anchor: Anchor, {force, along}: RunOptions): Promise<string[]> {
  const users = await runningUsers(lib, anchor, along)
  if (users.length > 0 && !force) throw inUse(anchor.ref, users, 'stop')
  return users.map(({ref, parameter}) => `${ref} still uses it (${parameter}) and will fail`)
}

const renewals = async (lib: Lib, anchor: Installed, {force}: RunOptions): Promise<string[]> =>
  (force ? [] : await outdatedBindings(lib, anchor)).map(
    parameter => `its ${parameter} is refreshed first: the provider has another certificate than it was told to trust`,
  )

/** @returns what it will lack, in words @throws UserError `app.stopped` */
async function refuseProviders(lib: Lib, anchor: Installed, {force, along}: RunOptions): Promise<string[]> {
  const providers = await stoppedProvidersOf(lib, anchor.current, along)
  if (providers.length > 0 && !force) throw stoppedProviders(anchor.ref, providers)
  return providers.map(({ref, parameter}) => `${ref} (${parameter}), which it uses, is stopped`)
}
