/** Steps from the root of the answers to a value: names of fields, indices of lists. */
export type Path = readonly (string | number)[]

/** RFC 6901. The root is the empty string. */
export function toPointer(path: Path): string {
  return path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** The steps of a pointer, all as text: an index is told from a name only by what it meets. */
export function fromPointer(pointer: string): string[] {
  if (pointer === '') return []
  return pointer
    .slice(1)
    .split('/')
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The value at a path, or undefined where a step leads nowhere. Own properties only. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}

/** A JSON object: not null, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Sets a field of nested objects in place, making what is missing on the way. */
export function putAt(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = root
  for (const step of path.slice(0, -1)) {
    const next = Object.hasOwn(at, step) ? at[step] : undefined
    if (isRecord(next)) {
      at = next
    } else {
      const made: Record<string, unknown> = {}
      at[step] = made
      at = made
    }
  }
  const last = path.at(-1)
  if (last !== undefined) at[last] = value
}

/** Removes a field of nested objects in place; nothing happens where there is none. */
export function removeAt(root: Record<string, unknown>, path: readonly string[]): void {
  const parent = valueAt(root, path.slice(0, -1))
  const last = path.at(-1)
  if (isRecord(parent) && last !== undefined) delete parent[last]
}
