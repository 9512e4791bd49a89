import type {KubeObject, ManagedFields, ObjectMeta} from '../kube/index.ts'
import {valueReferences} from '../params/index.ts'
import {corruptAnchor} from './errors.ts'
import type {AppRef} from './names.ts'
import {
  anchorName,
  annotation,
  applySetId,
  appOfAnchorName,
  formatRef,
  label,
  managedBy,
  parseRef,
  serviceOf,
} from './names.ts'
import {
  count,
  eventDeed,
  granted,
  grants,
  history,
  login,
  operation,
  packageRef,
  pending,
  read,
  revision,
  type Shape,
  stopped,
} from './shapes.ts'
import type {
  Anchor,
  AnchorSummary,
  Binding,
  Deed,
  Grant,
  Granted,
  Halt,
  HistoryEntry,
  Login,
  Operation,
  PackageRef,
  Pending,
  PendingChange,
  Revision,
} from './types.ts'

/** What was handed over for a binding: whoever may edit the namespace can have written it. */
export const parseGranted = (ref: AppRef, where: string, source: string): Granted | undefined =>
  read<Granted>(ref, where, source, granted)

export const parseLogin = (ref: AppRef, {name, annotations}: ObjectMeta): Login | undefined =>
  read<Login>(ref, `Secret ${name}`, annotations?.[annotation.login], login)

/** What a revision Secret keeps about its revision, checked like everything else from the cluster. */
export const parseRevision = (ref: AppRef, where: string, source: string): Revision | undefined =>
  read<Revision>(ref, where, source, revision)

/** What an Event says that was done. @throws UserError `app.corrupt` */
export const parseDeed = (ref: AppRef, source: string | undefined): Deed | undefined =>
  read<Deed>(ref, annotation.deed, source, eventDeed)

function refOf(metadata: ObjectMeta): AppRef {
  return {namespace: metadata.namespace ?? '', name: appOfAnchorName(metadata.name)}
}

const phaseOf = ({labels}: ObjectMeta): Anchor['phase'] =>
  phases.find(phase => phase === labels?.[label.phase]) ?? 'failed'

/**
 * Reads an anchor.
 * @throws UserError `app.corrupt` naming the part that cannot be trusted or read
 */
export function parseAnchor(raw: KubeObject): Anchor {
  const {metadata} = raw
  const ref = refOf(metadata)
  const annotations = metadata.annotations ?? {}
  const data = (typeof raw.data === 'object' && raw.data !== null ? raw.data : {}) as Record<string, string>
  const of = <T>(where: string, source: string | undefined, shape: Shape<T>) => read(ref, where, source, shape)
  return {
    ref,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    phase: serviceOf(ref) === undefined ? phaseOf(metadata) : 'running',
    desired: annotations[annotation.desired] === 'stopped' ? 'stopped' : 'running',
    package: of<PackageRef>(annotation.package, annotations[annotation.package], packageRef),
    owner: annotations[annotation.owner],
    set: metadata.labels?.[label.set],
    installedFor: installedForIn(annotations, why => corruptAnchor(ref, annotation.installedFor, why)),
    created: metadata.creationTimestamp ?? '',
    operation: of<Operation>(annotation.operation, annotations[annotation.operation], operation),
    epoch: of<number>(annotation.epoch, annotations[annotation.epoch], count) ?? 0,
    current: of<Revision>('current', data.current, revision),
    pending: of<Pending>('pending', data.pending, pending),
    stopped: of<Record<string, Halt>>('stopped', data.stopped, stopped) ?? {},
    history: of<HistoryEntry[]>('history', data.history, history) ?? [],
    grants: of<Record<string, Grant>>('grants', data.grants, grants) ?? {},
    salt: serviceOf(ref) && data.salt,
    raw,
  }
}

/**
 * Reads what metadata alone tells, by cheap checks: a thousand of these are one list. One that was forged is a row that says so, and hides
 * no other.
 */
