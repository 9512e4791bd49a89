import {isRecord, type Path} from '../json.ts'
import type {ParamSchema} from '../types.ts'
import {checkedKeywords} from './check.ts'

/** Words of JSON Schema that say nothing about a value by themselves, and berth's own that every parameter may have. */
const otherWords = [
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', '$comment'],
  ...['$defs', '$anchor', 'then', 'else', 'minContains', 'maxContains', 'contentEncoding', 'contentMediaType'],
  ...['kind', 'when', 'immutable', 'advanced', 'group', 'order', 'placeholder', 'formerly', 'choices'],
]

/** Every word that a schema may have, but those of its kind: JSON Schema 2020-12 as far as it is understood here, and berth's own. */
export const knownWords: readonly string[] = [...checkedKeywords, ...otherWords]

/** Keywords that hold a schema, and those that hold several, in a list or by name. */
const one = [
  ...['items', 'contains', 'not', 'if', 'then', 'else', 'propertyNames'],
  ...['additionalProperties', 'unevaluatedItems', 'unevaluatedProperties'],
]
const several = [
  ...['allOf', 'anyOf', 'oneOf', 'prefixItems'],
  ...['properties', '$defs', 'patternProperties', 'dependentSchemas'],
]

/** A copy of a schema with each schema directly in it changed; `path` leads there from the schema. */
export function mapSubschemas(schema: ParamSchema, change: (part: ParamSchema, path: Path) => unknown): ParamSchema {
  const visit = (part: unknown, path: Path) => (isRecord(part) ? change(part as ParamSchema, path) : part)
  const changed = Object.entries(schema).map(([word, said]) => {
    if (one.includes(word)) return [word, visit(said, [word])]
    if (!several.includes(word) || typeof said !== 'object' || said === null) return [word, said]
    if (Array.isArray(said)) return [word, said.map((part, index) => visit(part, [word, index]))]
    return [word, Object.fromEntries(Object.entries(said).map(([key, part]) => [key, visit(part, [word, key])]))]
  })
  return Object.fromEntries(changed)
}
