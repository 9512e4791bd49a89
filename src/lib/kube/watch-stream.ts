import type {Readable} from 'node:stream'
import {parseJson} from './json.ts'
import {LineTooLong, splitLines} from './json-lines.ts'
import {timedOut} from './send.ts'
import type {KubeObject, Status} from './types.ts'

/** One line of a watch, as the API server writes it. */
export type RawEvent =
  | {type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: KubeObject}
  | {type: 'ERROR'; object: Status}

/** A connection that is lost, or that says nothing for longer than a bookmark takes: go on from the last version. */
export class WatchCut extends Error {}

const longestLine = 16 * 1024 * 1024

/**
 * The events of one watch's answer until the server ends it.
 * @throws WatchCut, or LineTooLong
 */
export async function* readEvents(stream: Readable, idleTimeout: number): AsyncGenerator<RawEvent> {
  try {
    for await (const line of splitLines(withIdleTimeout(stream, idleTimeout), longestLine))
      yield parseJson(line) as RawEvent
  } catch (error) {
    if (error instanceof LineTooLong) throw error
    throw new WatchCut((error as Error).message, {cause: error})
  } finally {
    // On a return in the middle, and after errors: nobody reads on.
    stream.destroy()
  }
}

/** Counts only while we wait for the server: a slow consumer is no dead connection. */
async function* withIdleTimeout(stream: Readable, milliseconds: number): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]()
  while (true) {
    const timer = setTimeout(() => stream.destroy(timedOut('no event and no bookmark', milliseconds)), milliseconds)
    try {
      const {done, value} = await chunks.next()
      if (done) return
      clearTimeout(timer)
      yield value as Uint8Array
    } finally {
      clearTimeout(timer)
    }
  }
}
