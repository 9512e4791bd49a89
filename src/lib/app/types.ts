import type {Anchor, AppRef, Holder, PackageRef} from '../anchor/index.ts'
import type {Kube, KubeObject, ObjectRef} from '../kube/index.ts'
import type {Package, RenderedObject} from '../package/index.ts'
import type {ClusterScope, MergedAnswers} from '../params/index.ts'
import type {Report} from '../progress.ts'

/** What the engine needs from outside: everything that is not in its arguments comes from here. */
export interface Lib {
  kube: Kube
  /** What templates may see of the cluster. */
  cluster: ClusterScope
  holder: Holder
  /** Whether a package's bytes may act with our rights: in a repository of ours, or installed by us before. */
  isTrusted(pkg: PackageRef): Promise<boolean>
  /** Aborts on the first Ctrl-C: the present step ends, the journal stays. */
  signal: AbortSignal
  report: Report
  now(): Date
}

/**
 * What can be taken back: `reversible` by applying the old state, `compensable` by an inverse step, `final` not at all.
 */
export type Reversal = 'reversible' | 'compensable' | 'final'

/** What changes in one field of a live object. Values of secrets are never shown, only that they change. */
export interface FieldChange {
  /** `spec.template.spec.containers[app].image` */
  field: string
  from?: unknown
  to?: unknown
  /** Another manager owns the field now. */
  drift?: string
}

export type Step =
  | {do: 'create'; object: ObjectRef; component?: string; reversal: 'reversible'}
  | {do: 'update'; object: ObjectRef; component?: string; changes: FieldChange[]; reversal: 'reversible'}
  | {do: 'keep'; object: ObjectRef; component?: string; why: string; reversal: 'reversible'}
  | {do: 'provision'; parameter: string; interface: string; provider: string; makes?: string; reversal: 'compensable'}
  | {do: 'generate'; secrets: string[]; reversal: 'reversible'}
  | {do: 'task'; task: string; reversal: 'final'}
  | {do: 'wait'; component: string; replicas: number; reversal: 'reversible'}
  | {do: 'delete'; object: ObjectRef; loses?: string; reversal: Reversal}
  | {do: 'release'; parameter: string; provider: string; data: 'kept' | 'deleted'; reversal: 'compensable' | 'final'}

/** One question asked before the first change. Only `failed` refuses; `unverified` says why nobody can tell. */
export interface Check {
  name: string
  status: 'passed' | 'failed' | 'unverified'
  message: string
  remedy?: string
}

/** What an operation will do, as data: shown, printed as JSON, approved by its hash, then carried out. */
export interface Plan {
  operation: 'install' | 'uninstall' | 'resume' | 'abort'
  app: AppRef
  package: PackageRef | null
  revision: number
  steps: Step[]
  checks: Check[]
  warnings: string[]
  /** Of everything that decides what will be done: `app plan` prints it, `--plan HASH` insists on it. */
  hash: string
}

/** An object that the app shall have, complete but for its secrets: those are tokens until the moment it is written. */
export interface DesiredObject extends Pick<RenderedObject, 'component' | 'task' | 'replicas' | 'position'> {
  /** `Deployment.apps/miniflux`, with `namespace/` before the name where it is not the app's own. */
  id: string
  object: KubeObject
}

export interface InstallRequest {
  ref: AppRef
  pkg: Package
  origin: PackageRef
  /** With what was wrong in merging them, told together with what is wrong in them. */
  answers: MergedAnswers
  options: InstallOptions
}

export interface InstallOptions {
  /** Take over objects that exist and belong to no app. */
  adopt: boolean
  /** What to do with data that an earlier app of this name left. */
  retained: 'refuse' | 'adopt' | 'delete'
  /** What reaches beyond the namespace and was agreed to: names of `needs`, or `all`. */
  allow: string[]
  createNamespace: boolean
  wait: boolean
  /** Of each wait, in milliseconds. */
  timeout: number
  onFailure: 'keep' | 'rollback'
  /** Refuse where the plan under the lock is not this one. */
  planHash?: string
  read: {file(path: string): Promise<string>; env(name: string): string | undefined}
}

export interface UninstallOptions {
  deleteData: boolean
  /** Although others use it. */
  force: boolean
  timeout: number
  planHash?: string
}

/** How an operation ended. */
export interface Outcome {
  app: AppRef
  operation: 'install' | 'uninstall' | 'resume' | 'abort'
  package: PackageRef | null
  revision: number
  /** What the package tells after an install. */
  notes: string | null
  /** Addresses under which it is published. */
  urls: string[]
  /** What was kept: claims and data at providers. */
  retained: string[]
  warnings: string[]
  seconds: number
}

export type {Anchor}
