import {
  boolCoreTag,
  EVENT_ID,
  type Event,
  floatCoreTag,
  getScalarValue,
  intCoreTag,
  NOT_RESOLVED,
  nullCoreTag,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  strTag,
  YAMLException,
} from 'js-yaml'
import type {Locator, Position} from '../expr/index.ts'
import {scalarOffsets} from './offsets.ts'
import {syntaxFault} from './syntax.ts'
import {trapIn} from './traps.ts'
import {type Finding, finding, type YamlEntry, type YamlNode, type YamlScalar} from './tree.ts'

/** Bounds of one YAML file, and of each document in it. */
const limits = {
  characters: 512 * 1024,
  documents: 1000,
  /** Nodes of a document, with what aliases repeat. */
  nodes: 50_000,
  depth: 100,
  /** Brackets that close too far to the left. */
  outdented: 100,
} as const

export interface YamlFile {
  /** One per document; empty documents are left out. */
  documents: YamlNode[]
  /** Syntax errors, duplicate keys, tags, merge keys, and the traps that readers of YAML 1.1 fall into. */
  findings: Finding[]
}

/** Parses YAML 1.2 with positions. Never throws for what the file says: that is in `findings`. */
export function parseYamlFile(file: string, text: string): YamlFile {
  const reader = new Reader(file, text)
  return {documents: reader.documents(), findings: reader.findings}
}

/** A document that is too large, or whose aliases lead nowhere. */
class Refused extends Error {}

/** The parser's events as our tree. */
class Reader {
  readonly findings: Finding[] = []
  readonly #file: string
  readonly #lines: number[]
  /** With blanks put in at `#blanks`, ascending: all offsets are of this text. */
  #text: string
  readonly #blanks: number[] = []
  #events: readonly Event[] = []
  /** The event that an alias repeats, by the alias's own. */
  readonly #targets = new Map<number, number>()
  #next = 0
  #nodes = 0

  constructor(file: string, text: string) {
    this.#file = file
    this.#text = text
    this.#lines = [0]
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lines.push(at + 1)
  }

