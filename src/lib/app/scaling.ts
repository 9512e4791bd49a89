import type {AppRef, Revision} from '../anchor/index.ts'
import {readAnchor, readPackageSecret, scaleManager} from '../anchor/index.ts'
import type {KubeObject} from '../kube/index.ts'
import {isForbidden, listObjects} from '../kube/index.ts'
import type {Component} from '../package/index.ts'
import {podTemplateOf} from './desired.ts'
import {noComponents, notInstalled, scaleRefused} from './errors.ts'
import {findWorkloads} from './halt.ts'
import {countedBy, kindKey, replicasOf} from './identity.ts'
import type {ChangeRequest, DesiredObject, Lib} from './types.ts'

/** Which counts of pods a component may have, by its package. What does not say that it can run several times cannot. */
export const boundsOf = ({scale}: Component): {min: number; max: number} => ({
  min: scale?.min ?? 0,
  max: scale?.max ?? 1,
})

/** How many pods one object of a component has, shall have and may have, and who says so. */
export interface ScaleRow {
  component: string | null
  kind: string
  name: string
  /** Pods that there are. */
  now: number
  ready: number
  wanted: number
  /** Of a stopped app: how many a start brings. */
  afterStart: number | null
  /** By its package; null where that may not be read. */
  min: number | null
  max: number | null
  /** What keeps the count, ours or anybody's. */
  autoscaler: {name: string; min: number; max: number; metrics: string[]} | null
  /** Whose choice the count is: `berth`, `autoscaler`, `hand`, or the field manager that applied it. */
  by: string
}

/** The counts of an app. @throws UserError `app.not-found`, `app.corrupt` */
export async function readScales({kube, signal}: Pick<Lib, 'kube' | 'signal'>, ref: AppRef): Promise<ScaleRow[]> {
  const anchor = await readAnchor(kube, ref, signal)
  const {current, stopped, desired} = anchor
  if (current === undefined) throw notInstalled(ref)
  const known: Record<string, string> = {[scaleManager(ref)]: 'berth', 'kube-controller-manager': 'autoscaler'}
  const [pkg, workloads, hpas] = await Promise.all([
    orNothing(readPackageSecret(kube, ref, current.package.digest)),
    findWorkloads({kube}, anchor, {}),
    listAutoscalers({kube, signal}, ref),
  ])
  return workloads
    .filter(({rest}) => 'replicas' in rest)
    .map(({id, component, member, live}) => {
      const {replicas = 0, readyReplicas = 0} = (live.status ?? {}) as {replicas?: number; readyReplicas?: number}
      const by = countedBy(live)
      const autoscaler = hpas.find(hpa => hpa.kind === member.kind && hpa.target === member.name)?.shown ?? null
      const told = desired === 'stopped' || replicasOf(live) === current.scale[component ?? '']
      const chosen = autoscaler === null ? (told ? 'berth' : 'hand') : 'autoscaler'
      const was = stopped[id]
      return {
        component: component ?? null,
        kind: member.kind,
        name: member.name,
        now: replicas,
        ready: readyReplicas,
        wanted: replicasOf(live),
        afterStart: desired === 'stopped' && was !== undefined && 'replicas' in was ? was.replicas : null,
        ...(pkg === undefined
          ? {min: null, max: null}
          : boundsOf(pkg.manifest.components[component ?? ''] ?? {after: []})),
        autoscaler,
        by: by === undefined ? chosen : (known[by] ?? by),
      }
    })
}

/** What may not be read is not shown. */
const orNothing = <T>(reading: Promise<T>): Promise<T | undefined> =>
  reading.catch(error => {
    if (isForbidden(error)) return undefined
    throw error
  })

