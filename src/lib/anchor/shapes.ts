import * as v from 'valibot'
import type {Digest} from '../package/index.ts'
import {corruptAnchor} from './errors.ts'
import type {AppRef} from './names.ts'
import {isAppName, isLoginName, isProviderName} from './names.ts'

// In-cluster state is hostile input: whoever may edit ConfigMaps in the namespace can write an anchor. Everything that comes out of
// one goes through these shapes; sizes are bounded by the object itself (1 MiB).

const text = v.pipe(v.string(), v.maxLength(4096))
const dnsName = v.pipe(v.string(), v.regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/))
const digest = v.custom<Digest>(
  input => typeof input === 'string' && /^sha256:[0-9a-f]{64}$/.test(input),
  'not a digest',
)
export const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const record = <T extends v.GenericSchema>(of: T) => v.record(v.pipe(v.string(), v.maxLength(512)), of)
const parameter = v.pipe(v.string(), v.maxLength(512), v.regex(/^[A-Za-z_][A-Za-z0-9_.]*$/))
const json = v.unknown()

const appRef = v.object({namespace: dnsName, name: v.pipe(v.string(), v.check(isAppName, 'not an app name'))})
const providerRef = v.object({
  namespace: dnsName,
  name: v.pipe(v.string(), v.check(isProviderName, 'not the name of an app or service')),
})
export const packageRef = v.object({
  name: text,
  version: text,
  appVersion: v.exactOptional(text),
  digest,
  repository: v.exactOptional(text),
})

const runKind = v.picklist(['stop', 'start', 'restart'])
const operationKind = v.picklist(['install', 'update', 'uninstall', ...runKind.options])

export const operation = v.object({
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
    v.object({app: providerRef, endpoint: text}),
    v.object({service: v.object({namespace: dnsName, name: dnsName})}),
    v.object({literal: v.literal(true)}),
  ]),
  request: record(json),
  outputs: record(json),
  secrets: v.array(text),
  asks: v.exactOptional(v.picklist(['ensure', 'rotate', 'settle'])),
  trust: v.exactOptional(text),
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
  external: v.exactOptional(record(text)),
  patience: count,
})

export const revision = v.object({
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
  bindings: v.record(parameter, binding),
  provides: record(providedEndpoint),
  certificates: v.optional(v.record(parameter, v.pipe(v.string(), v.isoTimestamp())), {}),
  trust: v.exactOptional(text),
  services: record(
    v.object({
      namespace: dnsName,
      interface: text,
      outputs: record(json),
      secrets: v.array(text),
      secret: text,
      grants: v.exactOptional(v.literal(true)),
    }),
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

export const pending = v.variant('kind', [
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

export const stopped = record(v.union([v.object({replicas: count}), v.object({fields: record(json)})]))

const deed = {
  revision: count,
  who: text,
  when: text,
  seconds: v.number(),
  outcome: v.picklist(['done', 'failed', 'aborted']),
  message: v.exactOptional(text),
}
export const history = v.array(v.object({...deed, kind: operationKind, package: packageRef}))
export const eventDeed = v.object({...deed, kind: text, package: v.exactOptional(packageRef)})

export const grants = record(
  v.object({
    consumer: appRef,
    parameter: text,
    endpoint: text,
    interface: text,
    request: record(json),
    state: v.picklist(['granting', 'granted', 'retained']),
    since: text,
    salt: v.exactOptional(text),
  }),
)

export const granted = v.object({
  operation: text,
  name: text,
  endpoint: providedEndpoint,
  printed: record(json),
  trust: v.exactOptional(text),
})

export const login = v.object({
  name: v.pipe(v.string(), v.check(isLoginName, 'not the name of a login')),
  endpoint: text,
  database: text,
  access: v.picklist(['read', 'write', 'owner']),
})

export type Shape<T> = v.GenericSchema<unknown, T>

/** A value of a shape. @throws UserError `app.corrupt` naming the part that is none */
export function read<T>(ref: AppRef, where: string, source: string | undefined, shape: Shape<T>): T | undefined {
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
