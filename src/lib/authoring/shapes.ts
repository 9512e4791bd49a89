/**
 * The fields of Kubernetes' kinds, an eighth as large as the OpenAPI they come from. A type is a text: `s` string, `i` integer, `n`
 * number, `b` boolean, `x` text or number, `*` anything, `=A|B` one of these, `[T` a list, `{T` a map, `#Name` a type of {@link Shapes.types}.
 */
export interface Shapes {
  /** `v1.34.4`; empty where it is not known. */
  version: string
  /** `apps/v1 Deployment` to the name of its type. */
  kinds: Record<string, string>
  /** By name: fields to their types. A field that must be there ends in `!`; `...` is the type of fields that nobody listed. */
  types: Record<string, Record<string, string>>
}

/** A document of `/openapi/v3`, as much of it as is read. */
export interface OpenApi {
  components?: {schemas?: Record<string, Schema>}
}

interface Schema {
  $ref?: string
  allOf?: Schema[]
  type?: string
  format?: string
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: Schema | boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-group-version-kind'?: {group: string; version: string; kind: string}[]
}

/** Adds the kinds of a document, and what they consist of. */
export function addShapes({kinds, types}: Shapes, {components}: OpenApi): void {
  const schemas = components?.schemas ?? {}
  for (const [name, schema] of Object.entries(schemas)) {
    const [one, ...others] = schema['x-kubernetes-group-version-kind'] ?? []
    // Options of a DELETE are of every group; lists are nothing that anyone applies.
    if (one === undefined || others.length > 0 || one.kind.endsWith('List') || !schema.properties?.metadata) continue
    const apiVersion = one.group === '' ? one.version : `${one.group}/${one.version}`
    kinds[`${apiVersion} ${one.kind}`] = shortName(name)
    // What the cluster says of an object, no author writes.
    const {status, ...properties} = schema.properties
    addType(shortName(name), {...schema, properties: {...properties, ...(status && {status: {}})}})
  }

  function addType(name: string, {properties = {}, required = [], ...schema}: Schema): void {
    if (types[name] !== undefined) return
    const fields: Record<string, string> = {}
    types[name] = fields
    for (const [field, inner] of Object.entries(properties))
      fields[required.includes(field) ? `${field}!` : field] = typeOf(inner, `${name}.${field}`)
    if (schema['x-kubernetes-preserve-unknown-fields']) fields['...'] = '*'
  }

  /** @param name for a type that has none of its own, as in definitions of custom resources */
  function typeOf(schema: Schema, name: string): string {
    const reference = schema.$ref ?? schema.allOf?.[0]?.$ref
    if (reference !== undefined) {
      const target = reference.slice(reference.lastIndexOf('/') + 1)
      return typeOf(schemas[target] ?? {}, shortName(target))
    }
    if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string' || /\bQuantity$/.test(name))
      return 'x'
    if (schema.properties !== undefined) {
      addType(name, schema)
      return `#${name}`
    }
    const {type, items, additionalProperties, enum: options} = schema
    if (options?.every(option => typeof option === 'string')) return `=${options.join('|')}`
    if (type === 'array') return `[${typeOf(items ?? {}, `${name}[]`)}`
    if (type === 'object')
      return `{${typeof additionalProperties === 'object' ? typeOf(additionalProperties, `${name}{}`) : '*'}`
    return scalars[type ?? ''] ?? '*'
  }
}

const scalars: Readonly<Record<string, string>> = {string: 's', integer: 'i', number: 'n', boolean: 'b'}

/** `io.k8s.api.core.v1.Pod` as `core.v1.Pod`. */
function shortName(name: string): string {
  return name.replace(/^io\.k8s\.(?:api|apimachinery\.pkg|kube-aggregator\.pkg|apiextensions-apiserver\.pkg)\./, '')
}
