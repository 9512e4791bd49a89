import {randomBytes} from 'node:crypto'
import {RemoteError} from '../errors.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {
  createObject,
  deleteObject,
  findObject,
  ifAllowed,
  isAlreadyExists,
  isConflict,
  isNotFound,
  isUnavailable,
  replaceObject,
  watchObjects,
} from '../kube/index.ts'
import {appLocked, appNotFound, lockLost} from './errors.ts'
import type {AppRef} from './names.ts'
import {anchorName, formatRef, label, leaseName, managedBy, stateManager} from './names.ts'
import {clearFormer} from './secrets.ts'
import {createAnchor, findAnchor, writeAnchor} from './store.ts'
import type {Anchor, HolderIdentity, Operation, OperationKind} from './types.ts'

/** How long a lease lasts without a renewal, in milliseconds: a challenger must see nothing move for this long. */
const leaseDuration = 60_000
const renewEvery = 10_000
/** The holder stops writing this long after its last renewal: well before any challenger may begin. */
const holdFor = 40_000

/** Who this process is, and what it can tell of other holders. Comes from the edge: lib does not look at the operating system. */
export interface Holder {
  identity: HolderIdentity
  /** True: a process of this very machine that is gone, so nothing need be waited for. Undefined: another machine, nobody knows. */
  isGone(identity: HolderIdentity): boolean | undefined
}

export interface LockRequest {
  ref: AppRef
  kind: OperationKind
  holder: Holder
  /** Goes on under this id: the journal's, when resuming. */
  operationId?: string
  /** The anchor to make where there is none; without it a missing app is an error of the caller's. */
  create?: Anchor
  /** Throws where the app, as it stands, is not to be touched by this operation: asked before the lock is taken. */
  admit?(anchor: Anchor): void
  /**
   * `refuse`: someone whose lease looks fresh is in the way, say so at once. `observe`: watch the lease for its whole length first.
   */
  patience: 'refuse' | 'observe'
  signal: AbortSignal
  now(): Date
  /** Called when a lease is being observed. */
  onWait?(operation: Operation): void
}

const leaseKey = (ref: AppRef) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  namespace: ref.namespace,
  name: leaseName(ref.name),
})

/** Not so where the whole namespace is missing. */
const isAnchorGone = (error: unknown): boolean => isNotFound(error) && error.code !== 'namespace.not-found'

/** Kubernetes' MicroTime wants exactly six digits. */
const microTime = (date: Date): string => date.toISOString().replace('Z', '000Z')

/**
 * Time since a moment by whichever clock says more: the monotonic one stands still while a laptop sleeps, the wall clock may be set back.
 */
function stopwatch(): () => number {
  const [monotonic, wall] = [performance.now(), Date.now()]
  return () => Math.max(performance.now() - monotonic, Date.now() - wall)
}

/**
 * The right to change one app. It is the anchor's `operation`, swapped in and checked again at every write of the anchor; the Lease
 * beside it only shows that the holder lives. Everything that changes the app calls {@link Lock.assertHeld} right before.
 */
export class Lock {
  anchor: Anchor
  readonly #kube: Kube
  readonly #request: LockRequest
  readonly #epoch: number
  readonly #operationId: string
  #lease: KubeObject | undefined
  /** There can hardly be a lease yet: it is made without looking. */
  #leaseIsNew: boolean
  #sinceRenewal: () => number
  #lost: string | undefined
  #timer: NodeJS.Timeout | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #staged: ((anchor: Anchor) => Anchor)[] = []

  private constructor(kube: Kube, request: LockRequest, anchor: Anchor, operation: Operation, isNew: boolean) {
    this.#kube = kube
    this.#request = request
    this.anchor = anchor
    this.#epoch = operation.epoch
    this.#operationId = operation.id
    this.#leaseIsNew = isNew
    this.#sinceRenewal = stopwatch()
  }

