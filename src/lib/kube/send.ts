import {type Agent, request as httpRequest, type IncomingMessage} from 'node:http'
import {request as httpsRequest} from 'node:https'

export interface Attempt {
  url: URL
  method: string
  headers: Record<string, string | string[]>
  body: string | undefined
  agent: Agent
  signal: AbortSignal | undefined
  /** Milliseconds until the answer's head, and between the pieces of its body. */
  timeout: number
}

/** The connection failed. `sent`: it stood before it did, so the server may have got the request. */
export class Lost extends Error {
  readonly sent: boolean
  readonly error: NodeJS.ErrnoException

  constructor(error: NodeJS.ErrnoException, sent: boolean) {
    super(error.message, {cause: error})
    this.error = error
    this.sent = sent
  }
}

/** A dead address shows in the connect, not in the answer. */
const connectTimeout = 10_000

/**
 * One attempt, up to the answer's head.
 * @throws Lost, or the signal's reason
 */
export function send(attempt: Attempt): Promise<IncomingMessage> {
  const {url, method, headers, body, agent, signal, timeout} = attempt
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const open = url.protocol === 'http:' ? httpRequest : httpsRequest
    const request = open(url, {method, headers, agent})
    let connected = false
    const timers = [
      setTimeout(
        () => !connected && request.destroy(timedOut('no connection', connectTimeout)),
        Math.min(connectTimeout, timeout),
      ),
      setTimeout(() => request.destroy(timedOut('no answer', timeout)), timeout),
    ]
    const abort = () => request.destroy(signal?.reason)
    const settle = () => {
      for (const timer of timers) clearTimeout(timer)
    }
    signal?.addEventListener('abort', abort, {once: true})
    request.once('close', () => signal?.removeEventListener('abort', abort))
    request.once('socket', socket => {
      const tls = socket as typeof socket & {secureConnecting?: boolean}
      connected = !socket.connecting && tls.secureConnecting !== true
      if (connected) return
      socket.once(url.protocol === 'http:' ? 'connect' : 'secureConnect', () => {
        connected = true
      })
    })
    request.once('response', response => {
      settle()
      resolve(response)
    })
    // Stays for good: errors after the head are the response's, but the request emits them, too.
    request.on('error', (error: NodeJS.ErrnoException) => {
      settle()
      const first = firstOf(error)
      // What the kernel refused to take has not arrived whole: a pooled connection that the server had closed (Go's nothingWrittenError).
      reject(signal?.aborted ? signal.reason : new Lost(first, connected && first.syscall !== 'write'))
    })
    request.end(body)
  })
}

/**
 * The whole body as text, unzipped.
 * @throws Lost where it ends early or stalls, or the signal's reason
 */
export async function readBody(
  response: IncomingMessage,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const stalled = setTimeout(() => response.destroy(timedOut('the answer stalled', timeout)), timeout)
  const chunks: Buffer[] = []
  try {
    for await (const chunk of response) {
      stalled.refresh()
      chunks.push(chunk as Buffer)
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw new Lost(error as NodeJS.ErrnoException, true)
  } finally {
    clearTimeout(stalled)
  }
  const bytes = Buffer.concat(chunks)
  return (response.headers['content-encoding'] === 'gzip' ? await unzip(bytes) : bytes).toString('utf8')
}

/** The API server zips what has more than 128 KiB: for most commands the zip library is never loaded. */
function unzip(bytes: Buffer): Promise<Buffer> {
  const {gunzip} = process.getBuiltinModule('node:zlib')
  return new Promise((resolve, reject) =>
    gunzip(bytes, (error, plain) => (error ? reject(new Lost(error, true)) : resolve(plain))),
  )
}

export function timedOut(what: string, milliseconds: number): NodeJS.ErrnoException {
  return Object.assign(new Error(`${what} within ${milliseconds / 1000} s`), {code: 'ETIMEDOUT'})
}

/** Several addresses of one name fail as an AggregateError (happy eyeballs, RFC 8305): the first says why. */
function firstOf(error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  return error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error
}
