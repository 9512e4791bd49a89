import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import type {Locator, Position} from '../expr/index.ts'
import {finding} from './errors.ts'
import {limits} from './limits.ts'
import {scalarOffsets} from './scalar-offsets.ts'
import type {Finding} from './types.ts'
import {refuseYaml} from './yaml-bounds.ts'

/**
 * A YAML file as our own tree: every node knows where it stands, aliases are resolved, keys are strings. Made once; manifest and
 * templates are read from it.
 */
export type YamlNode =
  | {
      kind: 'scalar'
      value: string | number | boolean | null
      position: Position
      locate: Locator
      quoted: boolean
      source: string
    }
  | {kind: 'list'; items: YamlNode[]; position: Position}
  | {kind: 'map'; entries: YamlEntry[]; position: Position}

export interface YamlEntry {
  key: string
  keyPosition: Position
  keyLocate: Locator
  value: YamlNode
}

export interface YamlFile {
  /** One per document; empty documents are left out. */
  documents: YamlNode[]
  /** Syntax errors, duplicate keys, tags, merge keys, and the traps that readers of YAML 1.1 fall into. */
  findings: Finding[]
}

/** Parses YAML 1.2 with positions. Never throws for what the file says: that is in `findings`. */
export function parseYamlFile(file: string, text: string): YamlFile {
  const start: Position = {file, line: 1, column: 1}
  const findings: Finding[] = []
  const refused = refuseYaml(text)
  if (refused !== undefined)
    return {documents: [], findings: [finding('error', 'limit', start, refused, 'split it, or put data into files/')]}
  const lines = new LineCounter()
  const positionAt = (offset: number): Position => {
    const {line, col} = lines.linePos(offset)
    return {file, line: Math.max(1, line), column: Math.max(1, col)}
  }
  const documents: YamlNode[] = []
  try {
    for (const document of parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      // Quadratic in the library: 80,000 keys take minutes. Checked below.
      uniqueKeys: false,
      version: '1.2',
      logLevel: 'silent',
    })) {
      if (!('contents' in document)) continue
      for (const error of document.errors)
        findings.push(syntaxFinding(error.code, error.message, positionAt(error.pos[0])))
      const node = convertDocument(document, text, positionAt, findings)
      if (node !== undefined && document.errors.length === 0) documents.push(node)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    findings.push(finding('error', 'limit', start, 'the file is nested too deep'))
  }
  return {documents, findings}
}

function syntaxFinding(code: string, message: string, position: Position): Finding {
  return finding(
    'error',
    'yaml-syntax',
    position,
    message.replace(/ at line \d+.*$/s, ''),
    code === 'TAB_AS_INDENT' ? 'indent with spaces' : undefined,
  )
}

class Refused extends Error {}