  /**
   * Takes the lock, making the anchor where `create` says so, taking over from a holder that is gone.
   * @throws UserError `app.locked`, `app.not-found`; RemoteError as the cluster says
   */
  static async acquire(kube: Kube, request: LockRequest): Promise<Lock> {
    for (let attempt = 1; ; attempt++) {
      // Where an app is to be made there is none, mostly: to try costs less than to look first.
      const blind = request.create !== undefined && attempt === 1
      const anchor = blind ? undefined : await findAnchor(kube, request.ref, request.signal)
      if (anchor === undefined && request.create === undefined) throw appNotFound(request.ref)
      if (anchor !== undefined) request.admit?.(anchor)
      if (anchor?.operation !== undefined) await waitUntilDead(kube, request, anchor.operation)
      const epoch = (anchor?.epoch ?? 0) + 1
      const operation: Operation = {
        id: request.operationId ?? randomBytes(5).toString('hex'),
        kind: request.kind,
        epoch,
        seq: 1,
        holder: request.holder.identity,
        since: request.now().toISOString(),
      }
      try {
        const next = {...(anchor ?? (request.create as Anchor)), operation, epoch, phase: 'changing' as const}
        const locked =
          anchor === undefined
            ? await createAnchor(kube, next, request.signal)
            : await writeAnchor(kube, next, request.signal)
        const lock = new Lock(kube, request, locked, operation, anchor === undefined)
        lock.#begin()
        // Not awaited: what goes wrong from here on is no race for the lock, and is not tried again.
        return anchor?.operation !== undefined && anchor.pending === undefined ? lock.#inherit() : lock
      } catch (error) {
        // It is there, or another was faster; it may be done again by now.
        if (!(isAlreadyExists(error) || isConflict(error) || isAnchorGone(error)) || attempt > 5) throw error
      }
    }
  }

  get operation(): Operation {
    const {operation} = this.anchor
    if (operation === undefined) throw lockLost(this.#request.ref, 'it has been released')
    return operation
  }

  /** @throws UserError `operation.lost` once this process can no longer be sure that nobody else has taken over */
  assertHeld(): void {
    if (this.#lost === undefined && this.#sinceRenewal() > holdFor)
      this.#lost = `its lease was not renewed for ${Math.round(this.#sinceRenewal() / 1000)} s (suspended, or cut off from the cluster)`
    if (this.#lost !== undefined) throw lockLost(this.#request.ref, this.#lost)
  }

  /**
   * One compare-and-swap of the anchor under this lock; calls queue up. Grants that others record in between are kept: the change is
   * made again on what they left. A lost answer is settled by reading back.
   * @throws UserError `operation.lost` where someone else holds the app now
   */
  update(change: (anchor: Anchor) => Anchor): Promise<Anchor> {
    const result = this.#queue.then(async () => {
      const staged = this.#staged
      const anchor = await this.#swap(before => change(staged.reduce((each, next) => next(each), before)))
      this.#staged = this.#staged.slice(staged.length)
      return anchor
    })
    this.#queue = result.catch(() => undefined) // each caller sees its own error; the next in line goes on
    return result
  }

  /** Says what is being done, which is also the fence at the start of a wave. */
  async step(text: string): Promise<void> {
    await this.update(anchor => ({...anchor, operation: anchor.operation && {...anchor.operation, step: text}}))
  }

  /** A change that goes with the next swap: for two that follow each other with nothing done in between. */
  stage(change: (anchor: Anchor) => Anchor): void {
    this.#staged.push(change)
  }

  /** The last swap: `change` says what the app is now; the lock is free after it. */
  async release(change: (anchor: Anchor) => Anchor): Promise<Anchor> {
    const anchor = await this.update(current => ({...change(current), operation: undefined}))
    await this.stop()
    return anchor
  }

  /** Ends the heartbeat without touching the anchor: the lock stays, and is free for others once the lease has run out. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#queue
  }

  async #swap(change: (anchor: Anchor) => Anchor): Promise<Anchor> {
    for (let attempt = 1; ; attempt++) {
      this.assertHeld()
      const seq = this.operation.seq + 1
      const changed = change(this.anchor)
      const next = {...changed, operation: changed.operation && {...changed.operation, seq}}
      try {
        this.anchor = await writeAnchor(this.#kube, next)
        return this.anchor
      } catch (error) {
        const unclear =
          isConflict(error) || (error instanceof RemoteError && (error.status === undefined || error.status >= 500))
        if (!unclear || attempt >= 10) throw error
        const there = await findAnchor(this.#kube, this.#request.ref)
        const released = there?.operation === undefined && there?.epoch === this.#epoch
        if (there !== undefined && released && next.operation === undefined) {
          this.anchor = there // the release had arrived, only its answer was lost
          return there
        }
        this.#lost ??= this.#takenBy(there)
        this.assertHeld()
        this.anchor = there as Anchor
        if (this.operation.seq === seq) return this.anchor
      }
    }
  }

  /** How this holder lost the app, by the anchor as it stands; undefined while it has not. */
  #takenBy(there: Anchor | undefined): string | undefined {
    if (there === undefined) return 'the app was removed'
    if (there.operation === undefined) return 'the lock was taken away'
    if (there.operation.id === this.#operationId && there.epoch === this.#epoch) return undefined
    return `${there.operation.holder.who} on ${there.operation.holder.host} took over`
  }

  /** The first renewal runs beside what comes next; the first swap waits for it, and fails where it did. */
  #begin(): void {
    this.#queue = this.#firstRenewal()
    this.#queue.catch(() => undefined) // told by the first swap
    this.#timer = setInterval(() => void this.#heartbeat(), renewEvery)
    this.#timer.unref()
  }

