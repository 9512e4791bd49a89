import type {ManifestObject} from './types.ts'

export type Fields = Record<string, unknown>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field that is a map; `{}` where there is none. */
export function fieldsAt(value: unknown, ...path: readonly string[]): Fields {
  let found: unknown = value
  for (const step of path) found = isFields(found) && Object.hasOwn(found, step) ? found[step] : undefined
  return isFields(found) ? found : {}
}

export function listAt(value: unknown, ...path: readonly string[]): unknown[] {
  const last = path.at(-1)
  const found = last === undefined ? undefined : fieldsAt(value, ...path.slice(0, -1))[last]
  return Array.isArray(found) ? found : []
}

/** The object with one field changed; maps on the way are made. */
export function withField<T extends Fields>(
  object: T,
  path: readonly string[],
  change: (before: unknown) => unknown,
): T {
  const [step, ...rest] = path
  if (step === undefined) return object
  const before = object[step]
  return {
    ...object,
    [step]: rest.length === 0 ? change(before) : withField(isFields(before) ? before : {}, rest, change),
  }
}

/** `Deployment.apps wiki/app`-like words for messages. */
export function describeObject({kind, metadata}: ManifestObject): string {
  return `${kind} ${metadata.name}`
}
