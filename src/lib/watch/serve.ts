import type {EventEmitter} from 'node:events'
import {createServer, type IncomingMessage, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import type {Duplex} from 'node:stream'
import type {Report} from '../progress.ts'
import {type Connection, eventStreamClient, webSocketClient} from './clients.ts'
import {type Door, hasToken, isWelcome, protocol} from './door.ts'
import {cannotListen} from './errors.ts'
import {type Filter, Hub} from './hub.ts'
import type {AppChange, AppSnapshot, Listening} from './types.ts'

export interface ServeOptions extends Door {
  host: string
  /** 0: any that is free. */
  port: number
  signal: AbortSignal
  report: Report
}

/** What the rest of the server's memory is bounded by. */
const mostConnections = 2000
const beatEvery = 30_000

/**
 * Serves events to front ends, as WebSocket and as Server-Sent Events, until they end; tells where, once it does. Clients that are
 * connected then are told that it closes.
 * @throws UserError `listen.failed`, and what `events` throws
 */
export async function* serveEvents(
  events: AsyncIterable<AppSnapshot | AppChange>,
  options: ServeOptions,
): AsyncGenerator<Listening> {
  let hub: Hub | undefined
  let server: Server | undefined
  const connections = new Set<Connection>()
  const beat = setInterval(() => {
    for (const connection of connections) connection.beat()
  }, beatEvery)
  try {
    for await (const event of events) {
      if (event.type !== 'snapshot') hub?.publish(event)
      else {
        hub = new Hub(event)
        server = await listen(hub, connections, options)
        const {address, port, family} = server.address() as AddressInfo
        yield {type: 'listening', url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/events`}
      }
    }
  } finally {
    clearInterval(beat)
    hub?.close()
    server?.close()
    // Who has heard the goodbye hangs up by himself.
    for (let tries = 0; tries < 20 && connections.size > 0; tries++) await new Promise(pass => setTimeout(pass, 50))
    server?.closeAllConnections()
  }
}

async function listen(hub: Hub, connections: Set<Connection>, options: ServeOptions): Promise<Server> {
  const {host, port, report} = options
  const {WebSocketServer} = await import('ws')
  const handshake = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 1024, // clients have nothing to say
    handleProtocols: offered => (offered.has(protocol) ? protocol : false),
  })
  const admit = (connection: Connection, request: IncomingMessage, how: string, closing: EventEmitter) => {
    connections.add(connection)
    closing.on('close', () => {
      connections.delete(connection)
      hub.remove(connection)
      report({type: 'detail', message: `a client has left; ${connections.size} are there`})
    })
    hub.add(connection, afterOf(request))
    const from = request.socket.remoteAddress
    report({type: 'detail', message: `a client has come (${how}, from ${from}); ${connections.size} are there`})
  }
  const server = createServer((request, response) => {
    const {origin} = request.headers
    if (origin !== undefined && isWelcome(request, options)) {
      response.setHeader('access-control-allow-origin', origin)
      response.setHeader('access-control-allow-headers', 'authorization, last-event-id')
      response.setHeader('vary', 'origin')
    }
    const answer = (status: number, body: object) =>
      void response.writeHead(status, {'content-type': 'application/json'}).end(`${JSON.stringify(body)}\n`)
    if (pathOf(request) === '/health') return answer(200, {status: 'ok', clients: connections.size})
    if (request.method === 'OPTIONS') return answer(200, {})
    const refusal = refusalOf(request, options)
    if (refusal !== undefined) return answer(refusal.status, {error: {message: refusal.message}})
    return admit(eventStreamClient(response, filterOf(request)), request, 'SSE', response)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const refusal = refusalOf(request, options)
    if (refusal === undefined)
      handshake.handleUpgrade(request, socket, head, client =>
        admit(webSocketClient(client, filterOf(request)), request, 'WebSocket', client),
      )
    else socket.end(`HTTP/1.1 ${refusal.status} Refused\r\nConnection: close\r\n\r\n${refusal.message}\n`)
  })
  server.maxConnections = mostConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(`${host}:${port}`, error)))
    server.listen(port, host, resolve)
  })
  return server
}

/** Why this request gets no events. In order: a page that must not ask does not learn whether its token would do. */
function refusalOf(request: IncomingMessage, door: Door): {status: number; message: string} | undefined {
  if (pathOf(request) !== '/events') return {status: 404, message: 'there are /events and /health'}
  if (request.method !== 'GET') return {status: 405, message: 'GET, or a WebSocket'}
  if (!isWelcome(request, door))
    return {status: 403, message: 'pages of this origin may not listen: --origin lets them'}
  if (!hasToken(request, queryOf(request), door)) return {status: 401, message: 'the token is missing or wrong'}
  if (Number.isNaN(afterOf(request))) return {status: 400, message: 'after: the id of an event'}
  return undefined
}

const urlOf = ({url = ''}: IncomingMessage): URL | null => URL.parse(url, 'http://berth')
const pathOf = (request: IncomingMessage): string | undefined => urlOf(request)?.pathname
const queryOf = (request: IncomingMessage): URLSearchParams => urlOf(request)?.searchParams ?? new URLSearchParams()

/** The last event that the client has; browsers send it by themselves when they come back. NaN: it is none. */
function afterOf(request: IncomingMessage): number | undefined {
  const given = request.headers['last-event-id'] ?? queryOf(request).get('after') ?? ''
  return given === '' ? undefined : /^\d{1,16}$/.test(String(given)) ? Number(given) : Number.NaN
}

/** `?app=a/b&app=c/d`, `?type=phase,health` */
function filterOf(request: IncomingMessage): Filter {
  const query = queryOf(request)
  const all = (name: string) => query.getAll(name).flatMap(value => value.split(',').filter(Boolean))
  return {apps: all('app'), namespaces: all('namespace'), types: all('type')}
}
