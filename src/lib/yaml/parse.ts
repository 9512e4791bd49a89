import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
} from 'yaml'
import type {Locator, Position} from '../expr/index.ts'
import {limits, refuseYaml} from './bounds.ts'
import {scalarOffsets} from './offsets.ts'
import {trapIn} from './traps.ts'
import {type Finding, finding, type YamlEntry, type YamlNode} from './tree.ts'

export interface YamlFile {
  /** One per document; empty documents are left out. */
  documents: YamlNode[]
  /** Syntax errors, duplicate keys, tags, merge keys, and the traps that readers of YAML 1.1 fall into. */
  findings: Finding[]
}

/** Parses YAML 1.2 with positions. Never throws for what the file says: that is in `findings`. */
export function parseYamlFile(file: string, text: string): YamlFile {
  const start: Position = {file, line: 1, column: 1}
  const refused = refuseYaml(text)
  if (refused !== undefined)
    return {documents: [], findings: [finding('error', 'limit', start, refused, 'split it, or put data into files/')]}
  const converter = new Converter(file, text)
  try {
    const parsed = parseAllDocuments(text, {
      lineCounter: converter.lines,
      prettyErrors: false,
      // Quadratic in the library: 80,000 keys take minutes. Checked below.
      uniqueKeys: false,
      version: '1.2',
      logLevel: 'silent',
    })
    return {documents: [...parsed].flatMap(document => converter.document(document)), findings: converter.findings}
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return {documents: [], findings: [finding('error', 'limit', start, 'the file is nested too deep')]}
  }
}

/** A document that is too large, or whose aliases lead nowhere. */
class Refused extends Error {}

/** The library's nodes as our tree. */
class Converter {
  readonly findings: Finding[] = []
  readonly lines = new LineCounter()
  readonly #file: string
  readonly #text: string
  #nodes = 0
  #anchors = new Map<string, Node>()

  constructor(file: string, text: string) {
    this.#file = file
    this.#text = text
  }

  document({contents, errors, range}: Document.Parsed): YamlNode[] {
    for (const {code, message, pos} of errors) {
      const fix = code === 'TAB_AS_INDENT' ? 'indent with spaces' : undefined
      this.#error('yaml-syntax', this.#at(pos[0]), message.replace(/ at line \d+.*$/s, ''), fix)
    }
    if (contents === null || (isScalar(contents) && contents.value === null && !contents.source)) return []
    this.#nodes = 0
    this.#anchors = new Map()
    try {
      const node = this.#node(contents, 0)
      return errors.length === 0 ? [node] : []
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.#error('limit', this.#at(range[0]), error.message)
      return []
    }
  }

  #node(node: Node, depth: number): YamlNode {
    if (++this.#nodes > limits.nodes)
      throw new Refused(`the document has more than ${limits.nodes} nodes, aliases counted`)
    if (depth > limits.depth) throw new Refused(`the document is nested deeper than ${limits.depth}`)
    if (isAlias(node)) {
      // Not node.resolve(), which searches the whole document each time.
      const target = this.#anchors.get(node.source)
      if (target === undefined) throw new Refused(`the alias *${node.source} has no anchor before it`)
      return this.#node(target, depth + 1)
    }
    const position = this.#at(node.range?.[0] ?? 0)
    if (node.tag !== undefined && !/^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/.test(node.tag))
      this.#error('yaml-tag', position, `the tag ${node.tag} is not known`, 'leave it out')
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node)
    if (isSeq<Node>(node)) return {kind: 'list', items: node.items.map(item => this.#node(item, depth + 1)), position}
    if (!isMap<Node, Node | null>(node)) return this.#scalar(node as Scalar, position)
    const seen = new Set<string>()
    return {kind: 'map', entries: node.items.map(pair => this.#entry(pair, depth, seen)), position}
  }

  #entry({key: node, value}: Pair<Node, Node | null>, depth: number, seen: Set<string>): YamlEntry {
    const keyPosition = this.#at(node.range?.[0] ?? 0)
    const scalar = isScalar(node) ? node : undefined
    const key = typeof scalar?.value === 'string' ? scalar.value : (scalar?.source ?? '')
    if (scalar === undefined)
      this.#error('yaml-key', keyPosition, 'a key is a list, a map or an alias', 'keys are strings')
    else if (key === '<<' && scalar.type === 'PLAIN')
      this.#error(
        'yaml-merge',
        keyPosition,
        'merge keys (<<) are not part of YAML 1.2',
        'use ${merge(a, b)} or a $part',
      )
    else if (seen.has(key))
      this.#error('duplicate-key', keyPosition, `the key ${JSON.stringify(key)} stands twice in one map`, 'remove one')
    seen.add(key)
    const keyLocate = scalar === undefined ? () => keyPosition : this.#locator(scalar)
    const empty: YamlNode = {kind: 'scalar', value: null, source: '', position: keyPosition, locate: () => keyPosition}
    return {key, keyPosition, keyLocate, value: value === null ? empty : this.#node(value, depth + 1)}
  }

  #scalar(node: Scalar, position: Position): YamlNode {
    const {value, source = ''} = node
    const trap = node.type === 'PLAIN' ? trapIn(value, source) : undefined
    if (trap !== undefined) {
      // Quotes say of a text what it is; whether a number should be one, only its author knows.
      const edit = typeof value === 'string' ? {was: source, text: `"${source}"`} : undefined
      this.findings.push(finding('warning', 'yaml-trap', position, ...trap, edit))
    }
    const plain = value === null || ['string', 'number', 'boolean'].includes(typeof value)
    return {
      kind: 'scalar',
      value: plain ? (value as string | number | boolean | null) : String(value),
      source,
      position,
      locate: this.#locator(node),
      ...this.#cutOf(node),
    }
  }

  #cutOf({type, range}: Scalar): {rest?: string} {
    if (type !== 'PLAIN' || !range) return {}
    const [line = ''] = this.#text.slice(range[0], range[0] + 2000).split('\n')
    return /^[ \t]+#/.test(line.slice(range[1] - range[0])) ? {rest: line} : {}
  }

  #locator(node: Scalar): Locator {
    let offsets: ((offset: number) => number) | undefined
    return offset => {
      offsets ??= scalarOffsets(this.#text, node)
      return this.#at(offsets(offset))
    }
  }

  #at(offset: number): Position {
    const {line, col} = this.lines.linePos(offset)
    return {file: this.#file, line: Math.max(1, line), column: Math.max(1, col)}
  }

  #error(rule: string, position: Position, message: string, fix?: string): void {
    this.findings.push(finding('error', rule, position, message, fix))
  }
}
