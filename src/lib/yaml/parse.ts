import {
  boolCoreTag,
  EVENT_ID,
  type Event,
  floatCoreTag,
  getScalarValue,
  intCoreTag,
  NOT_RESOLVED,
  nullCoreTag,
  SCALAR_STYLE,
  type ScalarEvent,
  strTag,
  YAMLException,
} from 'js-yaml'
import type {Locator, Position} from '../expr/index.ts'
import {scalarOffsets} from './offsets.ts'
import {Source} from './source.ts'
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
  readonly #source: Source
  #events: readonly Event[] = []
  /** The event that an alias repeats, by the alias's own. */
  readonly #targets = new Map<number, number>()
  #next = 0
  #nodes = 0

  constructor(file: string, text: string) {
    this.#source = new Source(file, text)
  }

  documents(): YamlNode[] {
    const {length} = this.#text
    if (length > limits.characters) {
      const message = `the file has ${length} characters, ${limits.characters} are allowed`
      this.#error('limit', this.#source.at(0), message, 'split it, or put data into files/')
      return []
    }
    try {
      this.#events = this.#source.parse(limits.depth)
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error
      const {rule, at, message, fix} = syntaxFault(error, this.#text)
      this.#error(rule, this.#source.at(at), message, fix)
      return []
    }
    const starts = this.#events.flatMap(({type}, index) => (type === EVENT_ID.DOCUMENT ? [index] : []))
    if (starts.length > limits.documents) {
      this.#error('limit', this.#source.at(0), `the file has more than ${limits.documents} documents`)
      return []
    }
    this.#findTargets()
    return starts.flatMap(start => this.#document(start))
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
    const position = this.#source.positionOf(content, this.#source.at(0))
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
    const position = this.#source.positionOf(event, above)
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
    const keyPosition = this.#source.positionOf(event, map)
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
    const tag = explicitTags.get(name)
    const value = tag === undefined ? NOT_RESOLVED : tag.resolve(source, true, name)
    if (value !== NOT_RESOLVED) return value
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
      return this.#source.at(offsets(offset))
    }
  }

  get #text(): string {
    return this.#source.text
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
