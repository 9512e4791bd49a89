import type {IncomingMessage} from 'node:http'
import {sleep} from './abort.ts'
import {type Agents, makeAgents} from './agent.ts'
import {type Credentials, type Environment, pemOf} from './credential.ts'
import {authenticator} from './credentials.ts'
import {unreachable} from './errors.ts'
import {parseJson, stringifyJson} from './json.ts'
import type {Choice} from './kubeconfig-entries.ts'
import {delayBeforeRetry, type Outcome, retryAfterOf} from './retry.ts'
import {Lost, readBody, send} from './send.ts'
import {remoteError} from './status.ts'
import type {KubeRequest, Target} from './types.ts'

/** Credentials and the connections that were made with them. */
export interface Session {
  credentials: Credentials
  agents: Agents
}

/** Requests with credentials, retries and typed errors; what becomes of the answer is the caller's. */
export interface Transport {
  target: Target
  /** Sends, and hands a good answer to `take`; what `take` loses is retried like the rest. */
  perform<T>(request: KubeRequest, take: (response: IncomingMessage, timeout: number) => Promise<T>): Promise<T>
  /** The same rules around another way of asking, for WebSockets. */
  attempt<T>(request: KubeRequest, once: (session: Session, url: URL) => Promise<Outcome<T>>): Promise<T>
  close(): void
}

const attemptTimeout = 30_000
const patience = 60_000

export interface TransportOptions {
  choice: Choice
  target: Target
  env: Environment
  userAgent: string
}

export function openTransport({choice, target, env, userAgent}: TransportOptions): Transport {
  const {cluster} = choice
  const authenticate = authenticator(choice, env)
  let session: Session | undefined
  /** Has this server ever answered? */
  let known = false

  /** One request after the other: those that start together share one session. */
  let turn: Promise<unknown> = Promise.resolve()
  function authorized(signal: AbortSignal | undefined, refused: Session | undefined): Promise<Session> {
    const mine = turn.then(() => authorize(signal, refused))
    turn = mine.catch(() => undefined)
    return mine
  }

  async function authorize(signal: AbortSignal | undefined, refused: Session | undefined): Promise<Session> {
    // Of many requests that a 401 hits together, the first renews for all.
    const renew = refused !== undefined && refused.credentials === session?.credentials
    const credentials = await authenticate({renew, signal})
    if (session !== undefined && sameCertificate(session.credentials, credentials)) {
      if (renew || !sameHeaders(session.credentials, credentials)) session = {credentials, agents: session.agents}
      return session
    }
    const ca = await pemOf(cluster.caFile, cluster.caData)
    const outdated = session?.agents
    session = {credentials, agents: await makeAgents(cluster, credentials, ca, env)}
    outdated?.pooled.destroy()
    return session
  }

  async function attempt<T>(
    request: KubeRequest,
    once: (session: Session, url: URL) => Promise<Outcome<T>>,
  ): Promise<T> {
    const started = performance.now()
    const url = addressOf(cluster.server, request)
    let refused: Session | undefined
    for (let failed = 1; ; failed++) {
      const current = await authorized(request.signal, refused)
      const outcome = await once(current, url)
      if (outcome.ended !== 'lost') known = true
      if (outcome.ended === 'answered') return outcome.value
      if (outcome.ended === 'refused' && outcome.status === 401 && refused === undefined) {
        refused = current
        continue
      }
      const wait = delayBeforeRetry(outcome, {
        failed,
        known,
        elapsed: performance.now() - started,
        patience: request.patience ?? patience,
        repeatable: request.repeatable ?? request.method === 'GET',
        random: Math.random(),
      })
      if (wait === undefined) throw outcome.ended === 'refused' ? outcome.error : unreachable(target, outcome.error)
      await sleep(wait, request.signal)
    }
  }

  async function perform<T>(
    request: KubeRequest,
    take: (response: IncomingMessage, timeout: number) => Promise<T>,
  ): Promise<T> {
    const timeout = request.timeout ?? attemptTimeout
    const body = request.body === undefined ? undefined : stringifyJson(request.body)
    const headers = {
      Accept: request.accept ?? 'application/json',
      'User-Agent': userAgent,
      ...(!cluster.disableCompression && {'Accept-Encoding': 'gzip'}),
      ...(body !== undefined && {
        'Content-Type': request.contentType ?? 'application/json',
        'Content-Length': String(Buffer.byteLength(body)),
      }),
    }
    return attempt(request, async ({credentials, agents}, url) => {
      try {
        const {signal, method} = request
        const response = await send({
          url,
          method,
          headers: {...headers, ...credentials.headers},
          body,
          agent: agents.pooled,
          signal,
          timeout,
        })
        const status = response.statusCode ?? 0
        if (status < 400) return {ended: 'answered', value: await take(response, timeout)}
        const error = remoteError(target, request, status, asJson(await readBody(response, timeout, signal)))
        return {ended: 'refused', error, status, retryAfter: retryAfterOf(response.headers, Date.now())}
      } catch (error) {
        if (error instanceof Lost) return {ended: 'lost', error: error.error, sent: error.sent}
        throw error
      }
    })
  }

  return {target, attempt, perform, close: () => session?.agents.pooled.destroy()}
}

/** The server's address may have a path (Rancher, proxies of clouds): ours goes below it. */
function addressOf(server: URL, {path, query}: KubeRequest): URL {
  const url = new URL(server)
  url.pathname = `${server.pathname.replace(/\/$/, '')}${path}`
  for (const [key, value] of Object.entries(query ?? {})) {
    for (const each of [value].flat()) if (each !== undefined) url.searchParams.append(key, String(each))
  }
  return url
}

function asJson(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return text
  }
}

const sameCertificate = (a: Credentials, b: Credentials) =>
  String(a.cert) === String(b.cert) && String(a.key) === String(b.key)
const sameHeaders = (a: Credentials, b: Credentials) => JSON.stringify(a.headers) === JSON.stringify(b.headers)
