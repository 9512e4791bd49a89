import type {Phase} from '../anchor/index.ts'

/** How an app stands, as its anchor's metadata and its workloads tell. */
export interface AppState {
  namespace: string
  name: string
  phase: Phase | 'corrupt'
  /** `unready`: a workload does not have the pods that it wants. Null where workloads may not be read. */
  health: 'ready' | 'unready' | null
  /** Pods that are ready and wanted, over all workloads; null where workloads may not be read. */
  replicas: {now: number; wanted: number} | null
  version: {package: string; version: string; appVersion: string | null} | null
  /** What is being done to it right now, and how far that is. */
  operation: {kind: string; step: string | null} | null
  /** Bound parameter → `namespace/name` of the provider, or `service:namespace/name`. */
  bindings: Record<string, string>
}

/** What changes of an app; the rest of its state is its name. */
export type Facts = Omit<AppState, 'namespace' | 'name'>

/** One fact that changed. */
type FactChange = {[Fact in keyof Facts]: {type: Fact; from: Facts[Fact]; to: Facts[Fact]}}[keyof Facts]

interface Stamp {
  /** Grows with every event, also from one run of berth to the next. */
  id: number
  /** When berth heard of it; RFC 3339. */
  at: string
}

/** How everything stands: first of all, and where what came before is not known any more. `id`: of the last event that is in it. */
export interface AppSnapshot extends Stamp {
  type: 'snapshot'
  apps: AppState[]
}

/** One change of one app, and how it stands after it; `state` is null once it is gone. */
export type AppChange = Stamp & {app: string} & (
    | (FactChange & {state: AppState})
    | {type: 'installed'; state: AppState}
    | {type: 'removed'; state: null}
  )

/** Where a front end can listen, from now on. */
export interface Listening {
  type: 'listening'
  url: string
}
