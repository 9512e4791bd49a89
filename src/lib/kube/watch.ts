import {RemoteError} from '../errors.ts'
import {sleep} from './abort.ts'
import {LineTooLong} from './json-lines.ts'
import {listMetadata, listObjects} from './list.ts'
import {kindPath} from './paths.ts'
import {backoff} from './retry.ts'
import {isGone, isUnavailable, remoteError} from './status.ts'
import type {KindRef, Kube, KubeObject, KubeRequest, List, ListOptions, WatchEvent} from './types.ts'
import {readEvents, WatchCut} from './watch-stream.ts'

export interface WatchOptions extends ListOptions {
  /** Only the object of this name. */
  name?: string
  /** Milliseconds without event or bookmark (the server sends one about every minute) until the connection counts as dead; 90 s. */
  idleTimeout?: number
  /** Milliseconds without any contact until the watch gives up; 5 minutes. */
  patience?: number
  /** Only the objects' metadata, at a tenth of the bytes. */
  metadataOnly?: boolean
}

/**
 * How one watch request ended. `contact`: it brought something, or stood for a while; an outage is a row of endings without.
 * `gap`: go on from a new list, since the server has forgotten what came after our version.
 */
type Ending = {contact: boolean} & ({how: 'ended'} | {how: 'gap'} | {how: 'failed'; error: Error})

/**
 * The state of a kind, and every change of it, for as long as one listens: first a `synced` with all objects, then changes; after a gap
 * that cannot be closed (410) another `synced`, whose absent objects are gone. In between, no change is lost and none comes twice, through
 * idle cuts, lost connections and restarts of the API server: each request goes on from the last version heard, kept fresh by bookmarks.
 *
 * Pull-based: a slow consumer slows the server. Ends without an error when `signal` aborts; `break` closes the connection.
 * @throws RemoteError where going on is pointless: no permission, kind gone, or no contact for `patience`
 */
export async function* watchObjects(kube: Kube, kind: KindRef, options: WatchOptions = {}): AsyncGenerator<WatchEvent> {
  const {signal} = options
  try {
    yield* follow(kube, kind, options)
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}

async function* follow(kube: Kube, kind: KindRef, options: WatchOptions): AsyncGenerator<WatchEvent> {
  const selected = withName(options)
  const outage = new Outage(options.patience ?? 300_000)
  const idleTimeout = options.idleTimeout ?? 90_000
  const position: {version: string | undefined} = {version: undefined}
  while (true) {
    if (position.version === undefined) {
      const list = await relist(kube, kind, selected, outage, options.metadataOnly ? listMetadata : listObjects)
      position.version = list.resourceVersion
      yield {type: 'synced', objects: list.items}
    }
    const request = await requestFor(kube, kind, selected, position.version)
    if (options.metadataOnly) request.accept = partial
    const ending: Ending = yield* readChanges(
      kube,
      {...request, timeout: Math.min(30_000, idleTimeout)},
      position,
      idleTimeout,
    )
    if (ending.contact) outage.over()
    if (ending.how === 'gap') position.version = undefined
    // Also after a calm end at once, lest a proxy that hangs up on us makes this loop spin.
    if (ending.how === 'failed' || !ending.contact)
      await outage.wait(ending.how === 'failed' ? ending.error : undefined, options.signal)
  }
}

/** The first list fails as any request does; later ones belong to an outage that the watch is there to survive. */
async function relist(
  kube: Kube,
  kind: KindRef,
  selected: ListOptions,
  outage: Outage,
  read: typeof listObjects,
): Promise<List<KubeObject>> {
  while (true) {
    try {
      const list = await read(kube, kind, selected)
      outage.over()
      return list
    } catch (error) {
      if (!outage.hasWorked || !isUnavailable(error)) throw error
      await outage.wait(error, selected.signal)
    }
  }
}

/** How long and how often in a row it has failed. */
class Outage {
  hasWorked = false
  private failed = 0
  private since = performance.now()
  private readonly patience: number

  constructor(patience: number) {
    this.patience = patience
  }

  over(): void {
    this.hasWorked = true
    this.failed = 0
    this.since = performance.now()
  }

  async wait(error: Error | undefined, signal: AbortSignal | undefined): Promise<void> {
    this.failed++
    if (error !== undefined && performance.now() - this.since > this.patience) throw error
    await sleep(backoff(this.failed, Math.random()), signal)
  }
}

/** One watch request: yields its changes and moves the position, returns how it ended. */
async function* readChanges(
  kube: Kube,
  request: KubeRequest,
  position: {version: string | undefined},
  idleTimeout: number,
): AsyncGenerator<WatchEvent, Ending> {
  let opened: number | undefined
  let heard = false
  const contact = () => heard || (opened !== undefined && performance.now() - opened > 1000)
  try {
    const stream = await kube.stream(request)
    opened = performance.now()
    for await (const event of readEvents(stream, idleTimeout)) {
      request.signal?.throwIfAborted()
      if (event.type === 'ERROR') {
        const code = event.object.code ?? 500
        const error = remoteError(kube.target, request, code, event.object)
        return isGone(error) ? {how: 'gap', contact: contact()} : {how: 'failed', error, contact: contact()}
      }
      heard = true
      position.version = event.object.metadata.resourceVersion ?? position.version
      if (event.type !== 'BOOKMARK') yield {type: changes[event.type], object: event.object}
    }
    return {how: 'ended', contact: contact()}
  } catch (error) {
    request.signal?.throwIfAborted()
    if (isGone(error)) return {how: 'gap', contact: contact()}
    if (error instanceof LineTooLong) throw brokeOff(kube, error)
    if (error instanceof WatchCut) return {how: 'failed', error: brokeOff(kube, error), contact: contact()}
    if (isUnavailable(error)) return {how: 'failed', error, contact: contact()}
    throw error
  }
}

const partial = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'

const changes = {ADDED: 'added', MODIFIED: 'modified', DELETED: 'deleted'} as const

async function requestFor(kube: Kube, kind: KindRef, options: ListOptions, version: string): Promise<KubeRequest> {
  return {
    method: 'GET',
    path: await kindPath(kube, kind, options.namespace),
    query: {
      watch: true,
      resourceVersion: version,
      allowWatchBookmarks: true,
      // 5 to 10 minutes as client-go has it, so that watches of one process do not end together.
      timeoutSeconds: Math.round(300 + Math.random() * 300),
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
    },
    // The watch does its own waiting, on from the version it has.
    patience: 0,
    signal: options.signal,
  }
}

function withName({name, namespace, labelSelector, fieldSelector, signal}: WatchOptions): ListOptions {
  const fields = [fieldSelector, name && `metadata.name=${name}`].filter(Boolean).join(',')
  return {namespace, labelSelector, fieldSelector: fields || undefined, signal}
}

const brokeOff = (kube: Kube, error: Error) =>
  new RemoteError('cluster.unavailable', {
    message: `the watch of ${kube.target.server} broke off: ${error.message}`,
    reason: 'WatchCut',
    cause: error,
  })
