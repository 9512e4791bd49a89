import {createServer, type Server, type Socket} from 'node:net'
import type {AppRef} from '../anchor/index.ts'
import {label, podsOf, readAnchor} from '../anchor/index.ts'
import {RemoteError} from '../errors.ts'
import type {KindRef, Kube, KubeObject} from '../kube/index.ts'
import {forwardConnection, orAborted, sleep, watchObjects} from '../kube/index.ts'
import type {Report} from '../progress.ts'
import {chooseEndpoint} from './endpoints.ts'
import {portTaken} from './errors.ts'
import {readiness} from './ready.ts'

/** An endpoint of an app, at an address of this machine. */
export interface Connected {
  app: AppRef
  endpoint: string
  interface: string
  address: '127.0.0.1'
  port: number
  url: string
}

export interface ConnectOptions {
  /** Needed where the app has several. */
  endpoint: string | undefined
  /** On this machine; 0 for any. Without, the endpoint's own number if it is free, else any. */
  port: number | undefined
  signal: AbortSignal
  report: Report
}

const podKind: KindRef = {apiVersion: 'v1', kind: 'Pod'}
/** A connection waits so long for a ready pod, in milliseconds. */
const patience = 30_000

/**
 * Listens on this machine for connections to an endpoint, and carries each to a pod that is ready then. Says where, once, and goes on until
 * the signal; a connection that cannot be carried is warned of, and the next may work.
 * @throws UserError `app.not-found`, `endpoint.not-found`, `usage.invalid` where the port is taken
 */
export async function* connectEndpoint(kube: Kube, ref: AppRef, options: ConnectOptions): AsyncGenerator<Connected> {
  const {signal, report} = options
  const provides = (await readAnchor(kube, ref, signal)).current?.provides ?? {}
  const [name, endpoint] = chooseEndpoint(ref, provides, options.endpoint, 'connect')
  const stop = new AbortController()
  const until = AbortSignal.any([stop.signal, signal])
  const pods = new ReadyPods()
  const labelSelector = `${podsOf(ref.name)},${label.component}=${endpoint.component}`
  const watching = pods.follow(kube, {namespace: ref.namespace, labelSelector, signal: until})
  watching.catch(() => undefined) // told where it is waited for
  const clients = new Set<Socket>()
  const serve = async (client: Socket) => {
    clients.add(client)
    client.on('error', () => undefined) // its end, which 'close' tells
    client.once('close', () => clients.delete(client))
    try {
      const pod = await pods.next(until)
      await forwardConnection(kube, {namespace: ref.namespace, pod, port: endpoint.port}, client, {signal: until})
    } catch (error) {
      client.destroy()
      if (until.aborted) return
      if (!(error instanceof RemoteError)) throw error
      report({type: 'warning', message: error.message})
    }
  }
  const server = createServer({allowHalfOpen: true}, client => void serve(client))
  try {
    await Promise.race([pods.change, watching])
    const port = await listen(server, options.port, endpoint.port)
    const {interface: kind} = endpoint
    yield {app: ref, endpoint: name, interface: kind, address, port, url: `${kind}://${address}:${port}`}
    await orAborted(watching, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    stop.abort()
    server.close()
    for (const client of clients) client.destroy()
  }
}

const address = '127.0.0.1'

/** The endpoint's own number is what tools try by themselves; where it is taken or not ours to take, another does. */
async function listen(server: Server, wanted: number | undefined, usual: number): Promise<number> {
  const on = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, address, () => {
        server.off('error', reject)
        const bound = server.address()
        resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
      })
    })
  try {
    return await on(wanted ?? usual)
  } catch (error) {
    if (wanted !== undefined) throw portTaken(wanted, error as NodeJS.ErrnoException)
    return on(0)
  }
}

/** The pods behind an endpoint, as they become ready and go. */
class ReadyPods {
  readonly #ready = new Set<string>()
  #changed = Promise.withResolvers<void>()

  async follow(kube: Kube, options: {namespace: string; labelSelector: string; signal: AbortSignal}): Promise<void> {
    for await (const event of watchObjects(kube, podKind, options)) {
      if (event.type === 'synced') {
        this.#ready.clear()
        for (const pod of event.objects) this.#see(pod)
      } else if (event.type === 'deleted') this.#ready.delete(event.object.metadata.name)
      else this.#see(event.object)
      this.#changed.resolve()
      this.#changed = Promise.withResolvers()
    }
  }

  /** Resolves with the next change. */
  get change(): Promise<void> {
    return this.#changed.promise
  }

  /** The same one as long as it is ready: what it keeps between connections is there again. @throws RemoteError after {@link patience} */
  async next(signal: AbortSignal): Promise<string> {
    const end = performance.now() + patience
    for (;;) {
      const [first] = [...this.#ready].sort()
      if (first !== undefined) return first
      if (performance.now() > end) throw noReadyPod()
      await Promise.race([orAborted(this.change, signal), sleep(1000, signal)])
    }
  }

  #see(pod: KubeObject): void {
    const {name, deletionTimestamp} = pod.metadata
    if (deletionTimestamp === undefined && readiness({...pod, ...podKind}).ready) this.#ready.add(name)
    else this.#ready.delete(name)
  }
}

const noReadyPod = () =>
  new RemoteError('cluster.unavailable', {
    message: `a connection was closed: no pod has become ready within ${patience / 1000} s`,
    reason: 'NoReadyPod',
  })
