import * as v from 'valibot'
import type {KubeObject, ManagedFields, ObjectMeta} from '../kube/index.ts'
import type {Digest} from '../package/index.ts'
import {valueReferences} from '../params/index.ts'
import {corruptAnchor} from './errors.ts'
import type {AppRef} from './names.ts'
import {
  anchorName,
  annotation,
  applySetId,
  appOfAnchorName,
  formatRef,
  isAppName,
  isLoginName,
  label,
  managedBy,
  parseRef,
} from './names.ts'
import type {
  Anchor,
  AnchorSummary,
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

// In-cluster state is hostile input: whoever may edit ConfigMaps in the namespace can write an anchor. Everything that comes out of
// one goes through these shapes; sizes are bounded by the object itself (1 MiB).

const text = v.pipe(v.string(), v.maxLength(4096))
const dnsName = v.pipe(v.string(), v.regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/))
const digest = v.custom<Digest>(
  input => typeof input === 'string' && /^sha256:[0-9a-f]{64}$/.test(input),
  'not a digest',
)
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const record = <T extends v.GenericSchema>(of: T) => v.record(v.pipe(v.string(), v.maxLength(512)), of)
const json = v.unknown()

const appRef = v.object({namespace: dnsName, name: v.pipe(v.string(), v.check(isAppName, 'not an app name'))})
const packageRef = v.object({
  name: text,
  version: text,
  appVersion: v.exactOptional(text),
  digest,
  repository: v.exactOptional(text),
})

const runKind = v.picklist(['stop', 'start', 'restart'])
const operationKind = v.picklist(['install', 'update', 'uninstall', ...runKind.options])

const operation = v.object({
  id: text,
  kind: operationKind,
  epoch: count,
  seq: count,
  holder: v.object({
    who: text,
    host: text,
    process: v.exactOptional(v.object({boot: text, namespace: text, pid: count, started: text})),
  }),
  since: text,
  step: v.exactOptional(text),
})

const inventoryMember = v.object({
  apiVersion: text,
  kind: text,
  name: text,
  namespace: v.exactOptional(dnsName),
  uid: v.exactOptional(text),
  adopted: v.exactOptional(v.literal(true)),
})

const binding = v.object({
  interface: text,
  provider: v.union([
    v.object({app: appRef, endpoint: text}),
    v.object({service: v.object({namespace: dnsName, name: dnsName})}),
    v.object({literal: v.literal(true)}),
  ]),
  request: record(json),
  outputs: record(json),
  secrets: v.array(text),
  asks: v.exactOptional(v.picklist(['ensure', 'rotate', 'settle'])),
})

const providedEndpoint = v.object({
  interface: text,
  version: v.exactOptional(text),
  component: text,
  host: text,
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)),
  url: v.exactOptional(text),
  allow: v.object({namespaces: v.union([v.literal('all'), v.literal('own'), v.array(text)])}),
  grant: v.boolean(),
})

const percent = v.pipe(count, v.minValue(1))
const autoscaler = v.object({
  min: count,
  max: count,
  cpu: v.exactOptional(percent),
  memory: v.exactOptional(percent),
  metrics: v.exactOptional(record(text)),
  patience: count,
})

const revision = v.object({
  number: v.pipe(count, v.minValue(1)),
  package: packageRef,
  answers: record(json),
  patches: v.optional(record(record(record(json))), {}),
  ignore: v.optional(v.array(text), []),
  secret: text,
  cluster: v.object({
    domain: text,
    kubernetes: text,
    ingressClass: v.nullable(text),
    storageClass: v.nullable(text),
  }),
  scale: record(count),
  autoscalers: v.optional(record(autoscaler), {}),
  bindings: v.record(v.pipe(v.string(), v.maxLength(512), v.regex(/^[A-Za-z_][A-Za-z0-9_.]*$/)), binding),
  provides: record(providedEndpoint),
  services: record(
    v.object({namespace: dnsName, interface: text, outputs: record(json), secrets: v.array(text), secret: text}),
  ),
  values: record(
    v.union([
      v.object({namespace: dnsName, text: v.string()}),
      v.object({namespace: dnsName, secret: text, key: text}),
    ]),
  ),
  inventory: v.array(inventoryMember),
  objects: record(text),
})

