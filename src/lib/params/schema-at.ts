import {createExpander, followReference} from './expand.ts'
import type {Interfaces} from './kinds/kind.ts'
import {isRecord} from './pointer.ts'
import {compilePattern} from './schema/pattern.ts'
import {typesOf} from './schema/values.ts'
import type {SetStep} from './set-path.ts'
import type {ParamSchema} from './types.ts'

/** Where a path leads in a schema. */
export type SchemaAt =
  /** What may stand there: several where forms exclude each other, none where nothing is said. */
  | {found: ParamSchema[]}
  /** No such field: which one, and those that there are. */
  | {unknown: string; known: string[]}
  /** An index where no list is, or a name where no object is. */
  | {misfit: 'list' | 'object'}

/** Follows the steps of a flag through a schema, through kinds, `$ref` and alternatives. */
export function schemaAt(root: ParamSchema, steps: readonly SetStep[], interfaces: Interfaces): SchemaAt {
  const expand = createExpander(interfaces)
  let here: ParamSchema[] = [root]
  for (const step of steps) {
    const forms = here.flatMap(schema => alternatives(schema, 0))
    if (forms.length === 0) return {found: []}
    const next = forms.flatMap(form => stepInto(form, step) ?? [])
    if (next.length === 0) {
      if (forms.some(form => isOpen(form, step))) return {found: []}
      return refuse(forms, step)
    }
    here = next
  }
  return {found: here.flatMap(schema => alternatives(schema, 0, false))}

  /** The schema itself without its `$ref`, and each form that its combinators offer. */
  function alternatives(given: ParamSchema, depth: number, expanding = true): ParamSchema[] {
    const followed = followReference(given, root)
    const schema = expanding ? expand(followed, false) : followed
    if (depth > 8) return []
    const parts = [schema.allOf, schema.anyOf, schema.oneOf, [schema.then, schema.else]].flatMap(part =>
      Array.isArray(part) ? part : [],
    )
    const inner = parts.filter(isRecord).flatMap(part => alternatives(part as ParamSchema, depth + 1, expanding))
    return Object.keys(schema).length === 0 ? inner : [schema, ...inner]
  }
}

function stepInto(schema: ParamSchema, step: SetStep): ParamSchema[] | undefined {
  if (typeof step !== 'string') {
    const prefix = Array.isArray(schema.prefixItems) && typeof step === 'number' ? schema.prefixItems[step] : undefined
    return asSchemas(prefix ?? schema.items)
  }
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, step)) {
    return asSchemas(schema.properties[step])
  }
  const patterns = Object.entries(isRecord(schema.patternProperties) ? schema.patternProperties : {})
  const matching = patterns.find(([pattern]) => {
    const compiled = compilePattern(pattern)
    return typeof compiled !== 'string' && compiled.test(step)
  })
  return asSchemas(matching?.[1] ?? schema.additionalProperties)
}

function asSchemas(value: unknown): ParamSchema[] | undefined {
  return isRecord(value) ? [value as ParamSchema] : undefined
}

/** Nothing is said about what is inside: anything may be. */
function isOpen(schema: ParamSchema, step: SetStep): boolean {
  const types = typesOf(schema)
  const wanted = typeof step === 'string' ? 'object' : 'array'
  if (types.length > 0 && !types.includes(wanted)) return false
  if (types.length === 0 && (schema.enum !== undefined || 'const' in schema || schema.anyOf || schema.oneOf))
    return false
  return typeof step === 'string'
    ? schema.additionalProperties !== false && schema.properties === undefined
    : schema.items === undefined
}

function refuse(forms: ParamSchema[], step: SetStep): SchemaAt {
  if (typeof step !== 'string') return {misfit: 'list'}
  const known = forms.flatMap(form => Object.keys(form.properties ?? {}))
  return known.length > 0 ? {unknown: step, known} : {misfit: 'object'}
}