async function listAutoscalers({kube, signal}: Pick<Lib, 'kube' | 'signal'>, {namespace}: AppRef) {
  const kind = {apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler'}
  const {items} = (await orNothing(listObjects(kube, kind, {namespace, signal}))) ?? {items: []}
  return items.map(({metadata: {name}, spec}) => {
    const {scaleTargetRef: of, minReplicas = 1, maxReplicas, metrics = []} = spec as unknown as Autoscaling
    return {
      kind: of.kind,
      target: of.name,
      shown: {name, min: minReplicas, max: maxReplicas, metrics: metrics.map(metricOf)},
    }
  })
}

interface Metric {
  type: string
  resource?: {name: string; target: {averageUtilization?: number; averageValue?: string}}
  pods?: Measured
  object?: Measured & {describedObject: {kind: string; name: string}}
  external?: Measured
}

interface Measured {
  metric: {name: string; selector?: {matchLabels?: Record<string, string>}}
  target: {averageValue?: string; value?: string}
}

interface Autoscaling {
  scaleTargetRef: {kind: string; name: string}
  minReplicas?: number
  maxReplicas: number
  metrics?: Metric[]
}

function metricOf({type, resource, pods, object, external}: Metric): string {
  if (resource !== undefined)
    return `${resource.name} ${resource.target.averageUtilization === undefined ? resource.target.averageValue : `${resource.target.averageUtilization}%`}`
  const measured = pods ?? object ?? external
  if (measured === undefined) return type
  const {metric, target} = measured
  const labels = Object.entries(metric.selector?.matchLabels ?? {}).map(pair => pair.join('='))
  const of = object && `@${object.describedObject.kind}/${object.describedObject.name}`
  return `${metric.name}${labels.length === 0 ? '' : `{${labels}}`}${of ?? ''} ${target.averageValue ?? target.value}`
}

/** @throws UserError `scale.refused` for counts that a component cannot have, and who else is in charge of them */
export function checkScaling(
  {ref, pkg, scale = {}, autoscale = {}}: ChangeRequest,
  desired: DesiredObject[],
  revision: Pick<Revision, 'autoscalers'>,
): void {
  const {components} = pkg.manifest
  const at = `${ref.name} -n ${ref.namespace}`
  const counted = (name: string) => desired.filter(entry => entry.component === name && entry.replicas !== undefined)
  const check = (name: string, wanted: {min: number; max: number}) => {
    const component = components[name]
    if (component === undefined) throw noComponents(ref, name, Object.keys(components))
    const refuse = (why: string, hint: string[] = []) => scaleRefused(ref, name, why, hint)
    const own = counted(name)
    if (own.length === 0) throw refuse('it has no pods that can be counted')
    const {min, max} = boundsOf(component)
    if (max === 1 && (wanted.max > 1 || autoscale[name] != null))
      throw refuse('its package says that only one may run: two would write the same data')
    if (wanted.min < min || wanted.max > max) throw refuse(`its package allows ${min} to ${max}`)
    const targets = own.map(({object}) => object.metadata.name)
    const brought = desired.find(
      ({object, position}) =>
        kindKey(object) === 'HorizontalPodAutoscaler.autoscaling' &&
        position.file !== 'made by berth' &&
        targets.includes(String((object.spec as {scaleTargetRef?: {name?: string}}).scaleTargetRef?.name)),
    )
    if (brought !== undefined) throw refuse(`its package brings an autoscaler, ${brought.object.metadata.name}`)
    return refuse
  }
  for (const [name, count] of Object.entries(scale)) {
    const refuse = check(name, {min: count, max: count})
    if (revision.autoscalers[name] !== undefined)
      throw refuse('an autoscaler chooses how many run', [
        `berth app autoscale ${ref.name} ${name} -n ${ref.namespace} --min ${count}   change its bounds`,
        `berth app autoscale ${ref.name} ${name} -n ${ref.namespace} --off   choose yourself`,
      ])
  }
  for (const [name, autoscaler] of Object.entries(autoscale)) {
    if (components[name] === undefined) throw noComponents(ref, name, Object.keys(components))
    if (autoscaler === null) continue
    const refuse = check(name, autoscaler)
    if (autoscaler.min > autoscaler.max)
      throw refuse(`at least ${autoscaler.min} are more than at most ${autoscaler.max}`)
    const asked = (['cpu', 'memory'] as const).filter(resource => autoscaler[resource] !== undefined)
    for (const {object} of counted(name))
      for (const {name: container, resources} of containersOf(object))
        for (const resource of asked)
          if (resources?.requests?.[resource] === undefined)
            throw refuse(
              `its container ${container} asks for no ${resource}, so there is nothing to measure its use by`,
              [
                `berth app patch ${at} --file FILE   with {${name}: {${object.kind}: {spec: {template: {spec: {containers: [{name: ${container}, resources: {requests: {${resource}: …}}}]}}}}}}`,
              ],
            )
  }
}

interface Container {
  name: string
  resources?: {requests?: Record<string, string>}
}

const containersOf = (object: KubeObject): Container[] => (podTemplateOf(object)?.spec?.containers ?? []) as Container[]
