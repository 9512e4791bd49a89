import type {Position} from '../expr/index.ts'
import type {Interfaces} from '../params/index.ts'
import type {Finding, YamlNode} from '../yaml/index.ts'
import type {Manifest} from './manifest-schema.ts'

/** `sha256:<64 hex>` of an archive's bytes. */
export type Digest = `sha256:${string}`

/** A package in memory: its parsed manifest and every file, whatever it came from. */
export interface Package {
  manifest: Manifest
  /** `package.yaml` as it was written: knows where everything stands. */
  root: YamlNode
  /** What is odd in `package.yaml`, and no fault. */
  warnings: Finding[]
  /** berth's interfaces, and those that the package adds. */
  interfaces: Interfaces
  /** Path below the folder, with `/`, to bytes; sorted. */
  files: ReadonlyMap<string, Uint8Array>
  /** The reproducible archive. Of a folder it is made when it is asked for. @throws UserError `package.archive-refused` */
  readonly archive: Uint8Array
  readonly digest: Digest
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
