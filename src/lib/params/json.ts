/** Steps from the root of the answers to a value: names of fields, indices of lists. */
export type Path = readonly (string | number)[]

/** RFC 6901. The root is the empty string. */
export function toPointer(path: Path): string {
  return path.map(step => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** The steps of a pointer, all as text: an index is told from a name only by what it meets. */
export function fromPointer(pointer: string): string[] {
  const [, ...steps] = pointer.split('/')
  return steps.map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Does the path lead to what is at `start`, or into it? */
export function leadsInto(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((step, index) => step === path[index])
}

/** A JSON object: not null, not a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON Schema's name for what a value is; whole numbers are numbers here. */
export function jsonType(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
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

/** Sets a field of nested objects in place, making what is missing on the way; undefined takes it away, and makes nothing. */
export function putAt(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [step = '', ...rest] = path
  const next = Object.hasOwn(root, step) ? root[step] : undefined
  if (rest.length > 0) {
    if (value === undefined && !isRecord(next)) return
    const inner = isRecord(next) ? next : {}
    root[step] = inner
    putAt(inner, rest, value)
  } else if (value === undefined) delete root[step]
  else root[step] = value
}

/** Equality of JSON values; the order of an object's fields means nothing. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = Object.entries(a)
  return (
    left.length === Object.keys(b).length &&
    left.every(([key, item]) => Object.hasOwn(b, key) && sameJson(item, (b as Record<string, unknown>)[key]))
  )
}

/** JSON with sorted keys: equal for equal objects, whatever made them. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/** Those fields of an object that it has, in the order of the words. */
export function pick(record: Readonly<Record<string, unknown>>, words: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(words.filter(word => record[word] !== undefined).map(word => [word, record[word]]))
}

type Optional<T> = {[K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>}
type Present<T> = {[K in keyof T as undefined extends T[K] ? never : K]: T[K]}

/** Without the fields that are undefined: what is optional is there, or it is not. */
export function defined<T extends object>(record: T): Present<T> & Optional<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Present<T> &
    Optional<T>
}
