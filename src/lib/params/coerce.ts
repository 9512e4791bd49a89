import {kinds} from './kinds/index.ts'
import type {Interfaces} from './kinds/kind.ts'
import {listOf} from './schema/fault.ts'
import {show, typesOf} from './schema/values.ts'
import type {ParamSchema} from './types.ts'

/** A flag's text as the value that the schema takes, or why it is none. */
export type Coerced = {value: unknown} | {problem: string; code: string; expected?: unknown}

/**
 * Reads text as one of the types that the schema allows; nothing is guessed: without a type it stays text, and text wins over a number
 * that is not written as one would write it (`1.10`, `007`).
 */
export function coerceText(text: string, forms: readonly ParamSchema[], interfaces: Interfaces): Coerced {
  const withKind = forms.find(form => form.kind !== undefined)
  const kind = withKind === undefined ? undefined : kinds.get(withKind.kind ?? '')
  if (withKind !== undefined && kind !== undefined) {
    const parsed = kind.parse?.(text, withKind, interfaces)
    if (parsed === undefined) return {value: text}
    return 'problem' in parsed ? {problem: parsed.problem, code: kind.name} : {value: parsed.answer}
  }
  const choices = forms.flatMap(form => ('const' in form ? [form.const] : Array.isArray(form.enum) ? form.enum : []))
  const chosen = choices.find(choice => typeof choice !== 'object' && String(choice) === text)
  if (chosen !== undefined) return {value: chosen}
  const types = new Set([...forms.flatMap(typesOf), ...choices.map(jsonType)])
  if (types.size === 0) return {value: text}
  return asOneOf(types, text)
}

function asOneOf(types: Set<string>, text: string): Coerced {
  const canonical = types.has('string')
  const trimmed = canonical ? text : text.trim()
  if (types.has('integer') || types.has('number')) {
    const number = readNumber(trimmed)
    const fits = number !== undefined && (types.has('number') || Number.isInteger(number))
    if (fits && (!canonical || String(number) === text)) {
      if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
        return {problem: 'has more digits than a number can hold', code: 'precision'}
      }
      return {value: number}
    }
  }
  if (types.has('boolean')) {
    const words = canonical ? {true: true, false: false} : booleanWords
    const known = Object.entries(words).find(([word]) => word === trimmed.toLowerCase())
    if (known !== undefined) return {value: known[1]}
  }
  if (canonical) return {value: text}
  if (types.has('null') && trimmed === 'null') return {value: null}
  return {problem: mustBe(types), code: 'type', expected: [...types].length === 1 ? [...types][0] : [...types]}
}

const booleanWords = {true: true, false: false, yes: true, no: false, on: true, off: false}

function readNumber(text: string): number | undefined {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

function mustBe(types: Set<string>): string {
  const words = [...types].filter(type => type !== 'null').map(type => typeWords[type] ?? type)
  const structured = types.has('array') || types.has('object')
  return `must be ${listOf(words, 'or')}${structured ? howToStructure(types) : ''}`
}

function howToStructure(types: Set<string>): string {
  const [open, inner] = types.has('array') ? ['[…]', 'name[0]=… or name[+]=…'] : ['{…}', 'name.field=…']
  return `: set its parts with --set ${show(inner)}, or all of it with --set-json 'name=${open}'`
}

const typeWords: Record<string, string> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

function jsonType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
