import type {Position} from '../expr/index.ts'
import {programOf} from './program.ts'
import type {TemplateNode} from './template.ts'
import type {Package, RenderedObject} from './types.ts'

/** Where a field of a rendered object was written, as near as loops and conditions let us say; `key` where its name stands. */
export function locateField(
  pkg: Package,
  {position}: Pick<RenderedObject, 'position'>,
  path: readonly string[],
): {key: Position; value: Position} {
  const written = programOf(pkg).documents.find(document => isSame(document.position, position))
  let node = written?.body
  let found = {key: position, value: position}
  for (const step of path) {
    const next: (typeof found & {node: TemplateNode}) | undefined = node && childAt(node, step)
    if (next === undefined) break
    ;({node, ...found} = next)
  }
  return found
}

function childAt(node: TemplateNode, step: string): {key: Position; value: Position; node: TemplateNode} | undefined {
  if (node.k === 'directive') return node.content.as === 'items' ? undefined : childAt(node.content.node, step)
  if (node.k === 'map') {
    const entry = node.entries.find(({key}) => key === step)
    return entry && {key: entry.keyPosition, value: entry.value.position, node: entry.value}
  }
  // Where elements come and go by conditions, their numbers say nothing.
  if (node.k !== 'list' || node.items.some(({k}) => k === 'directive')) return undefined
  const item = node.items[Number(step)]
  return item && {key: item.position, value: item.position, node: item}
}

const isSame = (a: Position, b: Position) => a.file === b.file && a.line === b.line && a.column === b.column
