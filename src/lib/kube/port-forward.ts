import type {Socket} from 'node:net'
import type {WebSocket} from 'ws'
import {RemoteError} from '../errors.ts'
import {keepAlive} from './exec-heartbeat.ts'
import {Sinks, sendFrames} from './socket-streams.ts'
import type {AskOptions, Kube} from './types.ts'

/** A port that something in a pod listens at. */
export interface PodPort {
  namespace: string
  pod: string
  port: number
}

const channels = {data: 0, error: 1} as const
/** The protocol cannot say that one side has ended: then the other has so long, in milliseconds of silence, to say its last. */
const lastWords = 10_000

/**
 * Carries one connection to a port of a pod, until either side ends it; both directions with backpressure. One WebSocket each: the API
 * server hands it through to the kubelet, which takes data and errors of the port as two channels, each beginning with the port's number.
 * @param client with `allowHalfOpen`; it is ended, or destroyed where this fails
 * @throws RemoteError `cluster.forbidden`, `cluster.rejected` (no such pod, nobody listens), `cluster.unavailable` where it is cut
 */
export async function forwardConnection(
  kube: Kube,
  at: PodPort,
  client: Socket,
  {signal}: AskOptions = {},
): Promise<void> {
  const path = `/api/v1/namespaces/${encodeURIComponent(at.namespace)}/pods/${encodeURIComponent(at.pod)}/portforward`
  const socket = await kube.upgrade(path, [['ports', String(at.port)]], ['v4.channel.k8s.io'], signal)
  try {
    await carry(socket, at, client, signal)
    client.end()
  } catch (error) {
    client.destroy()
    throw error
  } finally {
    socket.terminate()
  }
}

async function carry(socket: WebSocket, at: PodPort, client: Socket, signal: AbortSignal | undefined): Promise<void> {
  const {promise, resolve, reject} = Promise.withResolvers<void>()
  // A client that goes away, in whatever manner, is an end like any other.
  const leave = () => resolve()
  const abort = () => reject(signal?.reason)
  const sinks = new Sinks(socket, leave)
  const heart = keepAlive(socket, silence => reject(lost(at, silence)))
  const numbers = [2, 2]
  let fault = ''
  socket.on('message', (data: Buffer) => {
    heart.beat()
    const [channel = -1] = data
    const number = Math.min(numbers[channel] ?? 0, data.length - 1)
    numbers[channel] = (numbers[channel] ?? 0) - number
    const payload = data.subarray(1 + number)
    if (channel === channels.data) sinks.write(client, payload)
    else if (channel === channels.error) fault += payload.toString('utf8')
  })
  socket.on('error', error => reject(lost(at, error.message)))
  socket.on('close', code => {
    if (fault !== '') reject(refused(at, fault))
    else if (code === 1006) reject(lost(at, 'cut'))
    else sinks.flushed().then(resolve)
  })
  client.once('close', leave)
  signal?.addEventListener('abort', abort, {once: true})
  try {
    signal?.throwIfAborted()
    socket.resume()
    sendFrames(socket, client.iterator({destroyOnReturn: false}), heart.sent).then(
      () => client.setTimeout(lastWords, leave),
      leave,
    )
    await promise
  } finally {
    heart.stop()
    sinks.release()
    client.off('close', leave)
    signal?.removeEventListener('abort', abort)
  }
}

const refused = ({namespace, pod, port}: PodPort, said: string) =>
  new RemoteError('cluster.rejected', {
    message: `port ${port} of ${namespace}/${pod} cannot be reached: ${said.replace(/^error forwarding port .*?: /, '').trim()}`,
    reason: 'PortForward',
    details: {pod: `${namespace}/${pod}`, port},
  })

const lost = ({namespace, pod, port}: PodPort, why: string) =>
  new RemoteError('cluster.unavailable', {
    message: `the connection to port ${port} of ${namespace}/${pod} was lost (${why})`,
    reason: 'ConnectionLost',
    details: {pod: `${namespace}/${pod}`, port},
  })
