import {once} from 'node:events'
import {createServer, request as httpRequest, type IncomingMessage, type ServerResponse} from 'node:http'
import {createServer as createTlsServer, request as httpsRequest} from 'node:https'
import type {AddressInfo, Socket} from 'node:net'
import type {Duplex, Readable} from 'node:stream'

/** What goes wrong. Bytes count the body (or, of a WebSocket, all that follows the handshake); 0 is before anything of it, head included. */
export type Fault =
  /** The proxy answers itself; the server never hears of it. */
  | {answer: number; headers?: Record<string, string>; body?: string}
  /** The connection is cut at a byte, on its way to the client or to the server; by a reset unless `by: 'end'` (FIN). */
  | {cutAt: number; of?: 'response' | 'request'; by?: 'reset' | 'end'}
  /** From this byte of the response on, nothing comes any more, and the connection stays open. */
  | {stallAt: number}
  /** The request is held for so many milliseconds, then goes on as if nothing had been. */
  | {delay: number}

export interface Injection {
  /** Against `METHOD /path?query`; all requests without. */
  on?: RegExp
  /** How often it strikes; once unless told. */
  times?: number
  /** Requests that match to let pass first. */
  skip?: number
  fault: Fault
  /** Called when it strikes: where an answer is cut or stalled before its first byte, once the server has given it; else as the request comes in. */
  struck?: () => void
}

export interface FaultProxyOptions {
  /** `https://127.0.0.1:6443` */
  to: string
  /** For the connection to the server: CA, client certificate, … */
  tls?: {ca?: Buffer | undefined; cert?: Buffer | undefined; key?: Buffer | undefined; rejectUnauthorized?: boolean}
  /** Listen with TLS; plain HTTP without. */
  listen?: {cert: string; key: string}
  /** A fixed port, for a proxy that comes back after `close`. */
  port?: number
}

export interface FaultProxy {
  url: string
  port: number
  /** What has come in, in order: `GET /api/v1/pods`. */
  requests: string[]
  inject(injection: Injection): void
  /** Forgets the injections that have not struck. */
  calm(): void
  /** Resets every open connection, as a restart of the server would. */
  cutAll(): void
  close(): Promise<void>
}

