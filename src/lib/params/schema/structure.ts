import {canonical, isRecord} from '../json.ts'
import {listLength, objectSize} from './bounds.ts'
import {count, type Fault, unknownField} from './fault.ts'
import {entriesIn, type Keywords, type Look, type Schema, schemasIn} from './keyword.ts'
import {matches} from './pattern.ts'

/** Keywords about lists; `unevaluatedItems` is last, after all that may have seen an entry. */
export const lists: Keywords<unknown[]> = {
  ...listLength,
  prefixItems: (said, list, look) => eachItem(list.slice(0, schemasIn(said).length), 0, i => schemasIn(said)[i], look),
  items(said, list, look) {
    const start = schemasIn(look.schema.prefixItems).length
    return eachItem(list.slice(start), start, () => said as Schema, look)
  },
  uniqueItems: (said, list, look) => (said === true ? repeated(list, look) : []),
  contains(said, list, {schema, path, seen, inside}) {
    const {minContains: least = 1, maxContains: most = Number.POSITIVE_INFINITY} = schema as Record<string, number>
    const fitting = [...list.keys()].filter(index => inside(said as Schema, list[index], index).length === 0)
    for (const index of fitting) seen.add(index)
    const found = fitting.length
    if (found < least) {
      const message = `must have at least ${count(least, 'entry', 'entries')} of the kind that the package asks for, has ${found}`
      return [{path, code: 'contains', message, expected: said}]
    }
    const message = `must have at most ${count(most, 'entry', 'entries')} of this kind, has ${found}`
    return found > most ? [{path, code: 'maxContains', message, expected: most}] : []
  },
}

export const unevaluatedItems: Keywords<unknown[]> = {
  unevaluatedItems: (said, list, look) =>
    eachItem(list, 0, index => (look.seen.has(index) ? undefined : (said as Schema)), look),
}

function eachItem(
  list: unknown[],
  start: number,
  schemaOf: (index: number) => Schema | undefined,
  look: Look,
): Fault[] {
  return list.flatMap((item, offset) => {
    const schema = schemaOf(start + offset)
    if (schema === undefined) return []
    look.seen.add(start + offset)
    return look.inside(schema, item, start + offset)
  })
}

function repeated(list: unknown[], {path}: Look): Fault[] {
  const known = new Map<string, number>()
  for (const [index, item] of list.entries()) {
    const written = canonical(item)
    const first = known.get(written)
    const message = `entries ${Number(first) + 1} and ${index + 1} are the same: each must be there once`
    if (first !== undefined) return [{path, code: 'uniqueItems', message}]
    known.set(written, index)
  }
  return []
}

type Fields = Record<string, unknown>

/** Keywords about objects. */
export const objects: Keywords<Fields> = {
  ...objectSize,
  required: (said, object, {path}) =>
    missing(said, object).map(key => ({path: [...path, key], code: 'required', message: 'is required'})),
  properties: (said, object, look) =>
    entriesIn(said).flatMap(([key, sub]) => (Object.hasOwn(object, key) ? field(sub, object, key, look) : [])),
  patternProperties: (said, object, look) =>
    entriesIn(said).flatMap(([pattern, sub]) =>
      Object.keys(object).flatMap(key => (matches(pattern, key) ? field(sub, object, key, look) : [])),
    ),
  additionalProperties(said, object, look) {
    const {properties, patternProperties} = look.schema
    const named = (key: string) => isRecord(properties) && Object.hasOwn(properties, key)
    const matched = (key: string) => entriesIn(patternProperties).some(([pattern]) => matches(pattern, key))
    const others = Object.keys(object).filter(key => !named(key) && !matched(key))
    return others.flatMap(key => field(said as Schema, object, key, look))
  },
  propertyNames: (said, object, look) =>
    Object.keys(object).flatMap(key =>
      look.inside(said as Schema, key, key).map(({path, message}) => ({
        path,
        code: 'propertyNames',
        message: `the name ${JSON.stringify(key)} ${message}`,
      })),
    ),
  dependentRequired: (said, object, {path}) =>
    entriesIn<unknown>(said).flatMap(([key, needed]) =>
      (Object.hasOwn(object, key) ? missing(needed, object) : []).map(other => ({
        path: [...path, other],
        code: 'dependentRequired',
        message: `is required together with ${key}`,
      })),
    ),
  dependentSchemas: (said, object, look) =>
    entriesIn(said).flatMap(([key, sub]) => (Object.hasOwn(object, key) ? look.beside(sub, true) : [])),
}

export const unevaluatedProperties: Keywords<Fields> = {
  unevaluatedProperties(said, object, look) {
    const others = Object.keys(object).filter(key => !look.seen.has(key))
    return others.flatMap(key => field(said as Schema, object, key, look))
  },
}

/** What is said about an object that its fields alone do not settle. */
export const acrossFields: readonly string[] = [
  ...Object.keys({...objects, ...unevaluatedProperties}).filter(word => word !== 'properties' && word !== 'required'),
  ...['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'],
]

function missing(names: unknown, object: Fields): string[] {
  return Array.isArray(names) ? names.filter(name => !Object.hasOwn(object, name)) : []
}

function field(schema: Schema, object: Fields, key: string, look: Look): Fault[] {
  look.seen.add(key)
  if (schema === false) return [unknownField(key, [...look.path, key], Object.keys(look.schema.properties ?? {}))]
  return look.inside(schema, object[key], key)
}
