import type {Locator, Position} from '../expr/index.ts'

/** A YAML document: every node knows where it stands, aliases are resolved, keys are strings. */
export type YamlNode = YamlScalar | {kind: 'list'; items: YamlNode[]; position: Position} | YamlMap

export interface YamlScalar {
  kind: 'scalar'
  value: string | number | boolean | null
  /** As it is written; of `1.10` the number has lost something. */
  source: string
  position: Position
  locate: Locator
  /** The line from here on, where a comment follows: in `${x + " #1"}` YAML sees one. */
  rest?: string
}

export interface YamlMap {
  kind: 'map'
  entries: YamlEntry[]
  position: Position
}

export interface YamlEntry {
  key: string
  keyPosition: Position
  keyLocate: Locator
  value: YamlNode
}

/** Something wrong in a file: what, where, and what to write instead. */
export interface Finding {
  severity: 'error' | 'warning'
  rule: string
  position: Position
  message: string
  fix?: string
  edit?: Edit
}

/** What stands at a finding's position and what to write instead, where there is one right answer. */
export interface Edit {
  was: string
  text: string
}

export function finding(
  severity: Finding['severity'],
  rule: string,
  position: Position,
  message: string,
  fix?: string | undefined,
  edit?: Edit | undefined,
): Finding {
  return {severity, rule, position, message, ...(fix && {fix}), ...(edit && {edit})}
}

/** A text with the edits of findings in it; the rest stays as it is, comments and blanks with it. Those that do not fit are left out. */
export function applyEdits(text: string, findings: readonly Finding[]): {text: string; done: Finding[]} {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({index}) => index + 1)]
  const at = ({position: {line, column}}: Finding) => (starts[line - 1] ?? text.length) + column - 1
  const done: Finding[] = []
  let [result, end] = [text, text.length]
  for (const found of findings.toSorted((a, b) => at(b) - at(a))) {
    const {edit} = found
    const start = at(found)
    if (edit === undefined || start + edit.was.length > end || !text.startsWith(edit.was, start)) continue
    result = result.slice(0, start) + edit.text + result.slice(start + edit.was.length)
    end = start
    done.push(found)
  }
  return {text: result, done: done.reverse()}
}

/** The plain value of a tree. Keys such as `__proto__` are ordinary ones. */
export function plainValue(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plainValue)
  return Object.fromEntries(node.entries.map(({key, value}) => [key, plainValue(value)]))
}

export function entryOf(node: YamlNode | undefined, key: string): YamlEntry | undefined {
  return node?.kind === 'map' ? node.entries.find(entry => entry.key === key) : undefined
}

/** The node at a path of keys and indexes, if it is there. */
export function nodeAt(root: YamlNode, path: readonly (string | number)[]): YamlNode | undefined {
  let node: YamlNode | undefined = root
  for (const step of path) node = node?.kind === 'list' ? node.items[Number(step)] : entryOf(node, String(step))?.value
  return node
}

/** Where the value at a path stands, or the nearest thing above it that exists. */
export function positionOf(root: YamlNode, path: readonly (string | number)[]): Position {
  for (let length = path.length; length > 0; length--) {
    const node = nodeAt(root, path.slice(0, length))
    if (node !== undefined) return node.position
  }
  return root.position
}