  documents(): YamlNode[] {
    const {length} = this.#text
    if (length > limits.characters) {
      const message = `the file has ${length} characters, ${limits.characters} are allowed`
      this.#error('limit', this.#at(0), message, 'split it, or put data into files/')
      return []
    }
    try {
      this.#events = this.#parse()
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error
      const {rule, at, message, fix} = syntaxFault(error, this.#text)
      this.#error(rule, this.#at(at), message, fix)
      return []
    }
    const starts = this.#events.flatMap(({type}, index) => (type === EVENT_ID.DOCUMENT ? [index] : []))
    if (starts.length > limits.documents) {
      this.#error('limit', this.#at(0), `the file has more than ${limits.documents} documents`)
      return []
    }
    this.#findTargets()
    return starts.flatMap(start => this.#document(start))
  }

  /**
   * YAML wants a bracket that closes indented like what stands in it. Other readers forgive one that stands below the field, as everyone
   * writes it: so does this one, who puts blanks before it.
   */
  #parse(): Event[] {
    for (;;)
      try {
        return parseEvents(this.#text, {filename: this.#file, maxDepth: limits.depth})
      } catch (error) {
        const at = error instanceof YAMLException && error.reason === 'deficient indentation' && error.mark?.position
        if (typeof at !== 'number' || !/[\]}]/.test(this.#text.charAt(at)) || this.#blanks.length === limits.outdented)
          throw error
        this.#text = `${this.#text.slice(0, at)} ${this.#text.slice(at)}`
        this.#blanks.push(at)
      }
  }

  #findTargets(): void {
    if (!this.#text.includes('*')) return
    const anchors = new Map<string, number>()
    for (const [index, event] of this.#events.entries()) {
      if (event.type === EVENT_ID.DOCUMENT) anchors.clear()
      if (!('anchorStart' in event) || event.anchorStart < 0) continue
      const name = this.#text.slice(event.anchorStart, event.anchorEnd)
      const target = anchors.get(name)
      if (event.type !== EVENT_ID.ALIAS) anchors.set(name, index)
      else if (target !== undefined) this.#targets.set(index, target)
    }
  }

  #document(start: number): YamlNode[] {
    const content = this.#events[start + 1]
    if (content?.type === EVENT_ID.SCALAR && content.valueStart < 0) return []
    const position = this.#positionOf(content, this.#at(0))
    this.#next = start + 1
    this.#nodes = 0
    try {
      return [this.#node(position, 0)]
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.#error('limit', position, error.message)
      return []
    }
  }

  /** @param above where to point at a node that is empty */
  #node(above: Position, depth: number): YamlNode {
    if (++this.#nodes > limits.nodes)
      throw new Refused(`the document has more than ${limits.nodes} nodes, aliases counted`)
    if (depth > limits.depth) throw new Refused(`the document is nested deeper than ${limits.depth}`)
    const index = this.#next++
    const event = this.#events[index]
    const position = this.#positionOf(event, above)
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.#scalar(event, position)
      case EVENT_ID.SEQUENCE: {
        this.#checkTag('seq', event, position)
        const items: YamlNode[] = []
        while (!this.#ends()) items.push(this.#node(position, depth + 1))
        return {kind: 'list', items, position}
      }
      case EVENT_ID.MAPPING: {
        this.#checkTag('map', event, position)
        const seen = new Set<string>()
        const entries: YamlEntry[] = []
        while (!this.#ends()) entries.push(this.#entry(position, depth, seen))
        return {kind: 'map', entries, position}
      }
      case EVENT_ID.ALIAS: {
        const target = this.#targets.get(index)
        if (target === undefined) {
          const name = this.#text.slice(event.anchorStart, event.anchorEnd)
          throw new Refused(`the alias *${name} has no anchor before it`)
        }
        const after = this.#next
        this.#next = target
        const repeated = this.#node(position, depth + 1)
        this.#next = after
        return repeated
      }
      default:
        throw new TypeError('the parser ends a document in the middle of a node')
    }
  }

  #ends(): boolean {
    if (this.#events[this.#next]?.type !== EVENT_ID.POP) return false
    this.#next++
    return true
  }

  #entry(map: Position, depth: number, seen: Set<string>): YamlEntry {
    const event = this.#events[this.#next]
    const keyPosition = this.#positionOf(event, map)
    if (event?.type !== EVENT_ID.SCALAR) {
      this.#error('yaml-key', keyPosition, 'a key is a list, a map or an alias', 'keys are strings')
      this.#node(map, depth + 1)
      return {key: '', keyPosition, keyLocate: () => keyPosition, value: this.#node(keyPosition, depth + 1)}
    }
    this.#next++
    const key = getScalarValue(this.#text, event)
    if (key === '<<' && event.style === SCALAR_STYLE.PLAIN) {
      const fix = 'use ${merge(a, b)} or a $part'
      this.#error('yaml-merge', keyPosition, 'merge keys (<<) are not part of YAML 1.2', fix)
    } else if (seen.has(key)) {
      const message = `the key ${JSON.stringify(key)} stands twice in one map`
      this.#error('duplicate-key', keyPosition, message, 'remove one')
    }
    seen.add(key)
    return {key, keyPosition, keyLocate: this.#locator(event, keyPosition), value: this.#node(keyPosition, depth + 1)}
  }

  #scalar(event: ScalarEvent, position: Position): YamlScalar {
    const source = getScalarValue(this.#text, event)
    const plain = event.style === SCALAR_STYLE.PLAIN
    const value = this.#value(event, source, position)
    const trap = plain ? trapIn(value, source) : undefined
    if (trap !== undefined) {
      // Quotes say of a text what it is; whether a number should be one, only its author knows.
      const edit = typeof value === 'string' ? {was: source, text: `"${source}"`} : undefined
      this.findings.push(finding('warning', 'yaml-trap', position, ...trap, edit))
    }
    const cut = plain && event.valueStart >= 0 ? this.#cutOf(event) : {}
    return {kind: 'scalar', value, source, position, locate: this.#locator(event, position), ...cut}
  }

  #value(event: ScalarEvent, source: string, position: Position): YamlScalar['value'] {
    if (event.tagStart < 0) return event.style === SCALAR_STYLE.PLAIN ? plainScalar(source) : source
    const name = this.#text.slice(event.tagStart, event.tagEnd)
    if (name === '!') return source
    const value = explicitTags.get(name)?.resolve(source, true, name) ?? NOT_RESOLVED
    if (value !== NOT_RESOLVED) return value
    if (name === '!!null') return null
    this.#unknownTag(name, position)
    return source
  }

  #checkTag(fits: string, {tagStart, tagEnd}: {tagStart: number; tagEnd: number}, position: Position): void {
    const name = this.#text.slice(tagStart, tagEnd)
    if (tagStart >= 0 && name !== '!' && name !== `!!${fits}`) this.#unknownTag(name, position)
  }

  #unknownTag(name: string, position: Position): void {
    this.#error('yaml-tag', position, `the tag ${name} is not known, or does not fit`, 'leave it out')
  }

  #cutOf({valueStart, valueEnd}: ScalarEvent): {rest?: string} {
    if (!/^[ \t]+#/.test(this.#text.slice(valueEnd, valueEnd + 200))) return {}
    const [line = ''] = this.#text.slice(valueStart, valueStart + 2000).split('\n')
    return {rest: line}
  }

  #locator(event: ScalarEvent, position: Position): Locator {
    if (event.valueStart < 0) return () => position
    let offsets: ((offset: number) => number) | undefined
    return offset => {
      offsets ??= scalarOffsets(this.#text, event)
      return this.#at(offsets(offset))
    }
  }

  /** Where a node begins, behind its anchor and tag; a block text at its `|`. */
  #positionOf(event: Event | undefined, above: Position): Position {
    if (event?.type === EVENT_ID.ALIAS) return this.#at(event.anchorStart - 1)
    if (event?.type === EVENT_ID.SEQUENCE || event?.type === EVENT_ID.MAPPING) return this.#at(event.start)
    if (event?.type !== EVENT_ID.SCALAR || event.valueStart < 0) return above
    const {style, valueStart} = event
    if (style === SCALAR_STYLE.PLAIN) return this.#at(valueStart)
    if (style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED) return this.#at(valueStart - 1)
    const end = this.#text.charAt(valueStart - 1) === '\n' ? valueStart - 1 : valueStart
    const line = this.#text.lastIndexOf('\n', end - 1) + 1
    return this.#at(line + this.#text.slice(line, end).search(/[|>][-+1-9]{0,2}[ \t\r]*(?:[ \t]#.*)?$/))
  }

  #at(offset: number): Position {
    const own = offset - (this.#blanks.length && this.#blanks.filter(blank => blank < offset).length)
    let [low, high] = [0, this.#lines.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#lines[middle] ?? 0) <= own) low = middle
      else high = middle
    }
    return {file: this.#file, line: low + 1, column: own - (this.#lines[low] ?? 0) + 1}
  }

  #error(rule: string, position: Position, message: string, fix?: string): void {
    this.findings.push(finding('error', rule, position, message, fix))
  }
}

const implicitTags = [nullCoreTag, boolCoreTag, intCoreTag, floatCoreTag]
const explicitTags = new Map(
  [strTag, ...implicitTags].map(tag => [tag.tagName.replace('tag:yaml.org,2002:', '!!'), tag] as const),
)

/** By the core schema of YAML 1.2; most begin like a text and are one. */
function plainScalar(source: string): YamlScalar['value'] {
  if (!/^(?:[-+.\d~nNtTfF]|$)/.test(source)) return source
  for (const tag of implicitTags) {
    const value = tag.resolve(source, false, tag.tagName)
    if (value !== NOT_RESOLVED) return value
  }
  return source
}
