import {setTimeout as sleep} from 'node:timers/promises'
import type {AppRef} from '../anchor/index.ts'
import {applySetId, label, podsOf} from '../anchor/index.ts'
import type {KindRef, Kube, KubeObject} from '../kube/index.ts'
import {deleteObject, findObject, isConflict, refOf, watchObjects} from '../kube/index.ts'
import {type Diagnosis, describe, diagnose, failureOf} from './diagnose.ts'
import {waitTimeout} from './errors.ts'
import {kindKey, objectId} from './identity.ts'
import {lostPods, patience} from './nodes.ts'
import {isOfSet, isOutdated} from './outdated.ts'
import type {Fault} from './ready.ts'
import {isOver, isUnprobed, podFault, podSuspicion, readiness, unready, workloadFault} from './ready.ts'

const podKind: KindRef = {apiVersion: 'v1', kind: 'Pod'}
/** A container without a readiness probe is ready as soon as it runs, also one that ends at once. In milliseconds. */
const settling = 2000

/** Nodes are asked for once in so many milliseconds, and not before a wait has lasted so long: most never do. */
const betweenLooks = 5000

/** What one wait knows of pods whose node does not answer. */
interface LookAtNodes {
  asked: number
  /** The one most in the way, and since when there is one. */
  lost?: [KubeObject, Fault] | undefined
  since?: number | undefined
}

const wordsOf = ([pod, {message}]: [KubeObject, Fault]): string => `Pod ${pod.metadata.name}: ${message}`

/** How a wait goes: `waiting` says for what. */
export type Verdict = {done: true} | {done: false; waiting: string}

export interface WaitOptions {
  /** Milliseconds. */
  timeout: number
  onWaiting?(what: string): void
  /** Fail as soon as a pod or workload of these cannot come up; false where things are meant to go. */
  failFast: {components: (string | undefined)[]} | false
  /** Asked before each judgement, for what no watch shows. */
  refresh?(): Promise<void>
}

/**
 * Watches an app's pods and the kinds of object that a wait is about: one watch per kind for a whole operation, however many waits.
 */
export class Observer {
  readonly #kube: Kube
  readonly #app: AppRef
  readonly #signal: AbortSignal
  readonly #assertHeld: () => void
  readonly #stop = new AbortController()
  readonly #watches = new Map<string, Promise<void>>()
  readonly #objects = new Map<string, KubeObject>()
  readonly #faultSince = new Map<string, number>()
  #changes = 0
  #wake: (() => void) | undefined
  #broken: unknown

  /** @param assertHeld throws once the lock is lost: who only waits shall notice, too */
  constructor(kube: Kube, app: AppRef, signal: AbortSignal, assertHeld: () => void) {
    this.#kube = kube
    this.#app = app
    this.#signal = signal
    this.#assertHeld = assertHeld
  }

  /** What stands in the cluster now, as far as watched. */
  find(id: string): KubeObject | undefined {
    return this.#objects.get(id)
  }