  /** The lease of an anchor that is no more may still be there, and go at any moment: the garbage collector has yet to come by. */
  async #firstRenewal(attempt = 1): Promise<void> {
    try {
      await this.#renew()
    } catch (error) {
      if (isUnavailable(error)) return // the next beat makes up for it
      if (!(isAlreadyExists(error) || isNotFound(error)) || attempt > 5) throw error
      await this.#firstRenewal(attempt + 1)
    }
  }

  async #heartbeat(): Promise<void> {
    if (this.#lost !== undefined || this.#timer === undefined) return
    try {
      await this.#renew()
    } catch (error) {
      // Not renewed: assertHeld() stops all writing in time. Someone else's lease, or one that is gone, may mean that the app is.
      this.#lease = undefined
      if (isConflict(error) || isNotFound(error)) await this.#look()
    }
  }

  /** Whoever held it last may have committed, and was cut off before it had cleared away what was before. */
  async #inherit(): Promise<Lock> {
    try {
      await clearFormer(this.#kube, this.anchor)
      return this
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** So that a holder that only waits notices, too. An anchor that cannot be read now is looked at again at the next beat. */
  async #look(): Promise<void> {
    const there = await findAnchor(this.#kube, this.#request.ref).catch(() => this.anchor)
    if (this.#timer !== undefined) this.#lost ??= this.#takenBy(there)
  }

  async #renew(): Promise<void> {
    const {ref, now} = this.#request
    const started = stopwatch()
    const spec = {
      holderIdentity: `${this.#operationId}/${this.#epoch}`,
      leaseDurationSeconds: leaseDuration / 1000,
      renewTime: microTime(now()),
      leaseTransitions: this.#epoch,
    }
    const lease: KubeObject = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: leaseName(ref.name),
        namespace: ref.namespace,
        labels: {[label.managedBy]: managedBy, [label.kind]: 'lease', [label.app]: ref.name},
        // So that it goes with the anchor, even when whoever removes the app dies right then.
        ownerReferences: [{apiVersion: 'v1', kind: 'ConfigMap', name: anchorName(ref.name), uid: this.anchor.uid}],
      },
      spec,
    }
    const there = this.#lease ?? (this.#leaseIsNew ? undefined : await findObject(this.#kube, leaseKey(ref)))
    this.#leaseIsNew = false
    // One of an anchor that is no more (deleted, or removed by someone who died right then) counted that one's epochs.
    const ours = there?.metadata.ownerReferences?.some(({uid}) => uid === this.anchor.uid) === true
    if (ours && Number((there?.spec as {leaseTransitions?: number} | undefined)?.leaseTransitions ?? 0) > this.#epoch)
      throw new RemoteError('app.locked', {
        message: `the lease of ${formatRef(ref)} belongs to a later holder`,
        status: 409,
        reason: 'Conflict',
      })
    this.#lease =
      there === undefined
        ? await createObject(this.#kube, lease, {fieldManager: stateManager})
        : await replaceObject(
            this.#kube,
            {...lease, metadata: {...there.metadata, ...lease.metadata}},
            {fieldManager: stateManager},
          )
    // Counted from before the request: the lease may have been written the moment it was sent.
    this.#sinceRenewal = started
  }
}

/** Deletes the heartbeat of an app that is going away. */
export async function deleteLease(kube: Kube, ref: AppRef): Promise<void> {
  await deleteObject(kube, leaseKey(ref), {})
}

/** For how long nothing was heard of a holder, in milliseconds, across two machines' clocks. The lease may still be its forerunner's. */
function silence(lease: KubeObject | undefined, {since}: Operation, now: Date): number {
  const {renewTime = since} = (lease?.spec ?? {}) as {renewTime?: string}
  return now.getTime() - Math.max(Date.parse(renewTime), Date.parse(since))
}

/** Has a holder been silent for so long that it is gone, most likely? What it does is not known where leases may not be read. */
export async function isSilent(kube: Kube, ref: AppRef, operation: Operation, now: Date): Promise<boolean> {
  const read = await ifAllowed(findObject(kube, leaseKey(ref)).then(lease => ({lease})))
  return read !== undefined && silence(read.lease, operation, now) > leaseDuration
}

/**
 * Returns once the holder of `operation` is known to be dead; a holder that lives makes it throw.
 * @throws UserError `app.locked`
 */
async function waitUntilDead(kube: Kube, request: LockRequest, operation: Operation): Promise<void> {
  const {ref, holder, patience, now} = request
  const gone = holder.isGone(operation.holder)
  if (gone === true) return
  if (gone === false) throw appLocked(ref, operation)
  const before = await findObject(kube, leaseKey(ref))
  // Only a guess: it decides how soon we refuse, never that we take over.
  if (patience === 'refuse' && Math.abs(silence(before, operation, now())) < 2 * renewEvery)
    throw appLocked(ref, operation)
  request.onWait?.(operation)
  const version = before?.metadata.resourceVersion
  const timeout = AbortSignal.timeout(leaseDuration)
  const watching = watchObjects(
    kube,
    {apiVersion: 'coordination.k8s.io/v1', kind: 'Lease'},
    {
      namespace: ref.namespace,
      fieldSelector: `metadata.name=${leaseName(ref.name)}`,
      signal: AbortSignal.any([timeout, request.signal]),
    },
  )
  try {
    for await (const event of watching) {
      const lease = event.type === 'synced' ? event.objects[0] : event.object
      if (lease !== undefined && lease.metadata.resourceVersion !== version) throw appLocked(ref, operation)
    }
  } catch (error) {
    if (!timeout.aborted) throw error
  }
  request.signal.throwIfAborted()
  // Our own process may have been suspended meanwhile, and the timer with it: look once more.
  const after = await findObject(kube, leaseKey(ref))
  if (after?.metadata.resourceVersion !== version) throw appLocked(ref, operation)
  const anchor = await findObject(kube, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: ref.namespace,
    name: anchorName(ref.name),
  })
  if (anchor === undefined && request.create === undefined) throw appNotFound(ref)
}