function convertDocument(
  document: Document.Parsed,
  text: string,
  positionAt: (offset: number) => Position,
  findings: Finding[],
): YamlNode | undefined {
  let nodes = 0
  const anchors = new Map<string, Node>()
  const {contents} = document
  if (contents === null || (isScalar(contents) && contents.value === null && (contents.source ?? '') === ''))
    return undefined
  try {
    return convert(contents, 0)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    findings.push(finding('error', 'limit', positionAt(document.range[0]), error.message))
    return undefined
  }

  function convert(node: Node, depth: number): YamlNode {
    if (++nodes > limits.yamlNodes)
      throw new Refused(`the document has more than ${limits.yamlNodes} nodes, aliases counted`)
    if (depth > limits.yamlDepth) throw new Refused(`the document is nested deeper than ${limits.yamlDepth}`)
    const offset = node.range?.[0] ?? 0
    const position = positionAt(offset)
    if (node.tag !== undefined && !/^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/.test(node.tag)) {
      findings.push(finding('error', 'yaml-tag', position, `the tag ${node.tag} is not known`, 'leave it out'))
    }
    if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node)
    if (isAlias(node)) {
      // Not node.resolve(), which searches the whole document each time.
      const target = anchors.get(node.source)
      if (target === undefined) throw new Refused(`the alias *${node.source} has no anchor before it`)
      return convert(target, depth + 1)
    }
    if (isMap(node)) return {kind: 'map', entries: convertEntries(node, depth), position}
    if (isSeq(node)) return {kind: 'list', items: node.items.map(item => convert(asNode(item), depth + 1)), position}
    return convertScalar(node as Scalar, position)
  }

  function convertEntries(map: YAMLMap, depth: number): YamlEntry[] {
    const seen = new Set<string>()
    return map.items.map(({key, value}) => {
      const keyNode = asNode(key)
      const position = positionAt(keyNode.range?.[0] ?? 0)
      const text = isScalar(keyNode)
        ? typeof keyNode.value === 'string'
          ? keyNode.value
          : (keyNode.source ?? String(keyNode.value))
        : undefined
      if (text === undefined)
        findings.push(finding('error', 'yaml-key', position, 'a key is a list, a map or an alias', 'keys are strings'))
      if (text === '<<' && isScalar(keyNode) && keyNode.type === 'PLAIN') {
        findings.push(
          finding(
            'error',
            'yaml-merge',
            position,
            'merge keys (<<) are not part of YAML 1.2',
            'use ${merge(a, b)} or a $part',
          ),
        )
      }
      if (text !== undefined && seen.has(text))
        findings.push(
          finding(
            'error',
            'duplicate-key',
            position,
            `the key ${JSON.stringify(text)} stands twice in one map`,
            'remove one',
          ),
        )
      seen.add(text ?? '')
      const child = value === null ? emptyScalar(position) : convert(asNode(value), depth + 1)
      return {
        key: text ?? '',
        keyPosition: position,
        keyLocate: isScalar(keyNode) ? locatorOf(keyNode) : () => position,
        value: child,
      }
    })
  }

  function convertScalar(node: Scalar, position: Position): YamlNode {
    const {value} = node
    const quoted = node.type !== 'PLAIN'
    const source = node.source ?? ''
    if (!quoted) trap(value, source, position, findings)
    const plain =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
        ? value
        : String(value)
    return {kind: 'scalar', value: plain, position, locate: locatorOf(node), quoted, source}
  }

  function locatorOf(node: Scalar): Locator {
    let offsets: ((offset: number) => number) | undefined
    return offset => {
      offsets ??= scalarOffsets(text, node)
      return positionAt(offsets(offset))
    }
  }
}

function asNode(value: unknown): Node {
  return value as Node
}

function emptyScalar(position: Position): YamlNode {
  return {kind: 'scalar', value: null, position, locate: () => position, quoted: false, source: ''}
}

/** Unquoted words and numbers that say something else than they seem to, or something else in YAML 1.1 (Go, Python, Ruby read that). */
function trap(value: unknown, source: string, position: Position, findings: Finding[]): void {
  const warn = (message: string, fix: string) => findings.push(finding('warning', 'yaml-trap', position, message, fix))
  if (typeof value === 'string') {
    if (/^(?:yes|no|on|off|y|n)$/i.test(source)) {
      warn(
        `${source} is a string here, and a boolean for readers of YAML 1.1`,
        `write "${source}", or ${/^(?:yes|on|y)$/i.test(source) ? 'true' : 'false'} if a boolean is meant`,
      )
    } else if (/^[-+]?\d+(?::[0-5]?\d)+$/.test(source))
      warn(`${source} is a string here, and a number in base 60 for readers of YAML 1.1`, `write "${source}"`)
    else if (/^[-+]?\d[\d_]*_[\d_]*$/.test(source))
      warn(
        `${source} is a string here, and a number for readers of YAML 1.1`,
        `write "${source}", or ${source.replaceAll('_', '')} if a number is meant`,
      )
    return
  }
  if (typeof value !== 'number') return
  if (!Number.isFinite(value)) warn(`${source} is no number that JSON has`, `write "${source}"`)
  else if (Number.isInteger(value) && !Number.isSafeInteger(value))
    warn(`${source} is too large for a number and would be rounded to ${value}`, `write "${source}"`)
  else if (/^[-+]?0\d/.test(source))
    warn(
      `${source} is ${value} here, and octal for readers of YAML 1.1`,
      `write "${source}" if it is text, ${value} if it is a number`,
    )
  else if (/^[-+]?\d*\.\d*0$/.test(source) || /^[-+]?\d+[eE]\d+$/.test(source))
    warn(`${source} is the number ${value}`, `write "${source}" if it is a version or other text`)
}
