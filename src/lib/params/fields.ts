import {followReference} from './expand.ts'
import {kinds} from './kinds/index.ts'
import type {Kind} from './kinds/kind.ts'
import {isRecord} from './pointer.ts'
import {typesOf} from './schema/values.ts'
import type {ParametersSchema, ParamSchema} from './types.ts'

/** A declared parameter in its place. Fields of a nested object (a group) are fields of their own; entries of lists are not. */
export interface Field {
  path: string[]
  /** Dotted: `smtp.port`. */
  name: string
  /** With `$ref` followed. */
  param: ParamSchema
  kind: Kind | undefined
  group: boolean
  /** Its parent asks for it. */
  required: boolean
  /** Its own, or its part of a group's. */
  default: unknown
  parent: Field | undefined
  children: Field[]
}

/** Parameters as one schema of an object. */
export function rootSchema(parameters: ParametersSchema): ParamSchema {
  return {type: 'object', ...parameters} as ParamSchema
}

/** The top-level fields in the form's order, with their children. */
export function listFields(parameters: ParametersSchema): Field[] {
  const root = rootSchema(parameters)
  return children(root, undefined, undefined)

  function children(schema: ParamSchema, parent: Field | undefined, defaults: unknown): Field[] {
    const fields = Object.entries(schema.properties ?? {}).map(([key, declared]): Field => {
      const param = followReference(declared, root)
      const path = [...(parent?.path ?? []), key]
      const fromGroup = isRecord(defaults) && Object.hasOwn(defaults, key) ? defaults[key] : undefined
      const field: Field = {
        path,
        name: path.join('.'),
        param,
        kind: param.kind === undefined ? undefined : kinds.get(param.kind),
        group: isGroup(param) && path.length < 32,
        required: schema.required?.includes(key) === true,
        default: fromGroup ?? param.default,
        parent,
        children: [],
      }
      if (field.group) field.children = children(param, field, field.default)
      return field
    })
    return inOrder(fields)
  }
}

/** Every field, groups before their children. */
export function flatten(fields: readonly Field[]): Field[] {
  return fields.flatMap(field => [field, ...flatten(field.children)])
}

function isGroup(param: ParamSchema): boolean {
  const types = typesOf(param)
  return (
    param.kind === undefined &&
    isRecord(param.properties) &&
    (types.length === 0 || (types.length === 1 && types[0] === 'object'))
  )
}

/** By `order` where it is given; the rest keep their places after those before them. */
function inOrder(fields: Field[]): Field[] {
  const rank = (field: Field) => (typeof field.param.order === 'number' ? field.param.order : 0)
  return fields.some(field => rank(field) !== 0) ? [...fields].sort((a, b) => rank(a) - rank(b)) : fields
}

/**
 * Does the field have a value without an answer? Groups do when everything they require does, so that `params.limits.cpu` needs no
 * guard where nothing in `limits` must be answered.
 */
export function fillsItself(field: Field): boolean {
  if (field.default !== undefined && field.default !== null) return true
  if (field.kind?.fills?.(field.param) === true) return true
  return field.group && field.children.every(child => !child.required || fillsItself(child))
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

/** May templates see null? Then they must guard. */
export function isNullable(field: Field): boolean {
  const there = field.required || fillsItself(field) || unsetValue(field.param) !== null
  return field.param.when !== undefined || !there
}

/**
 * A group that exists only once something in it is answered. One with a condition is not: where the condition holds, it is there, and
 * what it requires must be answered.
 */
export function isOptionalGroup(field: Field): boolean {
  return field.group && !field.required && field.param.when === undefined && !fillsItself(field)
}
