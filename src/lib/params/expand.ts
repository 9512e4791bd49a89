import {builtinInterfaces} from './interfaces/index.ts'
import {kinds} from './kinds/index.ts'
import type {Interfaces} from './kinds/kind.ts'
import {isRecord} from './pointer.ts'
import {resolveReference} from './schema/reference.ts'
import {typesOf} from './schema/values.ts'
import type {ParamSchema} from './types.ts'

/** The built-in interfaces and those that a package adds; a package cannot change the meaning of a built-in one. */
export function allInterfaces(added: Interfaces = {}): Interfaces {
  return {...added, ...builtinInterfaces}
}

/** A converter of berth's schemas to plain ones, for {@link checkValue}; each subschema is converted once. */
export function createExpander(interfaces: Interfaces): (schema: ParamSchema, partial: boolean) => ParamSchema {
  const known = new WeakMap<ParamSchema, ParamSchema>()
  return (schema, partial) => {
    if (schema.kind === undefined && (partial || !takesOnlyNamed(schema))) return schema
    const expanded = known.get(schema) ?? expand(schema, interfaces)
    known.set(schema, expanded)
    return expanded
  }
}

function expand(schema: ParamSchema, interfaces: Interfaces): ParamSchema {
  if (schema.kind === undefined) return {...schema, additionalProperties: false}
  return kinds.get(schema.kind)?.schema(schema, interfaces) ?? schema
}

/**
 * An object that names its fields takes no others, unless it says so: a misspelt answer must not be ignored. Plain JSON Schema would
 * let it pass.
 */
export function takesOnlyNamed(schema: ParamSchema): boolean {
  const openers = ['additionalProperties', 'unevaluatedProperties', 'patternProperties', '$ref', 'allOf', 'if']
  return (
    typesOf(schema).includes('object') &&
    isRecord(schema.properties) &&
    openers.every(word => schema[word] === undefined)
  )
}

/** A schema with its local `$ref` followed; words beside the `$ref` win. */
export function followReference(schema: ParamSchema, root: ParamSchema, jumps = 0): ParamSchema {
  if (typeof schema.$ref !== 'string' || jumps > 20) return schema
  const target = resolveReference(schema.$ref, root)
  if (!isRecord(target)) return schema
  const {$ref: _followed, ...own} = schema
  return {...followReference(target as ParamSchema, root, jumps + 1), ...own}
}
