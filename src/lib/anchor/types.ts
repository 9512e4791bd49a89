import type {KubeObject, ObjectRef} from '../kube/index.ts'
import type {Digest} from '../package/index.ts'
import type {Answers, BindingValue, ClusterScope, SharedService, SharedValue} from '../params/index.ts'
import type {AppRef} from './names.ts'

/** A package as an app remembers it. */
export interface PackageRef {
  name: string
  version: string
  appVersion?: string
  digest: Digest
  /** Name of the repository it came from; left out for a folder or file. */
  repository?: string
}

export type Phase = 'running' | 'stopped' | 'changing' | 'failed'
/** What changes whether an app runs, and not what it is. */
export type RunKind = 'stop' | 'start' | 'restart'
export type OperationKind = 'install' | 'update' | 'uninstall' | RunKind

/**
 * The lock: who changes the app right now. `seq` grows with every write of the holder, so that a write whose answer was lost can be
 * told from one that never arrived.
 */
export interface Operation {
  id: string
  kind: OperationKind
  /** The anchor's epoch when this holder took the lock: no two holders ever have the same. */
  epoch: number
  seq: number
  holder: HolderIdentity
  /** RFC 3339. */
  since: string
  /** What it is doing, for people. */
  step?: string
}

/** Who holds a lock. Enough to see that a process of this machine is gone; never trusted for more than that. */
export interface HolderIdentity {
  /** The cluster's name for the user, or the operating system's. */
  who: string
  host: string
  /** Boot, pid namespace, pid and start time of the process; left out where the system does not tell. */
  process?: {boot: string; namespace: string; pid: number; started: string}
}

/** An object that the app has, with the uid that a delete will insist on. */
export interface Member extends ObjectRef {
  /** Unknown until it was created. */
  uid?: string
  /** It was somebody else's before: taking the change back gives it back instead of deleting it. */
  adopted?: true
}

/** How one parameter is bound to what provides it. */
export interface Binding extends BindingValue {
  interface: string
  provider: {app: AppRef; endpoint: string} | {service: {namespace: string; name: string}} | {literal: true}
  request: Record<string, unknown>
  /** What its provider has yet to be asked. `settle`: once everything runs with what it last gave, what it gave before may go. */
  asks?: 'ensure' | 'rotate' | 'settle'
  /** The provider's {@link Revision.trust} when it gave the outputs. */
  trust?: string
}

/** An endpoint as consumers see it. */
export interface ProvidedEndpoint {
  interface: string
  version?: string
  component: string
  host: string
  port: number
  /** Outside address, where it is published. */
  url?: string
  allow: {namespaces: 'all' | 'own' | string[]}
  /** Whether a consumer gets something of its own made by a script. */
  grant: boolean
}

/** One state of the app: everything that renders it, but its secrets. */
export interface Revision {
  number: number
  package: PackageRef
  answers: Answers
  /** What the user changes in objects beside answers: by component and object. */
  patches: Record<string, Record<string, Record<string, unknown>>>
  /** Fields that are left to others, by rules such as `Deployment:spec.strategy`. */
  ignore: string[]
  /** Name of the immutable Secret with every secret of this revision. */
  secret: string
  /** What templates saw of the cluster, frozen. */
  cluster: ClusterScope
  /** Replicas per component, as berth was told last; what runs may be another's choice. */
  scale: Record<string, number>
  /** Who chooses them in its stead, by component. */
  autoscalers: Record<string, Autoscaler>
  bindings: Record<string, Binding>
  provides: Record<string, ProvidedEndpoint>
  /** When the certificates of `tls` keys end, by parameter: RFC 3339. */
  certificates: Record<string, string>
  /** Stands for what vouches for them: with another, users have to be told. None in what was written before there was this. */
  trust?: string
  /** What the answers refer to, by name, as it was: the value itself, or in which Secret it was. */
  values: Record<string, SharedValue>
  services: Record<string, SharedService>
  inventory: Member[]
  /** Keyed hash per rendered object, by its identity: a resume that renders anything else refuses. */
  objects: Record<string, string>
}

/** Keeps the replicas of a component between two bounds by what its pods use. */
export interface Autoscaler {
  min: number
  max: number
  /** Percent of what the pods ask for that they shall use on average. */
  cpu?: number
  memory?: number
  /** The same in metrics of the pods' own, or of an object of the app (`NAME@KIND/OBJECT`): → quantity for each pod that there is. */
  metrics?: Record<string, string>
  /** The same in metrics of something else, such as a queue: `NAME{LABEL=VALUE}` → quantity for each pod that there is. */
  external?: Record<string, string>
  /** How long the load must have been lower before pods go, in seconds. */
  patience: number
}

/** What stopped an object, or what it was before: how many pods, or fields of its own. */
export type Halt = {replicas: number} | {fields: Record<string, unknown>}

/** The journal: what an operation that has begun needs to go on, in whatever process. */
export type Pending = PendingChange | PendingRemoval | PendingRun