  pods(): KubeObject[] {
    return [...this.#objects.values()].filter(object => object.kind === 'Pod' && object.apiVersion === 'v1')
  }

  /**
   * Waits until the objects of these ids (kinds given) are ready, and stay so where nothing but running makes them ready. `changed` says
   * false while what was just written has not come by yet.
   */
  async untilReady(
    targets: {id: string; kind: KindRef; changed?(object: KubeObject): boolean}[],
    options: WaitOptions,
  ): Promise<void> {
    let readySince: number | undefined
    await this.until(
      targets.map(target => target.kind),
      () => {
        for (const {id, changed} of targets) {
          const object = this.find(id)
          if (object === undefined) return {done: false, waiting: `${id} to appear`}
          if (changed?.(object) === false) return {done: false, waiting: `${id} to change`}
          const {ready, message} = readiness(object)
          if (!ready) {
            readySince = undefined
            return {done: false, waiting: `${id}: ${message}`}
          }
        }
        if (!targets.some(({id}) => isUnprobed(this.find(id)))) return {done: true}
        readySince ??= performance.now()
        return performance.now() - readySince >= settling ? {done: true} : {done: false, waiting: 'it to stay up'}
      },
      options,
    )
  }

  /**
   * Waits, by watching, until `judge` is content.
   * @throws UserError `operation.failed` with a diagnosis where it cannot come true, `wait.timeout`
   */
  async until(kinds: KindRef[], judge: () => Verdict, options: WaitOptions): Promise<void> {
    await Promise.all([podKind, ...kinds].map(kind => this.#watch(kind)))
    const started = performance.now()
    let said = ''
    const nodes: LookAtNodes = {asked: started}
    for (;;) {
      this.#signal.throwIfAborted()
      this.#assertHeld()
      if (this.#broken !== undefined) throw this.#broken
      await options.refresh?.()
      const seen = this.#changes
      const verdict = judge()
      if (verdict.done) return
      await this.#lookAtNodes(nodes, options)
      const {lost} = nodes
      const waiting = lost === undefined ? verdict.waiting : `${verdict.waiting}: ${wordsOf(lost)}`
      if (waiting !== said) options.onWaiting?.(waiting)
      said = waiting
      if (options.failFast !== false) await this.#failFast(options.failFast.components)
      if (performance.now() - started > options.timeout)
        throw waitTimeout(
          this.#app,
          Math.round(options.timeout / 1000),
          verdict.waiting,
          lost === undefined ? await this.#suspect(options) : wordsOf(lost),
        )
      await this.#nextChange(seen)
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.allSettled(this.#watches.values())
  }

  /** The next event, or a second: grace periods end without one. */
  async #nextChange(seen: number): Promise<void> {
    if (this.#changes !== seen) return
    const timer = new AbortController()
    const changed = new Promise<void>(resolve => {
      this.#wake = resolve
    })
    await Promise.race([
      changed,
      sleep(1000, undefined, {signal: AbortSignal.any([timer.signal, this.#signal])}).catch(() => undefined),
    ])
    timer.abort()
  }

  async #failFast(components: (string | undefined)[]): Promise<void> {
    for (const [id, object] of this.#objects) {
      if (
        object.metadata.deletionTimestamp !== undefined ||
        !components.includes(object.metadata.labels?.[label.component])
      )
        continue
      const isPod = object.kind === 'Pod'
      const fault = isPod
        ? (podFault(object) ?? (isOfSet(object) ? unready(object) : undefined))
        : workloadFault(object)
      if (fault === undefined) this.#forget(id)
      else if (this.#lasts(id, fault) && !(isPod && (await this.#passes(object, fault)))) {
        const found = await this.#diagnose(object, fault)
        if (found !== undefined) throw failureOf(found)
      }
    }
  }

  /** Are pods in the way whose node does not answer? A wait ends by one that nothing else will take the place of. */
  async #lookAtNodes(nodes: LookAtNodes, {failFast}: WaitOptions): Promise<void> {
    const now = performance.now()
    if (now - nodes.asked < betweenLooks) return
    nodes.asked = now
    const inTheWay = this.pods().filter(pod =>
      failFast === false
        ? pod.metadata.deletionTimestamp !== undefined
        : failFast.components.includes(pod.metadata.labels?.[label.component]) && !isOver(pod) && !readiness(pod).ready,
    )
    const found = await lostPods(this.#kube, inTheWay, this.#signal)
    nodes.lost = [...found].sort(([, one], [, other]) => one.grace - other.grace)[0]
    if (nodes.lost === undefined) {
      nodes.since = undefined
      return
    }
    nodes.since ??= now
    const [pod, fault] = nodes.lost
    if (now - nodes.since < (failFast === false ? patience : fault.grace)) return
    const diagnosis = await this.#diagnose(pod, fault)
    if (diagnosis !== undefined) throw failureOf(diagnosis)
  }

  #diagnose(object: KubeObject, fault: Fault): Promise<Diagnosis | undefined> {
    return diagnose(this.#kube, {app: this.#app, bindings: {}, signal: this.#signal}, object, fault)
  }

  /** Why it took so long, where a pod's events or log, or what else was waited for, tell. */
  async #suspect({failFast}: WaitOptions): Promise<string | undefined> {
    if (failFast === false) return undefined
    for (const object of new Set([...this.pods(), ...this.#objects.values()])) {
      const concerned = failFast.components.includes(object.metadata.labels?.[label.component])
      const faultOf = (each: KubeObject) =>
        each.kind === 'Pod' ? (podFault(each) ?? podSuspicion(each)) : workloadFault(each)
      const fault = concerned && !readiness(object).ready ? faultOf(object) : undefined
      const found = fault && (await this.#diagnose(object, fault))
      if (found !== undefined) return describe(found)
    }
    return undefined
  }

  /** Is the fault of no concern: of a pod that goes anyway? A StatefulSet would wait for it, so there we help. */
  async #passes(pod: KubeObject, fault: Fault): Promise<boolean> {
    const outdated = await isOutdated(pod, async ref => this.find(objectId(ref)) ?? findObject(this.#kube, ref))
    if (outdated === true && isOfSet(pod)) {
      this.#assertHeld()
      const {uid} = pod.metadata
      await deleteObject(this.#kube, refOf(pod), {...(uid !== undefined && {uid})}).catch(error => {
        if (!isConflict(error)) throw error // another of its name is there by now
      })
    }
    return outdated !== false || fault.reason === 'NotReady'
  }

  #lasts(id: string, fault: Fault): boolean {
    const key = `${id} ${fault.reason === 'ErrImagePull' ? 'ImagePullBackOff' : fault.reason}`
    const since = this.#faultSince.get(key) ?? performance.now()
    this.#faultSince.set(key, since)
    return performance.now() - since >= fault.grace
  }

  #forget(id: string): void {
    for (const key of this.#faultSince.keys()) if (key.startsWith(`${id} `)) this.#faultSince.delete(key)
  }

  /** Starts a watch, once per kind; resolves when its first state is there. */
  #watch(kind: KindRef): Promise<void> {
    const key = kindKey(kind)
    const running = this.#watches.get(key)
    if (running !== undefined) return running
    const synced = new Promise<void>(resolve => {
      void this.#follow(kind, resolve).catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#broken = error
        resolve()
        this.#changed()
      })
    })
    this.#watches.set(key, synced)
    return synced
  }

  async #follow(kind: KindRef, synced: () => void): Promise<void> {
    // Pods carry the labels of their template; they are no members, so the ApplySet's label is not on them.
    const labelSelector = kind.kind === 'Pod' ? podsOf(this.#app.name) : `${label.partOf}=${applySetId(this.#app)}`
    const signal = AbortSignal.any([this.#stop.signal, this.#signal])
    for await (const event of watchObjects(this.#kube, kind, {namespace: this.#app.namespace, labelSelector, signal})) {
      if (event.type === 'synced') {
        for (const [id, object] of this.#objects) if (kindKey(object) === kindKey(kind)) this.#objects.delete(id)
        for (const object of event.objects) this.#objects.set(this.#idOf({...kind, ...object}), {...kind, ...object})
        synced()
      } else if (event.type === 'deleted') this.#objects.delete(this.#idOf(event.object))
      else this.#objects.set(this.#idOf(event.object), event.object)
      this.#changed()
    }
  }

  #changed(): void {
    this.#changes++
    this.#wake?.()
  }

  #idOf(object: KubeObject): string {
    return objectId(refOf(object))
  }
}
