import type {Position} from '../expr/index.ts'
import type {YamlEntry, YamlNode} from './yaml.ts'

/** The plain value of a YAML tree. Keys such as `__proto__` are ordinary ones. */
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

/** Where a key stands, or its map. */
export function keyPositionOf(root: YamlNode, path: readonly (string | number)[], key: string): Position {
  return entryOf(nodeAt(root, path), key)?.keyPosition ?? positionOf(root, path)
}
