import type {Readable} from 'node:stream'
import {setTimeout as sleep} from 'node:timers/promises'
import {RemoteError} from '../errors.ts'
import {isInvalid, isNotFound, isUnavailable, type Kube, streamLogs} from '../kube/index.ts'
import {noLog} from './errors.ts'
import {Position} from './position.ts'
import type {LogSource} from './types.ts'

/** What of a container's log is wanted at first. */
export interface LogWindow {
  tail?: number
  sinceSeconds?: number
  previous?: boolean
}

/** One run of a container: it ends, and may be followed by another of another id. */
export interface Run {
  id: string
  running: boolean
}

/** What is known of a container's runs. */
export interface Runs {
  /** The present run; undefined before the first. Null: the pod is gone. */
  now(): Run | undefined | null
  /** The next change of it. */
  changed(): Promise<void>
}

/** No line may be longer: its rest is left out. */
const longestLine = 1024 * 1024
/** What is read at a time where nobody waits for a line. */
const batch = 64 * 1024
/** How often a log that breaks off is gone on with, while nothing new comes. */
const mostCuts = 5

/**
 * A container's log as it is now, in pieces of whole lines that begin with their times; gone on with where it breaks off.
 * @throws RemoteError where it cannot be read, or there is none
 */
export async function* readContainer(
  kube: Kube,
  source: LogSource,
  wanted: LogWindow,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const position = new Position()
  for (let cuts = 0; cuts <= mostCuts; ) {
    const before = position.sinceTime
    try {
      return yield* read(kube, source, {...wanted, follow: false, signal}, position)
    } catch (error) {
      cuts = position.sinceTime === before ? cuts + 1 : 0
      if (!(error instanceof LogCut) || cuts === mostCuts) throw error
    }
  }
}

/** The same, and on through cuts and restarts, until the pod is gone. */
export async function* followContainer(
  kube: Kube,
  source: LogSource,
  wanted: LogWindow,
  signal: AbortSignal,
  runs: Runs,
): AsyncGenerator<string> {
  const position = new Position()
  let shown: string | undefined
  let idle = 0
  for (let run = runs.now(); run !== null && !signal.aborted; run = runs.now()) {
    if (run === undefined) {
      await runs.changed()
      continue
    }
    const {id} = run
    const before = position.sinceTime
    // First what the last run wrote at its end, while we were cut off.
    const overtaken = shown !== undefined && shown !== id
    const how = overtaken ? {previous: true, follow: false} : {...wanted, follow: true}
    const whole = yield* orCut(read(kube, source, {...how, signal}, position), signal)
    if (whole || !overtaken) shown = id
    if (overtaken && whole) continue
    // Read to its end after it had ended: the next run is to come. Else it is gone on with: an end may be a cut that does not look like one.
    if (whole && !run.running) while (runs.now()?.id === id) await runs.changed()
    else {
      idle = position.sinceTime === before ? Math.min(idle + 1, 6) : 0
      await sleep(100 * 2 ** idle, undefined, {signal}).catch(() => undefined) // aborted: seen above
    }
  }
}

/** Did it come to its end? Not so where the connection or the API server failed. */
async function* orCut(lines: AsyncGenerator<string>, signal: AbortSignal): AsyncGenerator<string, boolean> {
  try {
    yield* lines
    return true
  } catch (error) {
    // No such pod or run any more, or not yet.
    if (isNotFound(error) || isInvalid(error)) return true
    if (signal.aborted || error instanceof LogCut || isUnavailable(error)) return false
    throw error
  }
}

/** The connection was lost in the middle. */
class LogCut extends Error {}

/** One request, from where the last one came to. @throws LogCut, RemoteError, or the signal's reason */
async function* read(
  kube: Kube,
  {namespace, pod, container}: LogSource,
  {follow, signal, ...wanted}: LogWindow & {follow: boolean; signal: AbortSignal},
  position: Position,
): AsyncGenerator<string> {
  const {sinceTime} = position
  position.goOn()
  const from = sinceTime === undefined ? wanted : {sinceTime, ...(wanted.previous && {previous: true})}
  const stream = await streamLogs(kube, {namespace, pod, container, timestamps: true, ...from, follow, signal})
  try {
    for await (const text of wholeLines(stream, follow ? 0 : batch)) yield position.accept(text)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof RemoteError) throw error
    throw new LogCut((error as Error).message, {cause: error})
  } finally {
    stream.destroy()
  }
}

/**
 * Cuts bytes at line breaks, each byte one character. What follows the last break is a line only where the log really ends. The server sends
 * pieces of 2 KB: they go on by `least` bytes at a time.
 */
async function* wholeLines(stream: Readable, least: number): AsyncGenerator<string> {
  let held = ''
  let begun = ''
  let tooLong = false
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const text = chunk.toString('latin1')
    const end = text.lastIndexOf('\n') + 1
    if (end > 0) {
      held += tooLong ? text.slice(text.indexOf('\n') + 1, end) : begun + text.slice(0, end)
      begun = text.slice(end)
      tooLong = false
    } else if (!tooLong) begun += text
    if (begun.length > longestLine) {
      held += `${begun.slice(0, longestLine)}\n`
      begun = ''
      tooLong = true
    }
    if (held.length > least) {
      yield held
      held = ''
    }
  }
  if (/^\d{4}-\d\d-\d\dT\S+ /.test(begun)) held += `${begun}\n`
  // A kubelet whose log file is gone says so in place of the log: it has no time.
  else if (/^\D/.test(begun)) throw noLog(begun)
  if (held !== '') yield held
}
