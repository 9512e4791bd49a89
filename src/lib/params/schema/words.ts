/** Every word that a schema may have: JSON Schema 2020-12 as far as it is understood here, and berth's own. */
export const knownWords: readonly string[] = [
  ...[
    'type',
    'enum',
    'const',
    'title',
    'description',
    'default',
    'examples',
    'deprecated',
    'readOnly',
    'writeOnly',
    '$comment',
  ],
  ...['minLength', 'maxLength', 'pattern', 'format', 'contentEncoding', 'contentMediaType'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...[
    'items',
    'prefixItems',
    'contains',
    'minContains',
    'maxContains',
    'minItems',
    'maxItems',
    'uniqueItems',
    'unevaluatedItems',
  ],
  ...[
    'properties',
    'required',
    'additionalProperties',
    'patternProperties',
    'propertyNames',
    'minProperties',
    'maxProperties',
  ],
  ...['unevaluatedProperties', 'dependentRequired', 'dependentSchemas'],
  ...['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', '$ref', '$defs', '$anchor'],
  ...['kind', 'when', 'immutable', 'advanced', 'group', 'order', 'placeholder', 'formerly'],
  ...['generate', 'derive', 'rotate', 'interface', 'request', 'suggest', 'algorithm'],
]

const known = new Set(knownWords)

/** `x-…` belongs to whoever writes it. */
export function isKnownWord(word: string): boolean {
  return known.has(word) || word.startsWith('x-')
}
