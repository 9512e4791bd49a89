import {builtinInterfaces} from './interfaces/index.ts'
import {isRecord, pick} from './json.ts'
import {kinds} from './kinds/index.ts'
import type {Kind} from './kinds/kind.ts'
import {type Dialect, typesOf} from './schema/check.ts'
import {resolveReference} from './schema/reference.ts'
import type {Interfaces, ParametersSchema, ParamSchema} from './types.ts'

/** Parameters as a package declares them, and what their words mean: what everything that walks through a schema asks. */
export interface Declaration extends Dialect {
  interfaces: Interfaces
  /** The kind of a parameter; plain JSON Schema has none. */
  kindOf(schema: ParamSchema): Kind | undefined
  /** A schema with its local `$ref` followed; words beside the `$ref` win. */
  follow(schema: ParamSchema): ParamSchema
}

/** @param added interfaces beside the built-in ones; a package cannot change the meaning of those */
export function readDeclaration(parameters: ParametersSchema, added: Interfaces = {}): Declaration {
  const root: ParamSchema = {type: 'object', ...parameters}
  const interfaces = {...added, ...builtinInterfaces}
  const expanded = new WeakMap<ParamSchema, ParamSchema>()
  const kindOf = ({kind = ''}: ParamSchema) => kinds.get(kind)
  return {root, interfaces, kindOf, follow: schema => follow(schema, 0), expand}

  function follow(schema: ParamSchema, jumps: number): ParamSchema {
    const target = typeof schema.$ref === 'string' && jumps <= 20 ? resolveReference(schema.$ref, root) : undefined
    if (!isRecord(target)) return schema
    const {$ref: _followed, ...own} = schema
    return {...follow(target as ParamSchema, jumps + 1), ...own}
  }

  /** Each subschema is converted once. */
  function expand(schema: ParamSchema, partial: boolean): ParamSchema {
    if (schema.kind === undefined && (partial || !takesOnlyNamed(schema))) return schema
    const known = expanded.get(schema) ?? plainSchema(schema)
    expanded.set(schema, known)
    return known
  }

  function plainSchema(schema: ParamSchema): ParamSchema {
    if (schema.kind === undefined) return {...schema, additionalProperties: false}
    const plain = kindOf(schema)?.schema(schema, interfaces)
    return plain === undefined ? schema : {...plain, ...pick(schema, ['checks'])}
  }
}

/**
 * An object that names its fields takes no others, unless it says so: a misspelt answer must not be ignored. Plain JSON Schema would
 * let it pass.
 */
export function takesOnlyNamed(schema: ParamSchema): boolean {
  const openers = ['additionalProperties', 'unevaluatedProperties', 'patternProperties', '$ref', 'allOf', 'if']
  const closed = openers.every(word => schema[word] === undefined)
  return typesOf(schema).includes('object') && isRecord(schema.properties) && closed
}

/** The schema of an object's field, whether it is named or one of a dictionary. */
export function entrySchema({properties, additionalProperties}: ParamSchema, key: string): ParamSchema | undefined {
  const found = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : additionalProperties
  return isRecord(found) ? (found as ParamSchema) : undefined
}

/** The values that `enum`, `const` or a `oneOf` of constants allow. */
export function choicesOf(param: ParamSchema): unknown[] {
  if (Object.hasOwn(param, 'const')) return [param.const]
  if (Array.isArray(param.enum)) return param.enum
  const branches: unknown[] = [param.oneOf, param.anyOf].find(Array.isArray) ?? []
  const constants = branches.flatMap(branch => (isRecord(branch) && 'const' in branch ? [branch.const] : []))
  return constants.length === branches.length ? constants : []
}

/**
 * What templates see where nothing is said: an empty list or dictionary says the same as none and spares a guard; everything else is
 * null.
 */
export function unsetValue(param: ParamSchema): unknown {
  const types = typesOf(param)
  if (param.kind !== undefined || types.length !== 1) return null
  if (types[0] === 'array') return []
  return types[0] === 'object' && param.properties === undefined ? {} : null
}

/** Null is an answer where the type says so; elsewhere it takes one away. */
export function takesNull(param: ParamSchema | undefined): boolean {
  return param !== undefined && typesOf(param).includes('null')
}
