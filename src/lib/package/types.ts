import type {Position} from '../expr/index.ts'
import type {ParametersSchema, Rule} from '../params/index.ts'

/** `sha256:<64 hex>` of an archive's bytes. */
export type Digest = `sha256:${string}`

/** `package.yaml`, parsed and checked against `schemas/package.schema.json`. */
export interface Manifest {
  apiVersion: 'berth.dev/v1'
  kind: 'Package'
  name: string
  /** Of the packaging, SemVer without build metadata. */
  version: string
  /** Of the application. */
  appVersion?: string
  title?: string
  description?: string
  license?: string
  home?: string
  compatibility?: {kubernetes?: string; upgradeFrom?: Range; downgradeTo?: Range}
  images: Record<string, string>
  parameters: ParametersSchema
  let: Record<string, string>
  rules: Rule[]
  components: Record<string, Component>
  provides: Record<string, Endpoint>
  tasks: Record<string, Task>
  /** Read by backups; kept as written. */
  backup?: Record<string, unknown>
  outputs: Record<string, Output>
  /** What reaches beyond the namespace, and why: needs the user's consent. */
  needs: Need[]
  /** A string template, shown after an install. */
  notes?: string
}

export interface Range {
  version?: string
  appVersion?: string
}

export interface Component {
  scale?: {min: number; default: number; max: number}
  /** Default resources of its containers that say none. */
  profile?: 'small' | 'medium' | 'large'
  /** Components that must be ready first. */
  after: string[]
}

/** Something others can use: an address that speaks a protocol. berth makes its Service `<app>-<endpoint>`. */
export interface Endpoint {
  interface: string
  version?: string
  component: string
  port: number
  publish?: Publish
  allow: {namespaces: 'all' | 'own' | string[]}
  grant?: Grant
}

/** How an endpoint is reached from outside: by an Ingress, or by a Service of its own. Texts may be templates; null publishes nothing. */
export type Publish = PublishHttp | PublishTcp

export interface PublishHttp {
  host: string | string[]
  path?: string
  /** True or a template that gives true: the Secret `<app>-<endpoint>-tls`. */
  tls?: boolean | string | {secret: string}
  bodySize?: string
}

export interface PublishTcp {
  /** The public port. */
  tcp: number | string
  /** The first is taken; loadBalancer without it. */
  via?: ('loadBalancer' | 'nodePort')[]
}

/** The provider's scripts for a consumer: run by exec in one of its pods, JSON on stdin, JSON on stdout, idempotent. */
export interface Grant {
  run: {component: string; container?: string; select?: Record<string, string>}
  ensure: Script
  remove?: Script
  rotate?: Script
  list?: Script
  dump?: Script
  restore?: Script
}

export interface Script {
  /** Path in the package, below `files/`. */
  file: string
  /** Seconds; 50 at most, shorter than the lease. */
  timeout?: number
}

export interface Task {
  on: ('install' | 'config' | 'upgrade' | 'restore' | 'clone' | 'rotate')[]
  when?: string
  before?: string
  after?: string
  /** Name of a Job among the resources: `$task: <name>` at a document's top. */
  job: string
  once?: boolean
  idempotent?: boolean
  /** Seconds. */
  timeout?: number
}

export interface Output {
  title: string
  value: string
  /** Name of a secret parameter shown on demand. */
  secret?: string
}

export interface Need {
  /** `ClusterRole`, `privileged`, `hostPath`, … */
  what: string
  why: string
}

/** A package in memory: its parsed manifest and every file, whatever it came from. */
export interface Package {
  manifest: Manifest
  /** Path below the folder, with `/`, to bytes; sorted. */
  files: ReadonlyMap<string, Uint8Array>
  /** The reproducible archive. */
  archive: Uint8Array
  digest: Digest
}

/** What templates see besides `params` and `let` names. */
export interface RenderScope {
  params: Record<string, unknown>
  lets: Record<string, unknown>
  app: {name: string; namespace: string; revision: number}
  cluster: {domain: string; kubernetes: string; ingressClass: string | null; storageClass: string | null}
  /** Replicas per component, as they shall be when created. */
  scale: Record<string, number>
  /** Name of the Secret that `.ref` points at. */
  secretName: string
}

/** A Kubernetes object that a package asks for, and where it was written. */
export interface RenderedObject {
  object: ManifestObject
  /** The component whose workload or part it is; undefined for app-wide objects. */
  component: string | undefined
  /** The task whose Job it is: applied when the task runs, not with the rest. */
  task: string | undefined
  /** Replicas at creation, taken out of the object (another manager applies them). */
  replicas: number | undefined
  position: Position
}

export interface ManifestObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    [field: string]: unknown
  }
  [field: string]: unknown
}

/** A finding of `package lint`. */
export interface Finding {
  severity: 'error' | 'warning'
  rule: string
  position: Position
  message: string
  fix?: string
}
