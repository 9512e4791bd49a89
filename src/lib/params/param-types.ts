import type {ExprType} from '../expr/index.ts'
import {choicesOf, type Declaration, unsetValue} from './declaration.ts'
import {type Field, isNullable, isOptionalGroup, readFields} from './fields.ts'
import {isRecord} from './json.ts'
import {typesOf} from './schema/check.ts'
import type {Interfaces, ParametersSchema, ParamSchema} from './types.ts'

/** The type of `params` in expressions: what may be null says so, and its use wants a guard. */
export function paramTypes(parameters: ParametersSchema, interfaces?: Interfaces): ExprType {
  const fields = readFields(parameters, interfaces)
  return groupType(fields.whole)

  function groupType({children}: Field): ExprType {
    return {t: 'object', fields: Object.fromEntries(children.map(field => [field.key, fieldType(field)]))}
  }

  function fieldType(field: Field): ExprType {
    const type = field.group ? groupType(field) : typeOf(field.param, fields, 0)
    return isNullable(field) || isOptionalGroup(field) ? orNull(type) : type
  }
}

function typeOf(declared: ParamSchema, declaration: Declaration, depth: number): ExprType {
  const param = declaration.follow(declared)
  if (depth > 16) return {t: 'dyn'}
  const kind = declaration.kindOf(param)
  if (kind !== undefined) return kind.type(param, declaration.interfaces)
  const choices = choicesOf(param)
  const types = typesOf(param)
  const found = types.length === 0 ? new Set(choices.map(exprTypeOf)) : new Set(types)
  const nullable = found.delete('null')
  if (found.has('number')) found.delete('integer')
  const [type, another] = found
  const known = another === undefined ? (plain[type ?? ''] ?? structured(type)) : undefined
  return nullable ? orNull(known ?? {t: 'dyn'}) : (known ?? {t: 'dyn'})

  function structured(type: string | undefined): ExprType | undefined {
    if (type === 'object') return entryType(param, inner, declaration)
    if (type !== 'array') return undefined
    return {t: 'list', of: param.prefixItems === undefined ? inner(param.items) : {t: 'dyn'}}
  }

  function inner(schema: unknown): ExprType {
    return isRecord(schema) ? typeOf(schema as ParamSchema, declaration, depth + 1) : {t: 'dyn'}
  }
}

/** An object within a list, or a dictionary. */
function entryType(param: ParamSchema, typeOf: (schema: unknown) => ExprType, {follow}: Declaration): ExprType {
  const {properties, additionalProperties, patternProperties, anyOf, oneOf, required} = param
  if (patternProperties !== undefined || anyOf !== undefined || oneOf !== undefined) return {t: 'dyn'}
  if (properties === undefined) return {t: 'map', of: typeOf(additionalProperties)}
  const fields = Object.entries(properties).map(([key, schema]) => {
    const {default: byDefault, ...one} = follow(schema)
    const there = required?.includes(key) === true || (byDefault ?? unsetValue(one)) !== null
    return [key, there ? typeOf(schema) : orNull(typeOf(schema))]
  })
  return {t: 'object', fields: Object.fromEntries(fields)}
}

const plain: Record<string, ExprType> = {
  string: {t: 'string'},
  integer: {t: 'int'},
  number: {t: 'double'},
  boolean: {t: 'bool'},
}

function exprTypeOf(choice: unknown): string {
  if (Number.isInteger(choice)) return 'integer'
  return choice === null ? 'null' : typeof choice === 'object' ? 'any' : typeof choice
}

function orNull(type: ExprType): ExprType {
  return type.t === 'nullable' || type.t === 'null' || type.t === 'dyn' ? type : {t: 'nullable', of: type}
}
