import type {Path} from './json.ts'
import type {Fault} from './schema/fault.ts'

/** Bounds of answers. What is kept of them must fit an anchor, and that an object of 1 MiB. */
export const limits = {
  bytes: 1024 * 1024,
  depth: 64,
} as const

/** Names that would reach an object's prototype somewhere downstream; no parameter needs them. */
const forbidden = new Set(['__proto__', 'constructor', 'prototype'])

export function isForbiddenKey(key: string): boolean {
  return forbidden.has(key)
}

/** Faults of answers as such, whatever the schema: keys that reach prototypes, nesting, size, numbers that lost digits. */
export function checkLimits(answers: unknown): Fault[] {
  const faults: Fault[] = []
  let bytes = 0
  visit(answers, [])
  if (bytes > limits.bytes) {
    const size = (bytes / 1024 / 1024).toFixed(1)
    faults.push({path: [], code: 'size', message: `the answers take ${size} MiB, 1 MiB is allowed`})
  }
  return faults

  function visit(value: unknown, path: Path): void {
    bytes += 8
    if (typeof value === 'string') bytes += value.length
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      faults.push({
        path,
        code: 'precision',
        message: 'has more digits than a number can hold: give it as text, if the package takes text',
      })
    }
    if (typeof value !== 'object' || value === null) return
    if (path.length >= limits.depth) {
      faults.push({path, code: 'depth', message: `is nested deeper than ${limits.depth} levels`})
      return
    }
    for (const [key, item] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
      if (typeof key === 'string') bytes += key.length
      if (typeof key === 'string' && isForbiddenKey(key)) {
        faults.push({path: [...path, key], code: 'forbidden', message: `the name ${key} is not allowed`})
      } else {
        visit(item, [...path, key])
      }
    }
  }
}
