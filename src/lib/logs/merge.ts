import {momentAt, momentOf} from './position.ts'
import type {WriteLine} from './types.ts'

/** One container's lines on their way: pieces of whole lines that have come and are not written yet. */
interface Lane {
  write: WriteLine
  pieces: {text: string; arrived: number}[]
  held: number
  /** Where the next line begins and ends in the first piece. */
  at: number
  end: number
  /** Of the next line. */
  moment: number
  /** Since when it is read, and whether it has said something: until then, it may still have what is oldest. */
  opened: number
  heard: boolean
  /** Nothing more will come. */
  done: boolean
  room: (() => void) | undefined
}

/** How much of one container's log is held. More while following, where lines wait for those of others. */
const mostHeld = {all: 128 * 1024, following: 1024 * 1024}
const batch = 64 * 1024
/** While following: how long a line waits for older ones of other containers; longer ago than `old` it does not, they have no such any more. */
const window = 200
const old = 2000
/** How long a container has that says nothing at the beginning. */
const silence = 1000

/**
 * Logs of many containers as one, in the order of their times. What is there is merged strictly; while following, a line waits a moment for
 * others that are older. The slowest reader slows all writers, so what is held is bounded.
 */
export class Merger {
  readonly #following: boolean
  readonly #lanes = new Set<Lane>()
  #closed = false
  #failure: {error: unknown} | undefined
  #wake = Promise.withResolvers<void>()

  constructor(following: boolean) {
    this.#following = following
  }

  get lanes(): number {
    return this.#lanes.size
  }

  /** One more container: `lines` gives its log as pieces of whole lines that begin with their times. */
  add(lines: AsyncIterable<string>, write: WriteLine): void {
    const lane: Lane = {
      ...{write, pieces: [], held: 0, at: 0, end: 0, moment: 0, opened: performance.now()},
      ...{heard: false, done: false, room: undefined},
    }
    this.#lanes.add(lane)
    void this.#fill(lane, lines)
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        lane.done = true
        if (lane.pieces.length === 0) this.#lanes.delete(lane)
        this.#wake.resolve()
      })
  }

  /** No container will be added any more. */
  close(): void {
    this.#closed = true
    this.#wake.resolve()
  }

  fail(error: unknown): void {
    this.#failure ??= {error}
    this.#wake.resolve()
  }

  /** What to write, a batch at a time. */
  async *batches(): AsyncGenerator<Buffer> {
    while (true) {
      const text = this.#take()
      if (text !== '') yield Buffer.from(text, 'latin1')
      else if (this.#failure !== undefined) throw this.#failure.error
      else if (this.#closed && this.#lanes.size === 0) return
      else {
        const waiting = this.#following && [...this.#lanes].some(({pieces}) => pieces.length > 0)
        const timer = waiting ? setTimeout(this.#wake.resolve, window / 2) : undefined
        await this.#wake.promise
        clearTimeout(timer)
        this.#wake = Promise.withResolvers()
      }
    }
  }

  async #fill(lane: Lane, lines: AsyncIterable<string>): Promise<void> {
    const most = this.#following ? mostHeld.following : mostHeld.all
    for await (const text of lines) {
      if (text === '') continue
      lane.pieces.push({text, arrived: performance.now()})
      lane.held += text.length
      lane.heard = true
      if (lane.pieces.length === 1) {
        advance(lane)
        this.#wake.resolve()
      }
      if (lane.held >= most)
        await new Promise<void>(resolve => {
          lane.room = resolve
        })
    }
  }

  /** The lines that may be written now, a batch of them at most. */
  #take(): string {
    const now = performance.now()
    const ago = momentOf(Date.now() - old)
    const lacking = [...this.#lanes].filter(({pieces}) => pieces.length === 0)
    const silent = lacking.every(({heard, opened}) => heard || now - opened > silence)
    let complete = lacking.length === 0
    let text = ''
    while (text.length < batch) {
      // A heap would gain nothing: there are few, and each has many lines in a row or all take turns.
      let [lane, until] = [undefined as Lane | undefined, Number.POSITIVE_INFINITY]
      for (const each of this.#lanes) {
        if (each.pieces.length === 0) continue
        if (lane === undefined || each.moment < lane.moment) [until, lane] = [lane?.moment ?? until, each]
        else if (each.moment < until) until = each.moment
      }
      if (lane === undefined) break
      do {
        const {text: lines, arrived} = lane.pieces[0] as Lane['pieces'][0]
        const free = complete || (this.#following && silent && (lane.moment < ago || now - arrived >= window))
        if (!free) return text
        const space = lines.indexOf(' ', lane.at)
        text += lane.write(lines.slice(lane.at, space), lines.slice(space + 1, lane.end - 1))
        if (advance(lane)) continue
        if (lane.done) this.#lanes.delete(lane)
        else complete = false
        break
      } while (lane.moment <= until && text.length < batch)
    }
    return text
  }
}

/** On to the next line. @returns whether one has come */
function advance(lane: Lane): boolean {
  const {pieces} = lane
  lane.at = lane.end
  if (pieces[0] !== undefined && lane.at >= pieces[0].text.length) {
    lane.held -= pieces[0].text.length
    pieces.shift()
    lane.at = 0
    lane.room?.()
    lane.room = undefined
  }
  const text = pieces[0]?.text
  if (text === undefined) {
    lane.end = 0
    return false
  }
  lane.end = text.indexOf('\n', lane.at) + 1
  const moment = momentAt(text, lane.at)
  if (!Number.isNaN(moment)) lane.moment = moment
  return true
}
