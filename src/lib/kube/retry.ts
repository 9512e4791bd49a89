import type {IncomingHttpHeaders} from 'node:http'
import type {RemoteError} from '../errors.ts'

/** How one attempt ended. */
export type Outcome<T> =
  | {ended: 'answered'; value: T}
  /** The server said no: HTTP status >= 400. */
  | {ended: 'refused'; error: RemoteError; status: number; retryAfter: number | undefined}
  /** No whole answer. `sent`: a connection stood, so the request may have had its effect. */
  | {ended: 'lost'; error: NodeJS.ErrnoException; sent: boolean}

export interface Circumstances {
  /** Attempts that failed, this one included. */
  failed: number
  /** Milliseconds since the first attempt began. */
  elapsed: number
  /** Milliseconds that retrying may take altogether. */
  patience: number
  repeatable: boolean
  /** Has this server ever answered us? If not, a refused connection is a wrong address rather than a restart. */
  known: boolean
  /** In [0, 1). */
  random: number
}

/**
 * Milliseconds until the next attempt, or undefined where there should be none. A write that may have had its effect is never repeated
 * unless the caller says that it is harmless; what the server asks for in Retry-After is waited for (APF's 429, KEP-1040), else the
 * waits double from 200 ms with jitter. Answers of 5xx without Retry-After are given few tries: most are not going to change.
 */
export function delayBeforeRetry(
  outcome: Exclude<Outcome<unknown>, {ended: 'answered'}>,
  now: Circumstances,
): number | undefined {
  const wait = wanted(outcome, now)
  return wait === undefined || now.elapsed + wait > now.patience ? undefined : wait
}

function wanted(outcome: Exclude<Outcome<unknown>, {ended: 'answered'}>, now: Circumstances): number | undefined {
  const wait = backoff(now.failed, now.random)
  if (outcome.ended === 'lost') {
    if (!isPassing(outcome.error)) return undefined
    if (outcome.sent && !now.repeatable) return undefined
    if (now.known) return wait
    return isWrongAddress(outcome.error) || now.failed > 2 ? undefined : wait
  }
  if (outcome.error.code !== 'cluster.unavailable') return undefined
  if (outcome.status !== 429 && !(passingStatus.has(outcome.status) && now.repeatable)) return undefined
  if (outcome.retryAfter !== undefined) return outcome.retryAfter + now.random * Math.min(1000, outcome.retryAfter / 2)
  return outcome.status === 429 || now.failed < 4 ? wait : undefined
}

/** 200 ms, 400, 800, … 10 s, each between half and whole: clients that failed together do not come back together. */
export function backoff(failed: number, random: number): number {
  const whole = Math.min(10_000, 200 * 2 ** Math.max(0, failed - 1))
  return whole / 2 + (random * whole) / 2
}

/** RFC 9110 section 10.2.3: seconds or a date. In milliseconds. */
export function retryAfterOf(headers: IncomingHttpHeaders, now: number): number | undefined {
  const value = headers['retry-after']?.trim()
  if (value === undefined || value === '') return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const passingStatus = new Set([500, 502, 503, 504])

/** Failures of TLS and of the protocol stay; everything of the network may pass. */
function isPassing(error: NodeJS.ErrnoException): boolean {
  const code = error.code ?? ''
  return passingCodes.has(code) || (code.startsWith('Z_') && code !== 'Z_MEM_ERROR')
}

const passingCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EAI_AGAIN',
  'ENOTFOUND',
  'ERR_STREAM_PREMATURE_CLOSE',
  'HPE_INVALID_EOF_STATE',
])

const isWrongAddress = (error: NodeJS.ErrnoException) =>
  ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH'].includes(error.code ?? '')