/** A reverse proxy on loopback that breaks what it is told to break, and leaves all else alone. Requests are streamed, not held. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const target = new URL(options.to)
  const open = target.protocol === 'https:' ? httpsRequest : httpRequest
  const requests: string[] = []
  const sockets = new Set<Socket>()
  let injections: Required<Injection>[] = []

  const strike = (incoming: IncomingMessage): (Fault & {struck: () => void}) | undefined => {
    const line = `${incoming.method} ${incoming.url}`
    requests.push(line)
    for (const injection of injections) {
      if (!injection.on.test(line)) continue
      if (injection.skip > 0) injection.skip--
      else if (injection.times > 0) {
        injection.times--
        if (limitOf(injection.fault) !== 0) injection.struck()
        return {...injection.fault, struck: injection.struck}
      }
    }
    return undefined
  }
  const forward = (incoming: IncomingMessage) =>
    open({
      ...options.tls,
      host: target.hostname.replace(/^\[|\]$/g, ''),
      port: target.port,
      method: incoming.method,
      path: `${target.pathname.replace(/\/$/, '')}${incoming.url}`,
      headers: {...incoming.headers, host: target.host},
      agent: false,
    })

  const handle = async (incoming: IncomingMessage, answer: ServerResponse) => {
    const fault = strike(incoming)
    if (fault !== undefined && 'answer' in fault) {
      incoming.resume()
      answer.writeHead(fault.answer, {'content-type': 'application/json', ...fault.headers}).end(fault.body ?? '')
      return
    }
    if (fault !== undefined && 'delay' in fault) await new Promise(resolve => setTimeout(resolve, fault.delay))
    const upstream = forward(incoming)
    const hangUp = () => sever(incoming.socket, fault)
    upstream.on('error', hangUp)
    answer.on('close', () => upstream.destroy())
    if (fault !== undefined && 'cutAt' in fault && fault.of === 'request') {
      void pass(incoming, upstream, fault.cutAt, () => {
        upstream.destroy()
        hangUp()
      })
    } else incoming.pipe(upstream)
    upstream.on('response', response => {
      const limit = limitOf(fault)
      const stop = () => (fault !== undefined && 'stallAt' in fault ? response.pause() : hangUp())
      if (limit === 0) {
        fault?.struck()
        return stop()
      }
      answer.writeHead(response.statusCode ?? 502, response.rawHeaders)
      answer.flushHeaders()
      response.on('error', hangUp)
      void pass(response, answer, limit, stop)
    })
  }

  const handleUpgrade = (incoming: IncomingMessage, client: Duplex) => {
    const fault = strike(incoming)
    const hangUp = () => sever(client as Socket, fault)
    client.on('error', hangUp)
    if (fault !== undefined && 'answer' in fault) {
      const body = fault.body ?? ''
      client.end(
        `HTTP/1.1 ${fault.answer} Fault\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
      return
    }
    const upstream = forward(incoming)
    upstream.on('error', hangUp)
    upstream.on('response', response => {
      client.write(`HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n${rawHead(response)}\r\n`)
      response.pipe(client)
    })
    upstream.on('upgrade', (response, server, head) => {
      const limit = limitOf(fault)
      const stop = () => {
        if (fault !== undefined && 'stallAt' in fault) {
          server.pause()
          return
        }
        server.destroy()
        hangUp()
      }
      server.on('error', hangUp)
      server.on('close', () => client.destroy())
      client.on('close', () => server.destroy())
      if (limit === 0) {
        fault?.struck()
        return stop()
      }
      client.write(`HTTP/1.1 101 Switching Protocols\r\n${rawHead(response)}\r\n`)
      if (head.length > 0) server.unshift(head)
      void pass(server, client, limit, stop)
      const up =
        fault !== undefined && 'cutAt' in fault && fault.of === 'request' ? fault.cutAt : Number.POSITIVE_INFINITY
      void pass(client, server, up, stop)
    })
    upstream.end()
  }

  const server = options.listen === undefined ? createServer() : createTlsServer(options.listen)
  server.on('request', handle)
  server.on('upgrade', handleUpgrade)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  const cutAll = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    url: `${options.listen === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    inject: injection => injections.push({on: /^/, times: 1, skip: 0, struck: () => undefined, ...injection}),
    calm: () => {
      injections = []
    },
    cutAll,
    close: async () => {
      server.close()
      cutAll()
      await once(server, 'close')
    },
  }
}

function limitOf(fault: Fault | undefined): number {
  if (fault !== undefined && 'stallAt' in fault) return fault.stallAt
  return fault !== undefined && 'cutAt' in fault && fault.of !== 'request' ? fault.cutAt : Number.POSITIVE_INFINITY
}

/** Copies with backpressure until `limit` bytes are through, then calls `stop`; ends the copy where the original ends. */
async function pass(from: Readable, to: NodeJS.WritableStream, limit: number, stop: () => void): Promise<void> {
  let left = limit
  try {
    // Not destroyed by leaving the loop: a stalled connection stays open.
    for await (const chunk of from.iterator({destroyOnReturn: false}) as AsyncIterable<Buffer>) {
      const part = chunk.subarray(0, left)
      left -= part.length
      if (part.length > 0 && !to.write(part)) await Promise.race([once(to, 'drain'), once(to, 'close')])
      if (left === 0) {
        // The last bytes are to arrive before the cut does.
        await new Promise(resolve => setTimeout(resolve, 20))
        return stop()
      }
    }
    to.end()
  } catch {
    stop()
  }
}

function sever(socket: Socket, fault: Fault | undefined): void {
  if (fault !== undefined && 'cutAt' in fault && fault.by === 'end') socket.end()
  else if (typeof socket.resetAndDestroy === 'function' && !socket.destroyed) socket.resetAndDestroy()
  else socket.destroy()
}

function rawHead(response: IncomingMessage): string {
  let head = ''
  for (let i = 0; i < response.rawHeaders.length; i += 2)
    head += `${response.rawHeaders[i]}: ${response.rawHeaders[i + 1]}\r\n`
  return head
}
