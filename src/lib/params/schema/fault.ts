import type {FieldError} from '../../errors.ts'
import {type Path, toPointer} from '../pointer.ts'

/** What is wrong with a value, before it is known whether the value may be shown. Messages never quote the value. */
export interface Fault {
  path: Path
  /** A keyword of JSON Schema, or one of ours: `unknown`, `immutable`, `rule`, … */
  code: string
  message: string
  expected?: unknown
  got?: unknown
}

/** The shape that all faces share. Of lists and objects only the kind is said: they may be long, and hold what nobody should see. */
export function toFieldError(fault: Fault, secret = false): FieldError {
  return {
    field: toPointer(fault.path),
    code: fault.code,
    message: fault.message,
    ...(fault.expected === undefined ? {} : {expected: fault.expected}),
    ...(secret || fault.got === undefined ? {} : {got: brief(fault.got)}),
  }
}

function brief(value: unknown): unknown {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value === 'string' && value.length > 200) return `${value.slice(0, 200)}…`
  return value
}

/** `a`, `a or b`, `a, b or c`. */
export function listOf(words: readonly string[], last: 'or' | 'and'): string {
  if (words.length < 2) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}

/** `1 entry`, `2 entries`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}
