import type {Writable} from 'node:stream'

/**
 * Writes and waits for the bytes to be taken. A reader that has gone (`berth app list | head -1`) is no failure: what is left to say
 * is dropped.
 */
export async function write(stream: Writable, text: string): Promise<void> {
  if (stream.destroyed || text === '') return
  await new Promise<void>(resolve => stream.write(text, () => resolve()))
}

/** Keeps a reader's early leaving from becoming a crash; `onClosed` hears of stdout's. */
export function tolerateClosedPipes(onClosed: () => void): void {
  process.stderr.on('error', ignoreClosed)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    ignoreClosed(error)
    onClosed()
  })
}

function ignoreClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED' && error.code !== 'EIO') throw error
}