export function parseSummary({
  name,
  namespace = '',
  labels = {},
  annotations = {},
  ...metadata
}: ObjectMeta): AnchorSummary {
  const common = {
    ref: {namespace, name: appOfAnchorName(name)},
    desired: annotations[annotation.desired] === 'stopped' ? ('stopped' as const) : ('running' as const),
    owner: annotations[annotation.owner],
    uid: metadata.uid ?? '',
    created: metadata.creationTimestamp ?? '',
    labels,
  }
  try {
    return {
      ...common,
      installedFor: installedForIn(annotations, why => new SyntaxError(why)),
      phase: member(phases, labels[label.phase]),
      package: fields(annotations[annotation.package], ['name', 'version'], ['appVersion', 'repository']),
      operation: fields(annotations[annotation.operation], ['kind'], ['step']),
      bindings: strings(annotations[annotation.bindings]),
      values: strings(annotations[annotation.values]),
      provides: strings(annotations[annotation.provides]),
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return {
      ...common,
      installedFor: undefined,
      phase: 'corrupt',
      package: undefined,
      operation: undefined,
      bindings: {},
      values: {},
      provides: {},
    }
  }
}

function installedForIn(annotations: Record<string, string>, wrong: (why: string) => Error): AppRef | undefined {
  const text = annotations[annotation.installedFor]
  const ref = text === undefined ? undefined : parseRef(text)
  if (text !== undefined && ref === undefined) throw wrong('it names no app')
  return ref
}

const phases = ['running', 'stopped', 'changing', 'failed'] as const

function member<T extends string>(known: readonly T[], text: string | undefined): T {
  const found = known.find(each => each === text)
  if (found === undefined) throw new SyntaxError(`${text} is none of ${known.join(', ')}`)
  return found
}

/** A small map of strings in an annotation. @throws SyntaxError where it is something else */
function strings(source: string | undefined): Record<string, string> {
  if (source === undefined) return {}
  const value: unknown = JSON.parse(source)
  if (typeof value !== 'object' || value === null || Object.values(value).some(each => typeof each !== 'string'))
    throw new SyntaxError('not a map of strings')
  return value as Record<string, string>
}

/** Some fields of an object in an annotation, all of them text. @throws SyntaxError where they are not */
function fields<K extends string, O extends string>(
  source: string | undefined,
  required: K[],
  optional: O[],
): (Record<K, string> & Partial<Record<O, string>>) | undefined {
  if (source === undefined) return undefined
  const value = JSON.parse(source) as Partial<Record<K | O, unknown>> | null
  for (const name of [...required, ...optional]) {
    const missing = value?.[name] === undefined && (optional as string[]).includes(name)
    if (!missing && typeof value?.[name] !== 'string') throw new SyntaxError(`${name} is not text`)
  }
  return value as Record<K, string> & Partial<Record<O, string>>
}

const stringify = (value: unknown): string => JSON.stringify(value)

/** The journal of a change, if that is what is pending. */
export const changeOf = ({pending}: Pick<Anchor, 'pending'>): PendingChange | undefined =>
  pending?.kind === 'install' || pending?.kind === 'update' ? pending : undefined

function groupKinds(anchor: Pick<Anchor, 'current' | 'pending'>): string {
  const members = [...(anchor.current?.inventory ?? []), ...(changeOf(anchor)?.target.inventory ?? [])]
  const names = members.map(({apiVersion, kind}) =>
    apiVersion.includes('/') ? `${kind}.${apiVersion.split('/')[0]}` : kind,
  )
  return [...new Set(names)].sort().join(',')
}

/** The service that is bound to, whether it is the same for all or makes something for each. */
export function boundService(provider: Binding['provider']): AppRef | undefined {
  if ('service' in provider) return provider.service
  return 'app' in provider ? serviceOf(provider.app) : undefined
}

/**
 * The ConfigMap of an anchor: written over what stands there, so that labels and keys of others stay. All else of a service outside than
 * who uses it was said of it.
 */
export function formatAnchor(anchor: Anchor): KubeObject {
  const {raw, ref} = anchor
  const set = (
    map: Record<string, string> | undefined,
    own: Record<string, string | undefined>,
  ): Record<string, string> => {
    const merged: Record<string, string | undefined> = {...map, ...own}
    return Object.fromEntries(
      Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
  }
  const before = raw.data as Record<string, string> | undefined
  const grants = Object.keys(anchor.grants).length > 0 ? stringify(anchor.grants) : undefined
  if (serviceOf(ref) !== undefined) return {...raw, data: set(before, {grants})}
  const revision = changeOf(anchor)?.target ?? anchor.current
  const providers = Object.entries(revision?.bindings ?? {}).flatMap(([parameter, {provider}]) => {
    const service = boundService(provider)
    if (service !== undefined) return [[parameter, `service:${formatRef(service)}`]]
    return 'app' in provider ? [[parameter, formatRef(provider.app)]] : []
  })
  const values = valueReferences(revision?.answers).flatMap(({path, name}) => {
    const value = revision?.values[name]
    return value === undefined ? [] : [[path.join('.'), `${value.namespace}/${name}`]]
  })
  const provides = Object.entries(revision?.provides ?? {}).map(([name, endpoint]) => [name, endpoint.interface])
  return {
    ...raw,
    metadata: {
      ...raw.metadata,
      // Nobody applies anchors, so who set which of their fields says nothing, and it would be half of what a list has to carry: once
      // taken out of an object that exists, the server keeps no such record of it.
      ...(raw.metadata.managedFields !== undefined && {managedFields: [{}] as ManagedFields[]}),
      labels: set(raw.metadata.labels, {
        [label.managedBy]: managedBy,
        [label.kind]: 'anchor',
        [label.app]: ref.name,
        [label.package]: anchor.package?.name,
        [label.phase]: anchor.phase,
        [label.set]: anchor.set,
        [label.applySet]: applySetId(ref),
      }),
      annotations: set(raw.metadata.annotations, {
        [annotation.package]: anchor.package && stringify(anchor.package),
        [annotation.desired]: anchor.desired,
        [annotation.owner]: anchor.owner,
        [annotation.installedFor]: anchor.installedFor && formatRef(anchor.installedFor),
        [annotation.operation]: anchor.operation && stringify(anchor.operation),
        [annotation.epoch]: String(anchor.epoch),
        [annotation.bindings]: providers.length > 0 ? stringify(Object.fromEntries(providers)) : undefined,
        [annotation.values]: values.length > 0 ? stringify(Object.fromEntries(values)) : undefined,
        [annotation.provides]: provides.length > 0 ? stringify(Object.fromEntries(provides)) : undefined,
        [annotation.applySetTooling]: 'berth/v1',
        [annotation.applySetKinds]: groupKinds(anchor),
      }),
    },
    data: set(before, {
      current: anchor.current && stringify(anchor.current),
      pending: anchor.pending && stringify(anchor.pending),
      stopped: Object.keys(anchor.stopped).length > 0 ? stringify(anchor.stopped) : undefined,
      history: anchor.history.length > 0 ? stringify(anchor.history) : undefined,
      grants,
    }),
  }
}

/** The anchor of an app that is not there yet, before its first write. */
export function newAnchor(ref: AppRef, owner: string | undefined, pkg: PackageRef): Anchor {
  return {
    ref,
    uid: '',
    resourceVersion: '',
    phase: 'changing',
    desired: 'running',
    package: pkg,
    owner,
    set: undefined,
    installedFor: undefined,
    created: '',
    operation: undefined,
    epoch: 0,
    current: undefined,
    pending: undefined,
    stopped: {},
    history: [],
    grants: {},
    salt: undefined,
    raw: {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: anchorName(ref.name), namespace: ref.namespace}},
  }
}
