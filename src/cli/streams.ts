import type {Writable} from 'node:stream'
import {outputFailed} from './errors.ts'

/**
 * Writes and waits for the bytes to be taken. A reader that has gone (`berth app list | head -1`) is no failure: what is left to say
 * is dropped.
 * @throws UserError `output.failed` where they are not taken otherwise, as on a full disk
 */
export async function write(stream: Writable, data: string | Uint8Array): Promise<void> {
  if (stream.destroyed || data.length === 0) return
  await new Promise<void>((resolve, reject) =>
    stream.write(data, error => (error && !isClosed(error) ? reject(outputFailed(error)) : resolve())),
  )
}

/**
 * Keeps a reader's early leaving from becoming a crash; `onClosed` hears of stdout's. What else goes wrong at stdout is told by
 * {@link write}; stderr has only progress and words, without which the work goes on.
 */
export function tolerateClosedPipes(onClosed: () => void): void {
  process.stderr.on('error', () => undefined)
  process.stdout.on('error', error => {
    if (isClosed(error)) onClosed()
  })
}

const isClosed = ({code}: NodeJS.ErrnoException) =>
  code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || code === 'EIO'
