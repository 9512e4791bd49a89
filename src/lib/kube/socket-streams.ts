import type {Writable} from 'node:stream'
import type {WebSocket} from 'ws'
import {framesOf} from './exec-protocol.ts'

/** At most this much of what is sent waits in our memory. */
const window = 1024 * 1024

/** Sends a stream on the first channel, in frames of at most 64 KiB. Ends early where the other side has closed: that is its right. */
export async function sendFrames(
  socket: WebSocket,
  source: AsyncIterable<unknown> | Uint8Array,
  sent: () => void,
): Promise<void> {
  for await (const frame of framesOf(source)) {
    if (socket.readyState !== socket.OPEN) return
    sent()
    const flushed = new Promise<void>(resolve => socket.send(frame, () => resolve()))
    if (socket.bufferedAmount > window) await flushed
  }
}

/** Where a socket's channels are written to: it is paused while any of them is full. */
export class Sinks {
  private readonly socket: WebSocket
  private readonly failed: (error: Error) => void
  private readonly known = new Map<Writable, () => void>()
  private readonly full = new Set<Writable>()
  private pending = 0
  private idle: (() => void) | undefined

  constructor(socket: WebSocket, failed: (error: Error) => void) {
    this.socket = socket
    this.failed = failed
  }

  write(sink: Writable, data: Buffer): void {
    if (data.length === 0) return
    this.listen(sink)
    this.pending++
    const more = sink.write(data, error => {
      this.pending--
      if (error) this.failed(error)
      if (this.pending === 0) this.idle?.()
    })
    // Frames that the socket had read before it was paused still come: one listener will do.
    if (more || this.full.has(sink)) return
    this.full.add(sink)
    this.socket.pause()
    sink.once('drain', () => {
      this.full.delete(sink)
      if (this.full.size === 0) this.socket.resume()
    })
  }

  /** When all that was written has been taken. */
  flushed(): Promise<void> {
    return new Promise(resolve => {
      if (this.pending === 0) resolve()
      else this.idle = resolve
    })
  }

  release(): void {
    for (const [sink, unlisten] of this.known) {
      // A failed sink emits its error only after its callback: someone must be there, or it is uncaught.
      if (sink.errored === null) unlisten()
    }
  }

  private listen(sink: Writable): void {
    if (this.known.has(sink)) return
    // Destroyed without an error (`destroy()`), it would never call back: a reader that has gone away.
    const closed = () => this.pending > 0 && this.failed(new Error('the sink was closed'))
    sink.on('error', this.failed)
    sink.once('close', closed)
    this.known.set(sink, () => sink.off('error', this.failed).off('close', closed))
  }
}
