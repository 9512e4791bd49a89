import {type Declaration, entrySchema} from './declaration.ts'
import {isRecord, jsonType} from './json.ts'
import {typesOf} from './schema/check.ts'
import {type Fault, listOf, typeWords, unknownField} from './schema/fault.ts'
import {entriesIn, schemasIn} from './schema/keyword.ts'
import {matches} from './schema/pattern.ts'
import {plainPath, printSetPath, type SetStep} from './set-path.ts'
import type {ParamSchema} from './types.ts'

/** What may stand where a flag's path leads (several where forms exclude each other, none where nothing is said), or why nothing may. */
export type SchemaAt = {forms: ParamSchema[]} | {fault: Fault}

/** Follows the steps of a flag through a schema, through kinds, `$ref` and alternatives. */
export function schemaAt(declaration: Declaration, steps: readonly SetStep[]): SchemaAt {
  let here: ParamSchema[] = [declaration.root]
  for (const [index, step] of steps.entries()) {
    const forms: ParamSchema[] = here.flatMap(schema => formsOf(declaration.expand(declaration.follow(schema), false)))
    here = forms.map(form => stepInto(form, step)).filter(form => form !== undefined)
    if (here.length > 0) continue
    if (forms.length === 0 || forms.some(form => isOpen(form, step))) return {forms: []}
    const path = plainPath(steps)
    const known = forms.flatMap(form => Object.keys(form.properties ?? {}))
    if (typeof step === 'string' && known.length > 0) {
      return {fault: unknownField(step, path.slice(0, index + 1), known)}
    }
    const misfit = typeof step === 'string' ? 'has a field, but is no object' : 'has an index, but is no list'
    return {fault: {path, code: 'type', message: `${printSetPath(steps)} ${misfit}`}}
  }
  return {forms: here.flatMap(schema => formsOf(schema))}

  /** The schema itself, and each form that its combinators offer, once. */
  function formsOf(given: ParamSchema, depth = 0, seen = new Set<unknown>()): ParamSchema[] {
    if (depth > 8 || seen.has(given)) return []
    seen.add(given)
    const schema = declaration.follow(given)
    const {allOf, anyOf, oneOf, then, else: otherwise} = schema
    const parts = [...[allOf, anyOf, oneOf].flatMap(schemasIn), then, otherwise].filter(isRecord) as ParamSchema[]
    return [schema, ...parts.flatMap(part => formsOf(part, depth + 1, seen))]
  }
}

function stepInto(schema: ParamSchema, step: SetStep): ParamSchema | undefined {
  if (typeof step === 'string') {
    const matching = entriesIn<ParamSchema>(schema.patternProperties).find(([pattern]) => matches(pattern, step))?.[1]
    const named = schema.properties !== undefined && Object.hasOwn(schema.properties, step)
    return named ? entrySchema(schema, step) : (matching ?? entrySchema(schema, step))
  }
  const own = typeof step === 'number' ? schemasIn(schema.prefixItems)[step] : undefined
  const entry = own ?? schema.items
  return isRecord(entry) ? (entry as ParamSchema) : undefined
}

/** Nothing is said about what is inside: anything may be. */
function isOpen(schema: ParamSchema, step: SetStep): boolean {
  const types = typesOf(schema)
  if (types.length > 0) {
    if (!types.includes(typeof step === 'string' ? 'object' : 'array')) return false
  } else if (['enum', 'const', 'anyOf', 'oneOf'].some(word => Object.hasOwn(schema, word))) return false
  if (typeof step !== 'string') return schema.items === undefined
  return schema.additionalProperties !== false && schema.properties === undefined
}

/** A flag's text as the value that is meant, or what is wrong with it. */
export type Coerced = {value: unknown} | {fault: Omit<Fault, 'path'>}

/**
 * Reads text as one of the types that the schema allows; nothing is guessed: without a type it stays text, and text wins over a number
 * that is not written as one would write it (`1.10`, `007`).
 */
export function coerceText(text: string, forms: readonly ParamSchema[], {kindOf, interfaces}: Declaration): Coerced {
  for (const form of forms) {
    const kind = kindOf(form)
    if (kind === undefined) continue
    const parsed = kind.parse?.(text, form, interfaces) ?? {answer: text}
    return 'answer' in parsed ? {value: parsed.answer} : {fault: {code: kind.name, message: parsed.problem}}
  }
  const choices = forms.flatMap(form =>
    Object.hasOwn(form, 'const') ? [form.const] : Array.isArray(form.enum) ? form.enum : [],
  )
  const chosen = choices.find(choice => typeof choice !== 'object' && String(choice) === text)
  if (chosen !== undefined) return {value: chosen}
  const types = new Set([...forms.flatMap(typesOf), ...choices.map(jsonType)])
  return types.size === 0 ? {value: text} : coerceTo(types, text)
}

function coerceTo(types: ReadonlySet<string>, text: string): Coerced {
  const orText = types.has('string')
  const trimmed = orText ? text : text.trim()
  const number = types.has('integer') || types.has('number') ? readNumber(trimmed) : undefined
  if (number !== undefined && (types.has('number') || Number.isInteger(number))) {
    if (Number.isInteger(number) && !Number.isSafeInteger(number) && !orText) {
      return {fault: {code: 'precision', message: 'has more digits than a number can hold'}}
    }
    if (!orText || String(number) === text) return {value: number}
  }
  const words = orText ? {true: true, false: false} : booleanWords
  const boolean = Object.entries(types.has('boolean') ? words : {}).find(([word]) => word === trimmed.toLowerCase())
  if (boolean !== undefined) return {value: boolean[1]}
  if (orText) return {value: text}
  if (types.has('null') && trimmed === 'null') return {value: null}
  const all = [...types]
  const named = all.filter(type => type !== 'null').map(type => typeWords[type] ?? type)
  const message = `must be ${listOf(named, 'or')}${howToStructure(types)}`
  return {fault: {code: 'type', message, expected: all.length === 1 ? all[0] : all}}
}

const booleanWords = {true: true, false: false, yes: true, no: false, on: true, off: false}

function readNumber(text: string): number | undefined {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

function howToStructure(types: ReadonlySet<string>): string {
  if (!types.has('array') && !types.has('object')) return ''
  const [whole, parts] = types.has('array') ? ['[…]', 'name[0]=… or name[+]=…'] : ['{…}', 'name.field=…']
  return `: set its parts with --set ${parts}, or all of it with --set-json 'name=${whole}'`
}
