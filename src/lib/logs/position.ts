/**
 * How far a container's log has been read. To go on after a cut, lines are asked for by their second, and those that were given already are
 * left out here: so none is lost and none comes twice. Several may have the very same time, so they are counted.
 */
export class Position {
  /** Of the last line that was given, as the kubelet writes it. */
  #time = ''
  /** Lines given with that time. */
  #given = 0
  /** Lines of that time to leave out, while going on. */
  #behind: number | undefined

  get sinceTime(): string | undefined {
    return this.#time === '' ? undefined : this.#time
  }

  /** What comes next is from `sinceTime` on. */
  goOn(): void {
    this.#behind = this.#time === '' ? undefined : this.#given
  }

  /** Whole lines, less those that were given before. */
  accept(text: string): string {
    let start = 0
    while (this.#behind !== undefined && start < text.length) {
      const time = timeAt(text, start)
      if (time > this.#time || (time === this.#time && this.#behind === 0)) this.#behind = undefined
      else {
        if (time === this.#time) this.#behind--
        start = text.indexOf('\n', start) + 1
      }
    }
    if (start < text.length) this.#remember(text, start)
    return start === 0 ? text : text.slice(start)
  }

  #remember(text: string, start: number): void {
    let at = lineBefore(text, text.length)
    const time = timeAt(text, at)
    let count = 1
    while (at > start) {
      at = lineBefore(text, at)
      if (timeAt(text, at) !== time) break
      count++
    }
    const goesOn = time === this.#time && at <= start && timeAt(text, start) === time
    this.#given = goesOn ? this.#given + count : count
    this.#time = time
  }
}

/** Where the line begins that ends right before `end`. */
const lineBefore = (text: string, end: number): number => text.lastIndexOf('\n', end - 2) + 1

const timeAt = (text: string, at: number): string => text.slice(at, text.indexOf(' ', at))

/**
 * The moment of a line in nanoseconds since this process began (exact for 100 days), only to be compared. The kubelet writes
 * `2026-11-28T12:00:00.123456789Z`, with its node's offset where that is not UTC. Called for every line: no Date is made.
 */
export function momentAt(text: string, at: number): number {
  if (text.charCodeAt(at + 29) !== letterZ) return momentOf(Date.parse(timeAt(text, at)))
  if (!text.startsWith(day, at)) {
    day = text.slice(at, at + 10)
    midnight = momentOf(Date.parse(day))
  }
  const two = (offset: number) => text.charCodeAt(at + offset) * 10 + text.charCodeAt(at + offset + 1) - 528
  let nanos = 0
  for (let digit = at + 20; digit < at + 29; digit++) nanos = nanos * 10 + text.charCodeAt(digit) - 48
  return midnight + ((two(11) * 60 + two(14)) * 60 + two(17)) * 1e9 + nanos
}

/** The same of milliseconds since 1970. */
export const momentOf = (millis: number): number => (millis - began) * 1e6

const began = Date.now()
const letterZ = 'Z'.charCodeAt(0)
/** The day that the last line was of. */
let [day, midnight] = ['unknown', 0]
