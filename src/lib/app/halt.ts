import type {Anchor, AppRef, Halt, Member} from '../anchor/index.ts'
import {label, scaleManager, stopManager} from '../anchor/index.ts'
import type {KindRef, KubeObject, ObjectRef} from '../kube/index.ts'
import {applyObject, findObject, scaleObject} from '../kube/index.ts'
import type {Manifest} from '../package/index.ts'
import {isIssued, isMember, kindKey, objectId, replicasOf} from './identity.ts'
import {shown} from './plan.ts'
import {hasEnded} from './ready.ts'
import type {SealedObject} from './seal.ts'
import type {FieldChange, Lib, Step} from './types.ts'

type Fields = Record<string, unknown>

/** A member that makes pods, as it stands, and what makes it have none. */
export interface Workload {
  id: string
  member: Member
  component: string | undefined
  live: KubeObject
  rest: Halt
}

const noNode = {[label.stopped]: 'true'}

/** What a package says of its custom resources, by kind. */
export const stopsOf = ({components}: Manifest): Record<string, Fields> =>
  Object.assign({}, ...Object.values(components).map(({stop}) => stop ?? {}))

/**
 * What makes an object of a kind have no pods. `nothing`: it makes none. `unknown`: only its package could say.
 * @param stops fields per kind of custom resource, as the package says
 */
export function restOf(kind: KindRef, stops: Record<string, Fields>): Halt | 'nothing' | 'unknown' {
  switch (kindKey(kind)) {
    case 'Deployment.apps':
    case 'StatefulSet.apps':
    case 'ReplicaSet.apps':
    case 'ReplicationController':
      return {replicas: 0}
    case 'CronJob.batch':
    case 'Job.batch':
      return {fields: {spec: {suspend: true}}}
    case 'DaemonSet.apps':
      return {fields: {spec: {template: {spec: {nodeSelector: noNode}}}}}
    case 'Pod':
      return 'unknown'
    default: {
      if (!isCustom(kind)) return 'nothing'
      const fields = stops[kind.kind]
      // berth itself adds these to apps.
      if (fields === undefined) return isIssued(kind) ? 'nothing' : 'unknown'
      return Object.keys(fields).length === 0 ? 'nothing' : {fields}
    }
  }
}

/** Kubernetes keeps `*.k8s.io` and names without a dot for itself. */
export const isCustom = ({apiVersion}: KindRef): boolean => /\..*\//.test(apiVersion) && !/\.k8s\.io\//.test(apiVersion)

/**
 * The members of an app that make pods, as they stand. The inventory is hostile input: what does not say of itself that it is this app's is
 * left alone.
 */
export async function findWorkloads(
  {kube}: Pick<Lib, 'kube'>,
  {ref, current}: Pick<Anchor, 'ref' | 'current'>,
  stops: Record<string, Fields>,
): Promise<Workload[]> {
  const making = (current?.inventory ?? []).flatMap(member => {
    const rest = restOf(member, stops)
    return typeof rest === 'string' ? [] : [{member, rest}]
  })
  const found = await Promise.all(
    making.map(async ({member, rest}) => ({member, rest, live: await findObject(kube, member)})),
  )
  return found.flatMap(({member, rest, live}) => {
    if (live === undefined || !isMember(ref, member, live)) return []
    if (member.uid !== undefined && member.uid !== live.metadata.uid) return []
    const typed = {...live, apiVersion: member.apiVersion, kind: member.kind}
    if (hasEnded(typed)) return []
    return [{id: objectId(member), member, component: live.metadata.labels?.[label.component], live: typed, rest}]
  })
}

/** What keeps each object of a stopped app at rest. @throws UserError `stop.refused` for what nobody knows how to stop */
export function restsOf(sealed: SealedObject[], manifest: Manifest): Map<string, Halt> {
  const stops = stopsOf(manifest)
  return new Map(
    sealed.flatMap(({id, object, task}) => {
      const rest = task === undefined ? restOf(object, stops) : 'nothing'
      return typeof rest === 'string' ? [] : [[id, rest] as const]
    }),
  )
}

