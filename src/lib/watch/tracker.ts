import {type AnchorEvent, type AnchorSummary, formatRef, label} from '../anchor/index.ts'
import {readiness} from '../app/index.ts'
import type {KubeObject, WatchEvent} from '../kube/index.ts'
import type {AppChange, AppSnapshot, AppState, Facts} from './types.ts'

/** Something that a watch told. `unreadable`: nobody lets us see workloads of this kind. */
export type Heard =
  | {of: 'anchors'; event: AnchorEvent}
  | {of: 'workloads'; kind: string; event: WatchEvent | {type: 'unreadable'}}

interface Workload {
  kind: string
  ready: boolean
  now: number
  wanted: number
}

/**
 * Keeps how each app stands, and tells what is different after each thing heard: so a watch that had to begin anew (410) loses no change,
 * and one that says the same twice tells nothing.
 */
export class Tracker {
  readonly #anchors = new Map<string, AnchorSummary>()
  /** By app, then by kind and name. */
  readonly #workloads = new Map<string, Map<string, Workload>>()
  /** Sources that have not told their first state. */
  readonly #awaited: Set<string>
  readonly #unreadable = new Set<string>()
  readonly #kinds: number
  readonly #states = new Map<string, {uid: string; state: AppState}>()
  readonly #now: () => Date
  readonly #only: (app: string) => boolean
  #id: number

  /** @param only which apps count, by `namespace/name` */
  constructor(kinds: string[], only: (app: string) => boolean, now: () => Date) {
    this.#awaited = new Set(['anchors', ...kinds])
    this.#kinds = kinds.length
    this.#only = only
    this.#now = now
    // Beyond all that an earlier run can have given out: it would have had to tell a thousand changes a millisecond.
    this.#id = now().getTime() * 1000
  }

  hear(heard: Heard): (AppSnapshot | AppChange)[] {
    const changed = heard.of === 'anchors' ? this.#hearAnchors(heard.event) : this.#hearWorkloads(heard)
    const began = this.#awaited.size > 0
    this.#awaited.delete(heard.of === 'anchors' ? heard.of : heard.kind)
    if (this.#awaited.size > 0) return []
    if (!began) return [...changed].flatMap(app => this.#compare(app))
    for (const app of this.#anchors.keys()) this.#compare(app)
    return [{type: 'snapshot', ...this.#stamp(), apps: [...this.#states.values()].map(({state}) => state)}]
  }

  #hearAnchors(event: AnchorEvent): Iterable<string> {
    if (event.type === 'synced') {
      const before = [...this.#anchors.keys()]
      this.#anchors.clear()
      for (const anchor of event.anchors) this.#anchors.set(formatRef(anchor.ref), anchor)
      return new Set([...before, ...this.#anchors.keys()])
    }
    const app = formatRef(event.anchor.ref)
    if (event.type === 'gone') this.#anchors.delete(app)
    else this.#anchors.set(app, event.anchor)
    return [app]
  }

  #hearWorkloads({kind, event}: Extract<Heard, {of: 'workloads'}>): Iterable<string> {
    if (event.type === 'added' || event.type === 'modified' || event.type === 'deleted') {
      const app = appOf(event.object)
      const id = `${kind}/${event.object.metadata.name}`
      if (event.type === 'deleted') this.#workloads.get(app)?.delete(id)
      else this.#keep(app, id, workloadOf(kind, event.object))
      return [app]
    }
    if (event.type === 'unreadable') this.#unreadable.add(kind)
    for (const workloads of this.#workloads.values())
      for (const [id, workload] of workloads) if (workload.kind === kind) workloads.delete(id)
    if (event.type === 'synced')
      for (const object of event.objects)
        this.#keep(appOf(object), `${kind}/${object.metadata.name}`, workloadOf(kind, object))
    return this.#anchors.keys()
  }

  #keep(app: string, id: string, workload: Workload): void {
    const workloads = this.#workloads.get(app) ?? new Map<string, Workload>()
    this.#workloads.set(app, workloads.set(id, workload))
  }

  /** What is different with an app since it was last looked at. */
  #compare(app: string): AppChange[] {
    const anchor = this.#only(app) ? this.#anchors.get(app) : undefined
    const before = this.#states.get(app)
    if (anchor === undefined) {
      if (!this.#anchors.has(app) && this.#workloads.get(app)?.size === 0) this.#workloads.delete(app)
      return this.#states.delete(app) ? [{type: 'removed', ...this.#stamp(), app, state: null}] : []
    }
    const state = this.#stateOf(app, anchor)
    this.#states.set(app, {uid: anchor.uid, state})
    const installed = (): AppChange => ({type: 'installed', ...this.#stamp(), app, state})
    if (before === undefined) return [installed()]
    // Another app of the same name: we did not hear of the time in between.
    if (before.uid !== anchor.uid) return [{type: 'removed', ...this.#stamp(), app, state: null}, installed()]
    let now = before.state
    return facts
      .filter(fact => JSON.stringify(before.state[fact]) !== JSON.stringify(state[fact]))
      .map(type => {
        const [from, to] = [before.state[type], state[type]]
        now = {...now, [type]: to}
        // `as`: the same fact on both sides, which TypeScript cannot see in a union.
        return {type, ...this.#stamp(), app, from, to, state: now} as AppChange
      })
  }

  #stamp(): {id: number; at: string} {
    return {id: ++this.#id, at: this.#now().toISOString()}
  }

  #stateOf(app: string, anchor: AnchorSummary): AppState {
    const {ref, phase, package: pkg, operation, bindings} = anchor
    const workloads = [...(this.#workloads.get(app)?.values() ?? [])]
    const sum = (of: 'now' | 'wanted') => workloads.reduce((total, workload) => total + workload[of], 0)
    const seen = this.#unreadable.size < this.#kinds
    return {
      ...ref,
      phase,
      health: !seen ? null : workloads.every(({ready}) => ready) ? 'ready' : 'unready',
      replicas: seen ? {now: sum('now'), wanted: sum('wanted')} : null,
      version: pkg === undefined ? null : {package: pkg.name, version: pkg.version, appVersion: pkg.appVersion ?? null},
      operation: operation === undefined ? null : {kind: operation.kind, step: operation.step ?? null},
      bindings,
    }
  }
}

const facts: (keyof Facts)[] = ['version', 'bindings', 'operation', 'phase', 'replicas', 'health']

const appOf = ({metadata}: KubeObject): string => `${metadata.namespace}/${metadata.labels?.[label.instance]}`

/** Deployments and StatefulSets say in their spec how many they want, DaemonSets in their status. */
function workloadOf(kind: string, object: KubeObject): Workload {
  const {replicas = 1} = (object.spec ?? {}) as {replicas?: number}
  const status = (object.status ?? {}) as Record<string, number | undefined>
  const {desiredNumberScheduled = 0, numberReady = 0, readyReplicas = 0} = status
  const counts =
    kind === 'DaemonSet' ? {now: numberReady, wanted: desiredNumberScheduled} : {now: readyReplicas, wanted: replicas}
  return {kind, ready: readiness(object).ready, ...counts}
}