export interface PendingChange {
  kind: 'install' | 'update'
  operation: string
  /** `provisioning`: bindings may have outputs yet unknown, hashes are not complete. `applying`: everything is frozen. */
  stage: 'provisioning' | 'applying'
  target: Revision
  /** What goes once everything else is done: members that the target no longer has. */
  leaving: Member[]
  /** What was said about fields that others set; by kind of field where nothing was. */
  onDrift?: OnDrift
  /** Objects that are made anew, by id: the one that goes, and how many pods it had. */
  anew?: Record<string, {uid: string; replicas?: number}>
  /** The tasks of this change, by name, and how far each is: a final step that is not run twice. */
  tasks: Record<string, 'planned' | 'started' | 'done'>
  /** Counts that change, by object. */
  scales?: Record<string, {from: number; to: number}>
}

/** What to do with a field that another manager owns now: leave it to them, take it back, refuse. */
export type OnDrift = 'keep' | 'take' | 'fail'

export interface PendingRemoval {
  kind: 'uninstall'
  operation: string
  deleteData: boolean
  /** Removal was asked for although others use it. */
  force: boolean
}

/** What a stop took is in the anchor's `stopped`, whatever becomes of the operation. */
export interface PendingRun {
  kind: RunKind
  operation: string
  /** RFC 3339; what a restart writes on pods, so that going on with it is no second one. */
  at: string
  /** All, unless told. */
  components?: string[]
}

export interface HistoryEntry {
  revision: number
  kind: OperationKind
  package: PackageRef
  who: string
  /** RFC 3339. */
  when: string
  seconds: number
  outcome: 'done' | 'failed' | 'aborted'
  message?: string
}

/** The same as an Event tells it, also of what is no operation (`reveal`). */
export interface Deed extends Omit<HistoryEntry, 'kind' | 'package'> {
  kind: string
  package?: PackageRef
}

/** The provider's record of one use of it, by `namespace/name#parameter` of the consumer. */
export interface Grant {
  consumer: AppRef
  parameter: string
  endpoint: string
  interface: string
  request: Record<string, unknown>
  /** `granting`: recorded, script not known to have run. `retained`: the consumer is gone, its data is kept. */
  state: 'granting' | 'granted' | 'retained'
  /** RFC 3339. */
  since: string
  /** What the name of what was made was made with: the provider's {@link Anchor.salt} at that time. */
  salt?: string
}

/**
 * What someone with rights at a provider had made for a binding of an app whose own people have none there. It is handed over in a
 * Secret of the app, so that one write gives all or nothing, and nobody's lock is in the way.
 */
export interface Granted {
  /** The operation that asked: what was made for another one does not count. */
  operation: string
  /** The endpoint's name at its provider, and what it says of itself. */
  name: string
  endpoint: ProvidedEndpoint
  /** What the provider's script printed; may hold secrets. */
  printed: Record<string, unknown>
  /** As in {@link Binding}. */
  trust?: string
}

/** A person's login to one database of a provider; its password stands in the Secret that this is an annotation of. */
export interface Login {
  name: string
  endpoint: string
  database: string
  access: 'read' | 'write' | 'owner'
}

/** Everything berth knows about one app, read from its ConfigMap and checked: what stands in the cluster is hostile input. */
export interface Anchor {
  ref: AppRef
  uid: string
  resourceVersion: string
  phase: Phase
  desired: 'running' | 'stopped'
  package: PackageRef | undefined
  owner: string | undefined
  /** The set that it was declared in. */
  set: string | undefined
  /** The app whose install brought it along; undefined where somebody asked for it. */
  installedFor: AppRef | undefined
  /** RFC 3339. */
  created: string
  operation: Operation | undefined
  /** Grows with every holder of the lock, and is never reset: a holder that wakes up late finds it moved on. */
  epoch: number
  current: Revision | undefined
  pending: Pending | undefined
  /** Of a stopped app: what a start brings back, by object. Said once, and forgotten only when a start is done. */
  stopped: Record<string, Halt>
  history: HistoryEntry[]
  grants: Record<string, Grant>
  /** Of a service outside, where other clusters may have something made, too: what names differ by. */
  salt: string | undefined
  /** As it stands in the cluster: a write starts from it, so that what others put there stays. */
  raw: KubeObject
}

/** What metadata alone tells: enough for a list of a thousand apps in one request. */
export interface AnchorSummary {
  ref: AppRef
  uid: string
  /** `corrupt`: what its annotations say is not what berth writes. */
  phase: Phase | 'corrupt'
  desired: 'running' | 'stopped'
  package: Pick<PackageRef, 'name' | 'version' | 'appVersion' | 'repository'> | undefined
  owner: string | undefined
  installedFor: AppRef | undefined
  created: string
  operation: (Pick<Operation, 'step'> & {kind: string}) | undefined
  /** Bound parameter → `namespace/name` of the provider, or `service:namespace/name`. */
  bindings: Record<string, string>
  /** Dotted place in the answers → `namespace/name` of the shared value there. */
  values: Record<string, string>
  /** Endpoint → interface. */
  provides: Record<string, string>
  labels: Record<string, string>
}
