import {nearest} from '../../nearest.ts'
import {isRecord, type Path} from '../pointer.ts'
import type {ParamSchema} from '../types.ts'
import type {Checking} from './checking.ts'
import {evaluatedItems, evaluatedKeys} from './evaluated.ts'
import {count, type Fault} from './fault.ts'
import {compilePattern} from './pattern.ts'
import {sameJson} from './values.ts'

type Schema = ParamSchema | boolean

/** Keywords about lists. */
export function checkArray(schema: ParamSchema, value: unknown, path: Path, checking: Checking): Fault[] {
  if (!Array.isArray(value)) return []
  const inside = {...checking, partial: false, jumps: 0}
  const prefix: Schema[] = Array.isArray(schema.prefixItems) ? schema.prefixItems : []
  const faults = checkSize(schema, value.length, path, listSize, value)
  value.forEach((item, index) => {
    const itemSchema = prefix[index] ?? schema.items
    if (itemSchema !== undefined) faults.push(...checking.check(itemSchema, item, [...path, index], inside))
  })
  if (schema.uniqueItems === true) faults.push(...checkUnique(value, path))
  if (schema.contains !== undefined) faults.push(...checkContains(schema, value, path, inside))
  if (schema.unevaluatedItems !== undefined) {
    const seen = evaluatedItems(schema, value, checking)
    value.forEach((item, index) => {
      if (!seen.has(index))
        faults.push(...checking.check(schema.unevaluatedItems as Schema, item, [...path, index], inside))
    })
  }
  return faults
}

function checkUnique(value: unknown[], path: Path): Fault[] {
  // scalars by a set, so that a long list of them stays linear
  const scalars = new Map<unknown, number>()
  for (const [index, item] of value.entries()) {
    const first =
      typeof item === 'object' && item !== null
        ? value.findIndex((other, at) => at < index && sameJson(other, item))
        : (scalars.get(item) ?? -1)
    if (first >= 0) {
      const message = `entries ${first + 1} and ${index + 1} are the same: each must be there once`
      return [{path, code: 'uniqueItems', message}]
    }
    scalars.set(item, index)
  }
  return []
}

function checkContains(schema: ParamSchema, value: unknown[], path: Path, checking: Checking): Fault[] {
  const least = typeof schema.minContains === 'number' ? schema.minContains : 1
  const most = typeof schema.maxContains === 'number' ? schema.maxContains : Number.POSITIVE_INFINITY
  const found = value.filter(
    item => checking.check(schema.contains as Schema, item, path, checking).length === 0,
  ).length
  if (found < least) {
    const message = `must have at least ${count(least, 'entry', 'entries')} of the kind that the package asks for, has ${found}`
    return [{path, code: 'contains', message, expected: schema.contains}]
  }
  if (found <= most) return []
  const message = `must have at most ${count(most, 'entry', 'entries')} of this kind, has ${found}`
  return [{path, code: 'maxContains', message, expected: most}]
}

/** Keywords about objects. */
export function checkObject(schema: ParamSchema, value: unknown, path: Path, checking: Checking): Fault[] {
  if (!isRecord(value)) return []
  const inside = {...checking, partial: false, jumps: 0}
  const keys = Object.keys(value)
  const properties: Record<string, Schema> = isRecord(schema.properties) ? schema.properties : {}
  const faults = checkSize(schema, keys.length, path, objectSize, value)
  for (const key of Array.isArray(schema.required) ? schema.required : []) {
    if (!Object.hasOwn(value, key)) faults.push({path: [...path, key], code: 'required', message: 'is required'})
  }
  for (const key of keys) {
    const at = [...path, key]
    const schemas = schemasOf(key, schema, properties)
    for (const sub of schemas) faults.push(...checking.check(sub, value[key], at, inside))
    if (schemas.length === 0 && schema.additionalProperties !== undefined) {
      faults.push(...checkExtra(schema.additionalProperties as Schema, key, value[key], at, properties, inside))
    }
    if (schema.propertyNames !== undefined) {
      for (const fault of checking.check(schema.propertyNames as Schema, key, at, inside)) {
        faults.push({path: at, code: 'propertyNames', message: `the name ${JSON.stringify(key)} ${fault.message}`})
      }
    }
  }
  if (schema.unevaluatedProperties !== undefined) {
    const seen = evaluatedKeys(schema, value, checking)
    for (const key of keys.filter(key => !seen.has(key))) {
      const sub = schema.unevaluatedProperties as Schema
      faults.push(...checkExtra(sub, key, value[key], [...path, key], properties, inside))
    }
  }
  return [...faults, ...checkDependent(schema, value, path, checking)]
}

function schemasOf(key: string, schema: ParamSchema, properties: Record<string, Schema>): Schema[] {
  const found: Schema[] = []
  if (Object.hasOwn(properties, key)) found.push(properties[key] as Schema)
  for (const [pattern, sub] of Object.entries(isRecord(schema.patternProperties) ? schema.patternProperties : {})) {
    const compiled = compilePattern(pattern)
    if (typeof compiled !== 'string' && compiled.test(key)) found.push(sub as Schema)
  }
  return found
}

function checkExtra(
  sub: Schema,
  key: string,
  value: unknown,
  path: Path,
  properties: Record<string, Schema>,
  checking: Checking,
): Fault[] {
  return sub === false ? [unknownField(key, path, Object.keys(properties))] : checking.check(sub, value, path, checking)
}

/** Never says what was given: it may be a secret under a misspelt name. */
export function unknownField(key: string, path: Path, known: string[]): Fault {
  const meant = nearest(key, known)
  const hint = meant === undefined ? '' : `: did you mean ${meant}?`
  return {path, code: 'unknown', message: `there is no field ${key}${hint}`, expected: known}
}

function checkDependent(schema: ParamSchema, value: Record<string, unknown>, path: Path, checking: Checking): Fault[] {
  const faults: Fault[] = []
  for (const [key, needed] of Object.entries(isRecord(schema.dependentRequired) ? schema.dependentRequired : {})) {
    if (!Object.hasOwn(value, key) || !Array.isArray(needed)) continue
    for (const other of needed.filter(name => !Object.hasOwn(value, name))) {
      faults.push({
        path: [...path, other],
        code: 'dependentRequired',
        message: `is required together with ${key}`,
      })
    }
  }
  for (const [key, sub] of Object.entries(isRecord(schema.dependentSchemas) ? schema.dependentSchemas : {})) {
    if (Object.hasOwn(value, key))
      faults.push(...checking.check(sub as Schema, value, path, {...checking, partial: true}))
  }
  return faults
}

const listSize = {least: 'minItems', most: 'maxItems', one: 'entry', many: 'entries'}
const objectSize = {least: 'minProperties', most: 'maxProperties', one: 'field', many: 'fields'}

function checkSize(schema: ParamSchema, size: number, path: Path, words: typeof listSize, got: unknown): Fault[] {
  const least = schema[words.least]
  const most = schema[words.most]
  if (typeof least === 'number' && size < least) {
    const message = `must have at least ${count(least, words.one, words.many)}, has ${size}`
    return [{path, code: words.least, message, expected: least, got}]
  }
  if (typeof most === 'number' && size > most) {
    const message = `must have at most ${count(most, words.one, words.many)}, has ${size}`
    return [{path, code: words.most, message, expected: most, got}]
  }
  return []
}
