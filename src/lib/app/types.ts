import type {Anchor, AppRef, Autoscaler, Holder, OnDrift, OperationKind, PackageRef, Revision} from '../anchor/index.ts'
import type {Kube, KubeObject, ObjectRef} from '../kube/index.ts'
import type {Package, RenderedObject} from '../package/index.ts'
import type {ClusterScope, MergedAnswers, ReadSource} from '../params/index.ts'
import type {Report} from '../progress.ts'

/** What the engine needs from outside: everything that is not in its arguments comes from here. */
export interface Lib {
  kube: Kube
  /** What templates may see of the cluster. */
  cluster: ClusterScope
  holder: Holder
  /** Whether a package's bytes may act with our rights: in a repository of ours, or installed by us before. */
  isTrusted(pkg: PackageRef): Promise<boolean>
  /** Remembers that the operator chose a package, for {@link isTrusted}. */
  trust(pkg: PackageRef): Promise<void>
  /** A package of the operator's repositories: `name`, `name@1.2`, `repository/name`. @throws UserError `package.not-found`, … */
  findPackage(reference: string): Promise<{pkg: Package; origin: PackageRef}>
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
  | {
      do: 'recreate'
      object: ObjectRef
      component?: string
      changes: FieldChange[]
      /** Volumes that are made larger first. */
      grows: string[]
      /** Left out where the new one takes over all that the former had. */
      loses?: string
      reversal: Reversal
    }
  | {do: 'keep'; object: ObjectRef; component?: string; why: string; reversal: 'reversible'}
  | {
      do: 'provision'
      parameter: string
      interface: string
      provider: string
      makes?: string
      rotates?: true
      reversal: 'compensable'
    }
  /** Someone with rights at the provider has to grant it first. */
  | {do: 'request'; parameter: string; interface: string; provider: string; reversal: 'reversible'}
  | {do: 'generate'; secrets: string[]; reversal: 'reversible'}
  | {do: 'task'; task: string; reversal: 'final'}
  | {do: 'scale'; object: ObjectRef; component?: string; from: number; to: number; reversal: 'reversible'}
  | {do: 'suspend'; object: ObjectRef; component?: string; suspend: boolean; reversal: 'reversible'}
  | {do: 'restart'; object: ObjectRef; component?: string; reversal: 'reversible'}
  | {do: 'wait'; component: string; replicas: number; reversal: 'reversible'}
  | {do: 'delete'; object: ObjectRef; loses?: string; reversal: Reversal}
  | {do: 'release'; parameter: string; provider: string; data: 'kept' | 'deleted'; reversal: 'compensable' | 'final'}
  /** A whole operation on another app: one that is installed for this one first, or goes with it. */
  | {do: 'operation'; plan: Plan; reversal: 'compensable'}

/** One question asked before the first change. Only `failed` refuses; `unverified` says why nobody can tell. */
export interface Check {
  name: string
  status: 'passed' | 'failed' | 'unverified'
  message: string
  remedy?: string
}

/** A failed check with the code that its error shall have, were it the only one. */
export type FailedCheck = Check & {code: string}

/** Something that we may not do: in a namespace, or with what belongs to none. */
export interface Lack {
  verb: string
  /** `deployments.apps` */
  resource: string
  namespace: string | undefined
}

/** How one object is to be written, so that nothing else happens than what the plan showed. */
export interface Way {
  /** It does not exist yet. */
  isNew: boolean
  /** It was nobody's or somebody else's before. */
  adopted: boolean
  /** Fields of others are taken: only from this very object, as it was seen. */
  over?: {uid: string; resourceVersion: string}
  /** Fields that are left to whom they belong. */
  keep: string[]
  /** It was made anew with this many replicas, and they are not yet their own manager's. */
  count?: number
  /** It is there, and cannot be changed: this very one goes first. Its pods are handed over, or end with it. */
  anew?: {uid: string; handsOver: boolean; replicas?: number}
}

export interface Compared {
  id: string
  step: Extract<Step, {do: 'create' | 'update' | 'recreate' | 'keep'}>
  way: Way
  /** How many pods the live object asks for, where it is one that has a count. */
  replicas?: number
  /** What speaks against writing this object. */
  failed?: FailedCheck
  unverified?: Check
  lacks?: Lack
}

/** What a user calls an operation. */
export type Verb = OperationKind | 'resume' | 'abort'

/**
 * Hears the plan as it is under the lock, right before it is carried out; what it throws ends the operation with nothing changed. So a
 * plan is made once where nobody is asked, and held against the one that was shown where somebody was.
 */
export type Agree = (plan: Plan) => void | Promise<void>

/** What an operation will do, as data: shown, printed as JSON, approved by its hash, then carried out. */
export interface Plan {
  operation: Verb
  app: AppRef
  package: PackageRef | null
  revision: number
  /** False where everything is as it shall be: then nothing is written. */
  changes: boolean
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

/** What an app shall be: a package and answers to its parameters, complete (an update says all of them again). */
export interface ChangeRequest {
  ref: AppRef
  pkg: Package
  origin: PackageRef
  /** With what was wrong in merging them, told together with what is wrong in them. */
  answers: MergedAnswers
  /** What is changed in objects beside answers; as it was without. */
  patches?: Revision['patches']
  /** Fields that others may set, by rules such as `Deployment:spec.strategy`; as it was without. */
  ignore?: string[]
  /** Secrets to make anew, as the package says that it can be done. */
  rotate?: Rotation
  /** Bindings whose providers are asked again although nothing else changed: for their outputs, or for another credential. */
  renew?: Record<string, 'ensure' | 'rotate'>
  /** Providers that are going to be there by then, as their anchors will be; by `namespace/name`. */
  upcoming?: ReadonlyMap<string, Anchor>
  /** Whom it is made for, where an answer of another app has it made. */
  consumers?: Consumer[]
  /** The set that declares it: the app belongs to it from the first write on, whatever becomes of the change. */
  set?: string
  /** Replicas by component; as they are without. */
  scale?: Record<string, number>
  /** Who chooses them, by component; null for nobody. */
  autoscale?: Record<string, Autoscaler | null>
  options: ChangeOptions
}

/** An app that another is installed for. */
export interface Consumer {
  ref: AppRef
  package: string
}

/** Which secrets are made anew, by name, and the tasks that have the app take them. */
export interface Rotation {
  secrets: string[]
  tasks: string[]
}

export interface ChangeOptions {
  /** Take over objects that exist and belong to no app. */
  adopt: boolean
  /** What reaches beyond the namespace and was agreed to: names of `needs`, or `all`. */
  allow: string[]
  /** Fields that others set since: by kind of field unless told. */
  onDrift?: OnDrift
  /** Make anew what cannot be changed in place, and lose what hangs on it. */
  allowRecreate?: boolean
  wait: boolean
  /** Of each wait, in milliseconds. */
  timeout: number
  onFailure: 'keep' | 'rollback'
  read: ReadSource
}

export interface InstallRequest extends ChangeRequest {
  options: InstallOptions
}

export interface InstallOptions extends ChangeOptions {
  /** What to do with data that an earlier app of this name left. */
  retained: 'refuse' | 'adopt'
  createNamespace: boolean
}

/** How an app is stopped, started, or has its pods made anew. */
export interface RunOptions {
  /** Although others use it; although what it uses is stopped. */
  force: boolean
  /** Others for which the same is done before: they do not stand in the way. */
  along: AppRef[]
  wait: boolean
  /** Of each wait, in milliseconds. */
  timeout: number
}

export interface UninstallOptions {
  deleteData: boolean
  /** Although others use it. */
  force: boolean
  /** Apps that are uninstalled before it: they do not count as users. */
  along?: readonly AppRef[]
  /** With the apps that were installed for it, and that nobody uses any more. */
  autoremove?: boolean
  timeout: number
}

/** How an operation ended. */
export interface Outcome {
  app: AppRef
  operation: Verb
  package: PackageRef | null
  revision: number
  /** What the package tells after an install. */
  notes: string | null
  /** Addresses under which it is published. */
  urls: string[]
  /** What was kept: claims and data at providers. */
  retained: string[]
  /** Apps that were installed for this one, and are left without anybody who uses them. */
  orphans: string[]
  warnings: string[]
  seconds: number
}
