import type {IncomingMessage} from 'node:http'
import type {WebSocket} from 'ws'
import {RemoteError} from '../errors.ts'
import type {Outcome} from './retry.ts'
import {retryAfterOf} from './retry.ts'
import {readBody} from './send.ts'
import {readStatus, remoteError} from './status.ts'
import type {Transport} from './transport.ts'
import type {KubeRequest} from './types.ts'

const handshakeTimeout = 30_000

/**
 * Opens a WebSocket, paused: whoever gets it attaches its listeners and then calls `resume()`, so that no early frame is lost.
 * A handshake whose answer got lost is not repeated, since the command may have started.
 * @throws RemoteError as `request` does; `cluster.rejected` (reason `NoSubprotocol`) where the server speaks none of the protocols
 */
export async function upgrade(
  transport: Transport,
  path: string,
  query: [string, string][],
  protocols: string[],
  signal?: AbortSignal,
): Promise<WebSocket> {
  const {WebSocket} = await import('ws')
  const request: KubeRequest = {
    method: 'GET',
    path,
    query: grouped(query),
    repeatable: false,
    signal,
  }
  return transport.attempt(request, ({credentials, agents}, url) => {
    signal?.throwIfAborted()
    const address = new URL(url)
    address.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:'
    const socket = new WebSocket(address, protocols, {
      agent: agents.fresh,
      headers: credentials.headers,
      handshakeTimeout,
      perMessageDeflate: false,
      // The kubelet's frames are 32 KiB at most; this bounds what a broken server can make us hold.
      maxPayload: 16 * 1024 * 1024,
    })
    return new Promise<Outcome<WebSocket>>((resolve, reject) => {
      const abort = () => socket.terminate()
      const done = (settle: () => void) => {
        signal?.removeEventListener('abort', abort)
        socket.removeAllListeners()
        settle()
      }
      signal?.addEventListener('abort', abort, {once: true})
      // Never without a listener: terminate() during the handshake emits one more error.
      socket.on('unexpected-response', (_request, response) => {
        explainRefusal(transport, request, response).then(
          outcome => done(() => resolve(outcome)),
          error => done(() => reject(error)),
        )
      })
      socket.once('open', () => {
        socket.pause()
        done(() => resolve({ended: 'answered', value: socket}))
      })
      socket.on('error', (error: NodeJS.ErrnoException) =>
        done(() => {
          socket.on('error', ignoreAfterTheEnd)
          if (signal?.aborted) return reject(signal.reason)
          if (/subprotocol/.test(error.message)) return reject(noSubprotocol(protocols))
          const code = error.code ?? (/timed out/.test(error.message) ? 'ETIMEDOUT' : 'ECONNRESET')
          resolve({
            ended: 'lost',
            error: Object.assign(error, {code}),
            sent: code !== 'ECONNREFUSED' && code !== 'ENOTFOUND',
          })
        }),
      )
    })
  })
}

async function explainRefusal(
  transport: Transport,
  request: KubeRequest,
  response: IncomingMessage,
): Promise<Outcome<WebSocket>> {
  const status = response.statusCode ?? 0
  const text = await readBody(response, handshakeTimeout, request.signal).catch(() => '')
  let body: unknown = text
  try {
    body = JSON.parse(text)
  } catch {
    body = readStatus(text, status)
  }
  return {
    ended: 'refused',
    error: remoteError(transport.target, request, status, body),
    status,
    retryAfter: retryAfterOf(response.headers, Date.now()),
  }
}

const noSubprotocol = (protocols: string[]) =>
  new RemoteError('cluster.rejected', {
    message: `the API server speaks none of ${protocols.join(', ')}: Kubernetes 1.30 or later does`,
    reason: 'NoSubprotocol',
    details: {protocols},
  })

function ignoreAfterTheEnd(): void {
  // The outcome is known; what a dying socket still has to say changes nothing.
}

function grouped(query: [string, string][]): Record<string, string[]> {
  const groups: Record<string, string[]> = {}
  for (const [key, value] of query) groups[key] = [...(groups[key] ?? []), value]
  return groups
}
