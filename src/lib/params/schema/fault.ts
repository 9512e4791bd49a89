import type {FieldError} from '../../errors.ts'
import {didYouMean} from '../../nearest.ts'
import {isRecord, type Path, toPointer} from '../json.ts'

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
export function toFieldError({path, code, message, expected, got}: Fault, secret = false): FieldError {
  return {
    field: toPointer(path),
    code,
    message,
    ...(expected === undefined ? {} : {expected}),
    ...(secret || got === undefined ? {} : {got: brief(got)}),
  }
}

function brief(value: unknown): unknown {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (isRecord(value)) return 'an object'
  return typeof value === 'string' && value.length > 200 ? `${value.slice(0, 200)}…` : value
}

/** Never says what was given: it may be a secret under a misspelt name. */
export function unknownField(key: string, path: Path, known: string[]): Fault {
  return {path, code: 'unknown', message: `there is no field ${key}${orMeant(key, known)}`, expected: known}
}

/** `: did you mean port?`, or nothing. */
export function orMeant(word: string, known: Iterable<string>): string {
  const hint = didYouMean(word, known)
  return hint === undefined ? '' : `: ${hint}`
}

/** The fault of a value that is none of the choices. Long lists are cut; `expected` has them all. */
export function notAmong(choices: unknown[], value: unknown, path: Path): Fault {
  const shown = choices.slice(0, 12).map(show)
  const cut = choices.length > shown.length
  const words = cut ? `one of ${shown.join(', ')}, … (${count(choices.length, 'choice')})` : listOf(shown, 'or')
  return {path, code: 'enum', message: `must be ${words}`, expected: choices, got: value}
}

/** A value of a schema in words: text as it is, the rest as JSON. */
export function show(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value)
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

/** The types of JSON Schema, as people call them. */
export const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
}
