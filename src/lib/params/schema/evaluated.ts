import {isRecord} from '../pointer.ts'
import type {ParamSchema} from '../types.ts'
import type {Checking} from './checking.ts'
import {compilePattern} from './pattern.ts'
import {resolveReference} from './reference.ts'

type Schema = ParamSchema | boolean

/** The fields that some applicator of the schema has looked at: what `unevaluatedProperties` leaves alone. */
export function evaluatedKeys(schema: ParamSchema, value: Record<string, unknown>, checking: Checking): Set<string> {
  const seen = new Set<string>()
  visit(schema, true)
  return seen

  function visit(current: ParamSchema, own: boolean): void {
    const keys = Object.keys(value)
    const {properties, patternProperties} = current
    const all = current.additionalProperties !== undefined || (!own && current.unevaluatedProperties !== undefined)
    for (const key of keys) {
      const named = isRecord(properties) && Object.hasOwn(properties, key)
      const matched =
        isRecord(patternProperties) && Object.keys(patternProperties).some(pattern => matches(pattern, key))
      if (all || named || matched) seen.add(key)
    }
    for (const [key, part] of Object.entries(isRecord(current.dependentSchemas) ? current.dependentSchemas : {})) {
      if (Object.hasOwn(value, key) && isRecord(part)) visit(part as ParamSchema, false)
    }
    for (const part of branchesInForce(current, value, checking)) visit(part, false)
  }
}

/** The indices that some applicator of the schema has looked at. */
export function evaluatedItems(schema: ParamSchema, value: unknown[], checking: Checking): Set<number> {
  const seen = new Set<number>()
  visit(schema, true)
  return seen

  function visit(current: ParamSchema, own: boolean): void {
    const all = current.items !== undefined || (!own && current.unevaluatedItems !== undefined)
    const prefix = Array.isArray(current.prefixItems) ? current.prefixItems.length : 0
    for (const [index, item] of value.entries()) {
      const contained =
        current.contains !== undefined && checking.check(current.contains as Schema, item, [], checking).length === 0
      if (all || index < prefix || contained) seen.add(index)
    }
    for (const part of branchesInForce(current, value, checking)) visit(part, false)
  }
}

function matches(pattern: string, key: string): boolean {
  const compiled = compilePattern(pattern)
  return typeof compiled !== 'string' && compiled.test(key)
}

/** The in-place subschemas that the value fits, whose looks count. */
function branchesInForce(schema: ParamSchema, value: unknown, checking: Checking): ParamSchema[] {
  const inside = {...checking, partial: true, jumps: checking.jumps + 1}
  const fits = (part: Schema) => checking.check(part, value, [], inside).length === 0
  const candidates: unknown[] = [schema.allOf, schema.anyOf, schema.oneOf].flatMap(parts =>
    Array.isArray(parts) ? parts : [],
  )
  if (typeof schema.$ref === 'string') candidates.push(resolveReference(schema.$ref, checking.root))
  if (schema.if !== undefined) {
    const holds = fits(schema.if as Schema)
    if (holds) candidates.push(schema.if)
    candidates.push(holds ? schema.then : schema.else)
  }
  return candidates.filter((part): part is ParamSchema => isRecord(part) && fits(part as ParamSchema))
}