/** What a start brings back once a stopped app is another: what its objects say now, where they say it. */
export function remembered(
  stopped: Record<string, Halt>,
  sealed: SealedObject[],
  rests: ReadonlyMap<string, Halt>,
  scales: Record<string, {to: number}>,
): Record<string, Halt> {
  const next = {...stopped}
  for (const {id, object, replicas = 1} of sealed) {
    const rest = rests.get(id)
    if (rest === undefined) continue
    if ('replicas' in rest) {
      const to = scales[id]?.to
      next[id] = to === undefined ? (next[id] ?? {replicas}) : {replicas: to}
      continue
    }
    const fields = standing(rest.fields, object)
    if (Object.keys(fields).length > 0 || next[id] === undefined) next[id] = {fields}
  }
  return next
}

/** How an object is now, in what a halt would change. */
export function presentOf(live: KubeObject, rest: Halt): Halt {
  if ('replicas' in rest) return {replicas: replicasOf(live)}
  return {fields: standing(rest.fields, live)}
}

/** What stands where fields would be written; what is not there, or is of another shape, is left out. */
export function standing(fields: Fields, live: unknown): Fields {
  if (!isFields(live)) return {}
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, wanted]) => {
      const now = live[key]
      if (now === undefined) return []
      if (isWhole(key) || !isFields(wanted)) return [[key, now]]
      const inner = standing(wanted, now)
      return Object.keys(inner).length > 0 ? [[key, inner]] : []
    }),
  )
}

/** An object with fields over its own. */
export function overlay(object: unknown, fields: unknown): unknown {
  if (!isFields(object) || !isFields(fields)) return fields
  const over = Object.entries(fields).map(([key, value]) => [key, isWhole(key) ? value : overlay(object[key], value)])
  return {...object, ...Object.fromEntries(over)}
}

/** An object without what fields would set. */
export function lessen(object: unknown, fields: Fields): unknown {
  if (!isFields(object)) return object
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => {
      const over = fields[key]
      if (over === undefined) return [[key, value]]
      return isFields(over) && isFields(value) && !isWhole(key) ? [[key, lessen(value, over)]] : []
    }),
  )
}

/** A selector of nodes has one owner as a whole. */
const isWhole = (key: string): boolean => key === 'nodeSelector'

/** Brings an object to a halt, or back to what it was. Repeating it changes nothing; `dryRun` only asks whether it may be. */
export async function setHalt(
  {kube}: Pick<Lib, 'kube'>,
  app: AppRef,
  {member, live}: Workload,
  to: Halt,
  {dryRun = false} = {},
): Promise<void> {
  if ('replicas' in to) {
    await scaleObject(kube, member, to.replicas, {fieldManager: scaleManager(app), dryRun})
    return
  }
  const object = withFields(member, to.fields, {uid: live.metadata.uid ?? ''})
  await applyObject(kube, object, {fieldManager: stopManager(app), force: true, dryRun})
}

/** What an apply of some fields of an object sends; with its uid it is of no other. */
export const withFields = (
  {apiVersion, kind, name, namespace}: ObjectRef,
  fields: Fields,
  more: {uid?: string} = {},
): KubeObject => ({
  ...fields,
  apiVersion,
  kind,
  metadata: {...(fields.metadata as object), ...more, name, ...(namespace !== undefined && {namespace})},
})

/** The step from what an object is to what it shall be; undefined where that is the same. */
export function haltStep({member, component, live, rest}: Workload, to: Halt): Step | undefined {
  const from = presentOf(live, rest)
  const about = {object: shown(member), ...(component !== undefined && {component}), reversal: 'reversible' as const}
  if ('replicas' in to)
    return 'replicas' in from && from.replicas !== to.replicas
      ? {do: 'scale', ...about, from: from.replicas, to: to.replicas}
      : undefined
  const changes = 'fields' in from ? [...fieldChanges(from.fields, to.fields, '')] : []
  const [first] = changes
  if (first === undefined) return undefined
  if (first.field === 'spec.suspend') return {do: 'suspend', ...about, suspend: first.to === true}
  return {do: 'update', ...about, changes}
}

function* fieldChanges(from: Fields, to: Fields, path: string): Generator<FieldChange> {
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [before, after] = [from[key], to[key]]
    const field = `${path}${key}`
    if (!isWhole(key) && (isFields(before) || isFields(after)))
      yield* fieldChanges(isFields(before) ? before : {}, isFields(after) ? after : {}, `${field}.`)
    else if (JSON.stringify(before) !== JSON.stringify(after))
      yield {field, ...(before !== undefined && {from: before}), ...(after !== undefined && {to: after})}
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
