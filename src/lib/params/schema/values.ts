import type {Path} from '../pointer.ts'
import type {ParamSchema} from '../types.ts'
import {count, type Fault, listOf} from './fault.ts'

/** The types that a schema names, in a list. */
export function typesOf(schema: ParamSchema): string[] {
  return schema.type === undefined ? [] : [schema.type].flat()
}

/** The fault of a value that is none of the choices. Long lists are cut; `expected` has them all. */
export function notAmong(choices: unknown[], value: unknown, path: Path, code = 'enum'): Fault {
  const shown = choices.slice(0, 12).map(show)
  const message =
    choices.length > shown.length
      ? `must be one of ${shown.join(', ')}, … (${count(choices.length, 'choice')})`
      : `must be ${listOf(shown, 'or')}`
  return {path, code, message, expected: choices, got: value}
}

/** A value of a schema in words: text as it is, the rest as JSON. */
export function show(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value)
}

/** Equality of JSON values; the order of an object's fields means nothing. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]))
  }
  if (Array.isArray(b)) return false
  const left = Object.entries(a)
  return (
    left.length === Object.keys(b).length &&
    left.every(([key, item]) => Object.hasOwn(b, key) && sameJson(item, (b as Record<string, unknown>)[key]))
  )
}
