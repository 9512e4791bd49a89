import {EVENT_ID, type Event, parseEvents, SCALAR_STYLE, YAMLException} from 'js-yaml'
import type {Position} from '../expr/index.ts'

/** Characters that may be parsed again because a bracket closes too far to the left: a file of 10 kB may have 500 of them. */
const patience = 5_000_000

/** A file's text as the parser takes it, and where its offsets stand. */
export class Source {
  readonly #file: string
  /** Where the lines begin, as they are written. */
  readonly #lines: number[]
  /** With blanks put in at `#blanks`, ascending: all offsets are of this text. */
  #text: string
  readonly #blanks: number[] = []

  constructor(file: string, text: string) {
    this.#file = file
    this.#text = text
    this.#lines = [0]
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lines.push(at + 1)
  }

  get text(): string {
    return this.#text
  }

  /**
   * YAML wants a bracket that closes indented like what stands in it. Other readers forgive one that stands below its field, as everyone
   * writes it: so does this one, which puts blanks before it.
   * @throws YAMLException
   */
  parse(maxDepth: number): Event[] {
    for (;;)
      try {
        return parseEvents(this.#text, {filename: this.#file, maxDepth})
      } catch (error) {
        const at = error instanceof YAMLException && error.reason === 'deficient indentation' && error.mark?.position
        const spent = this.#blanks.length * this.#text.length > patience
        if (typeof at !== 'number' || spent || !/[\]}]/.test(this.#text.charAt(at))) throw error
        this.#text = `${this.#text.slice(0, at)} ${this.#text.slice(at)}`
        this.#blanks.push(at)
      }
  }

  at(offset: number): Position {
    const own = offset - (this.#blanks.length && this.#blanks.filter(blank => blank < offset).length)
    let [low, high] = [0, this.#lines.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#lines[middle] ?? 0) <= own) low = middle
      else high = middle
    }
    return {file: this.#file, line: low + 1, column: own - (this.#lines[low] ?? 0) + 1}
  }

  /** Where a node begins, behind its anchor and tag; a block text at its `|`. @param above where to point at one that is empty */
  positionOf(event: Event | undefined, above: Position): Position {
    if (event?.type === EVENT_ID.ALIAS) return this.at(event.anchorStart - 1)
    if (event?.type === EVENT_ID.SEQUENCE || event?.type === EVENT_ID.MAPPING) return this.at(event.start)
    if (event?.type !== EVENT_ID.SCALAR || event.valueStart < 0) return above
    const {style, valueStart} = event
    if (style === SCALAR_STYLE.PLAIN) return this.at(valueStart)
    if (style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED) return this.at(valueStart - 1)
    const end = this.#text.charAt(valueStart - 1) === '\n' ? valueStart - 1 : valueStart
    const line = this.#text.lastIndexOf('\n', end - 1) + 1
    return this.at(line + this.#text.slice(line, end).search(/[|>][-+1-9]{0,2}[ \t\r]*(?:[ \t]#.*)?$/))
  }
}