const pending = v.variant('kind', [
  v.object({
    kind: v.picklist(['install', 'update']),
    operation: text,
    stage: v.picklist(['provisioning', 'applying']),
    target: revision,
    leaving: v.array(inventoryMember),
    onDrift: v.exactOptional(v.picklist(['keep', 'take', 'fail'])),
    anew: v.exactOptional(record(v.object({uid: text, replicas: v.exactOptional(count)}))),
    tasks: record(v.picklist(['planned', 'started', 'done'])),
    scales: v.exactOptional(record(v.object({from: count, to: count}))),
  }),
  v.object({kind: v.literal('uninstall'), operation: text, deleteData: v.boolean(), force: v.boolean()}),
  v.object({kind: runKind, operation: text, at: text, components: v.exactOptional(v.array(text))}),
])

const stopped = record(v.union([v.object({replicas: count}), v.object({fields: record(json)})]))

const history = v.array(
  v.object({
    revision: count,
    kind: operationKind,
    package: packageRef,
    who: text,
    when: text,
    seconds: v.number(),
    outcome: v.picklist(['done', 'failed', 'aborted']),
    message: v.exactOptional(text),
  }),
)

const grants = record(
  v.object({
    consumer: appRef,
    parameter: text,
    endpoint: text,
    interface: text,
    request: record(json),
    state: v.picklist(['granting', 'granted', 'retained']),
    since: text,
  }),
)

const granted = v.object({
  operation: text,
  name: text,
  endpoint: providedEndpoint,
  printed: record(json),
})

/** What was handed over for a binding: whoever may edit the namespace can have written it. */
export const parseGranted = (ref: AppRef, where: string, source: string): Granted | undefined =>
  read<Granted>(ref, where, source, granted)

const login = v.object({
  name: v.pipe(v.string(), v.check(isLoginName, 'not the name of a login')),
  endpoint: text,
  database: text,
  access: v.picklist(['read', 'write', 'owner']),
})

export const parseLogin = (ref: AppRef, {name, annotations}: ObjectMeta): Login | undefined =>
  read<Login>(ref, `Secret ${name}`, annotations?.[annotation.login], login)

function read<T>(
  ref: AppRef,
  where: string,
  source: string | undefined,
  shape: v.GenericSchema<unknown, T>,
): T | undefined {
  if (source === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch (cause) {
    throw corruptAnchor(ref, where, 'it is not JSON', cause)
  }
  const parsed = v.safeParse(shape, value, {abortEarly: true})
  if (parsed.success) return parsed.output
  const issue = parsed.issues[0]
  throw corruptAnchor(ref, where, `${v.getDotPath(issue) ?? 'value'}: ${issue.message}`)
}

/** What a revision Secret keeps about its revision, checked like everything else from the cluster. */
export const parseRevision = (ref: AppRef, where: string, source: string): Revision | undefined =>
  read<Revision>(ref, where, source, revision)

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
  const of = <T>(where: string, source: string | undefined, shape: v.GenericSchema<unknown, T>) =>
    read(ref, where, source, shape)
  return {
    ref,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    phase: phaseOf(metadata),
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

/** The ConfigMap of an anchor: written over what stands there, so that labels and keys of others stay. */
export function formatAnchor(anchor: Anchor): KubeObject {
  const revision = changeOf(anchor)?.target ?? anchor.current
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
  const providers = Object.entries(revision?.bindings ?? {}).flatMap(([parameter, {provider}]) =>
    'literal' in provider
      ? []
      : [[parameter, 'app' in provider ? formatRef(provider.app) : `service:${formatRef(provider.service)}`]],
  )
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
    data: set(raw.data as Record<string, string> | undefined, {
      current: anchor.current && stringify(anchor.current),
      pending: anchor.pending && stringify(anchor.pending),
      stopped: Object.keys(anchor.stopped).length > 0 ? stringify(anchor.stopped) : undefined,
      history: anchor.history.length > 0 ? stringify(anchor.history) : undefined,
      grants: Object.keys(anchor.grants).length > 0 ? stringify(anchor.grants) : undefined,
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
    raw: {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: anchorName(ref.name), namespace: ref.namespace}},
  }
}
