import type {Readable, Writable} from 'node:stream'

/** A Kubernetes object exactly as it came or goes: no field is known here, so none is lost. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  [field: string]: unknown
}

export interface ObjectMeta {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  creationTimestamp?: string
  deletionTimestamp?: string
  managedFields?: ManagedFields[]
  [field: string]: unknown
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
}

export interface ManagedFields {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion?: string
  time?: string
  subresource?: string
  fieldsV1?: Record<string, unknown>
}

/** What names a kind of object: `{apiVersion: 'apps/v1', kind: 'Deployment'}`. */
export interface KindRef {
  apiVersion: string
  kind: string
}

/** What names one object. `namespace` is left out for cluster-scoped kinds. */
export interface ObjectRef extends KindRef {
  name: string
  namespace?: string
}

/** How the API server serves a kind. */
export interface Resource extends KindRef {
  /** `deployments` */
  plural: string
  /** `/apis/apps/v1` or `/api/v1` */
  base: string
  namespaced: boolean
}

export interface KubeRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the server's address, with its leading slash, without the query. */
  path: string
  query?: Record<string, string | number | boolean | string[] | undefined>
  /** Sent as JSON, whatever the patch type. */
  body?: unknown
  contentType?: string
  accept?: string
  signal?: AbortSignal | undefined
  /** Of one attempt, in milliseconds, until the answer's head and between the pieces of its body; 30 s unless told. */
  timeout?: number
  /** Of all retries together, in milliseconds; 60 s unless told, 0 for a single attempt. */
  patience?: number
  /**
   * Retry on connection loss and 429/5xx? Reads: yes by default. Writes: only where the answer cannot have been lost after an effect
   * (429, connection refused), unless the caller says that repeating is harmless (`true`: applies, deletes with a uid).
   */
  repeatable?: boolean
}

export interface KubeResponse {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** Parsed JSON; undefined where the answer was none (`text` has it). Integers beyond 2^53 are bigints, and are sent as they came. */
  body: unknown
  text: string
}

/** Whom and what we talk to. */
export interface Target {
  context: string | undefined
  server: string
  /** The context's namespace, `default` without one. */
  namespace: string
  /** The kubeconfig's name of the user; not an identity that the server vouches for. */
  user: string | undefined
}

/** A connection to one cluster: keep-alive, gzip, retries; everything else in this room is a function that takes it first. */
export interface Kube {
  readonly target: Target
  /** @throws RemoteError for every status >= 400, typed by {@link RemoteError.reason} from the `Status` body. */
  request(request: KubeRequest): Promise<KubeResponse>
  /** The answer's body as it comes, for watches and logs. Same errors. */
  stream(request: KubeRequest): Promise<Readable>
  /** How a kind is served: known for Kubernetes' own, else one discovery request per group version, remembered. @throws RemoteError `cluster.rejected` (reason `UnknownKind`) */
  resourceOf(kind: KindRef): Promise<Resource>
  /** Opens a WebSocket to an exec or port-forward path; it comes paused: attach listeners, then `resume()`. */
  upgrade(
    path: string,
    query: [string, string][],
    protocols: string[],
    signal?: AbortSignal,
  ): Promise<import('ws').WebSocket>
  close(): void
}

export interface AskOptions {
  signal?: AbortSignal | undefined
}

export interface ListOptions extends AskOptions {
  /** All namespaces when left out. */
  namespace?: string | undefined
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
  /**
   * From what the API server holds in memory (`resourceVersion=0`), without asking etcd: a quarter of the time for a thousand objects, but
   * moments behind the last write where there are several API servers. For what a person looks at, never for a decision.
   */
  cached?: boolean
}

export interface List<T> {
  items: T[]
  /** From here a watch goes on without a gap. */
  resourceVersion: string
}

/** A server-side `Table`: what `kubectl get` prints, with each row's metadata. */
export interface Table {
  columns: string[]
  rows: {cells: unknown[]; metadata: ObjectMeta}[]
}

export interface WriteOptions extends AskOptions {
  fieldManager: string
  dryRun?: boolean
  /** What to do with unknown and duplicate fields; `Strict` (refuse) unless told. */
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  /** Of patches and applies: `status`, `scale`, … instead of the object itself. */
  subresource?: string
}

export interface ApplyOptions extends WriteOptions {
  /** Take fields that another manager owns. Never the default. */
  force?: boolean
}

/** What a server-side apply did. `created` from the status (201), so that a caller can stop where the plan said otherwise. */
export interface Applied {
  object: KubeObject
  created: boolean
  /** The server's `Warning` headers: deprecated versions, duplicate fields. */
  warnings: string[]
}

export interface DeleteOptions extends AskOptions {
  /** Precondition: another object of the same name is left alone. */
  uid?: string
  resourceVersion?: string
  propagation?: 'Foreground' | 'Background' | 'Orphan'
  dryRun?: boolean
}

export type WatchEvent =
  /** The whole state, first and again after every gap (410, expired version): what is not in it is gone. */
  {type: 'synced'; objects: KubeObject[]} | {type: 'added' | 'modified' | 'deleted'; object: KubeObject}

export interface ExecRequest {
  namespace: string
  pod: string
  container?: string
  command: string[]
  stdin?: Readable | Uint8Array
  /** Written with backpressure: a slow sink slows the container. */
  stdout: Writable
  stderr?: Writable
  signal?: AbortSignal | undefined
  /** Of the whole command, in milliseconds. */
  timeout?: number
}

/** Always arrives, or the exec rejects: a lost connection is never taken for success. */
export interface ExecResult {
  exitCode: number
}

/** The body of every refusal (meta/v1 `Status`). */
export interface Status {
  status?: string
  message?: string
  reason?: string
  code?: number
  details?: {
    name?: string
    group?: string
    kind?: string
    uid?: string
    causes?: StatusCause[]
    retryAfterSeconds?: number
  }
}

export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

/** What every error of the API server has in its details, besides what its code adds. */
export interface StatusDetails {
  verb: string
  group: string
  resource: string
  namespace: string | undefined
  name: string | undefined
  causes: StatusCause[]
}
