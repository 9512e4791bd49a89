import type {ExprType} from '../expr/index.ts'
import {allInterfaces, followReference} from './expand.ts'
import {type Field, isNullable, isOptionalGroup, listFields, rootSchema, unsetValue} from './fields.ts'
import {kinds} from './kinds/index.ts'
import type {Interfaces} from './kinds/kind.ts'
import {isRecord} from './pointer.ts'
import {typesOf} from './schema/values.ts'
import type {ParametersSchema, ParamSchema} from './types.ts'

/** The type of `params` in expressions: what may be null says so, and its use wants a guard. */
export function paramTypes(parameters: ParametersSchema, interfaces: Interfaces = {}): ExprType {
  const root = rootSchema(parameters)
  const reach = allInterfaces(interfaces)
  return objectOf(listFields(parameters))

  function objectOf(fields: readonly Field[]): ExprType {
    return {t: 'object', fields: Object.fromEntries(fields.map(field => [field.path.at(-1) ?? '', typeOfField(field)]))}
  }

  function typeOfField(field: Field): ExprType {
    const type = field.group ? objectOf(field.children) : typeOf(field.param, 0)
    const nullable = isNullable(field) || (field.group && isOptionalGroup(field))
    return nullable ? orNull(type) : type
  }

  function typeOf(declared: ParamSchema, depth: number): ExprType {
    const param = followReference(declared, root)
    if (depth > 16) return {t: 'dyn'}
    const kind = param.kind === undefined ? undefined : kinds.get(param.kind)
    if (kind !== undefined) return kind.type(param, reach)
    const choices = choicesOf(param)
    const types = typesOf(param)
    const single = types.filter(type => type !== 'null')
    const found = types.length === 0 && choices.length > 0 ? typeOfValues(choices) : typeOfNamed(single, param, depth)
    return types.includes('null') || choices.includes(null) ? orNull(found) : found
  }

  function typeOfNamed(types: string[], param: ParamSchema, depth: number): ExprType {
    if (types.length === 2 && types.includes('integer') && types.includes('number')) return {t: 'double'}
    const [type] = types
    if (types.length !== 1 || type === undefined) return {t: 'dyn'}
    if (type === 'array') return {t: 'list', of: listType(param, depth)}
    if (type === 'object') return entryType(param, depth)
    return plain[type] ?? {t: 'dyn'}
  }

  function listType(param: ParamSchema, depth: number): ExprType {
    return isRecord(param.items) && param.prefixItems === undefined ? typeOf(param.items, depth + 1) : {t: 'dyn'}
  }

  /** An object within a list, or a dictionary. */
  function entryType(param: ParamSchema, depth: number): ExprType {
    if (param.patternProperties !== undefined || param.anyOf !== undefined || param.oneOf !== undefined)
      return {t: 'dyn'}
    const {properties, additionalProperties} = param
    if (properties === undefined) {
      return {
        t: 'map',
        of: isRecord(additionalProperties) ? typeOf(additionalProperties as ParamSchema, depth + 1) : {t: 'dyn'},
      }
    }
    const fields = Object.entries(properties).map(([key, schema]) => {
      const type = typeOf(schema, depth + 1)
      const byDefault = schema.default ?? unsetValue(schema)
      const there = param.required?.includes(key) === true || byDefault !== null
      return [key, there ? type : orNull(type)]
    })
    return {t: 'object', fields: Object.fromEntries(fields)}
  }
}

const plain: Record<string, ExprType> = {
  string: {t: 'string'},
  integer: {t: 'int'},
  number: {t: 'double'},
  boolean: {t: 'bool'},
}

function orNull(type: ExprType): ExprType {
  return type.t === 'nullable' || type.t === 'null' || type.t === 'dyn' ? type : {t: 'nullable', of: type}
}

/** The values that `enum`, `const` or a `oneOf` of constants allow. */
export function choicesOf(param: ParamSchema): unknown[] {
  if ('const' in param) return [param.const]
  if (Array.isArray(param.enum)) return param.enum
  const branches = [param.oneOf, param.anyOf].find(Array.isArray) ?? []
  const constants = branches.flatMap(branch => (isRecord(branch) && 'const' in branch ? [branch.const] : []))
  return constants.length === branches.length ? constants : []
}

function typeOfValues(values: unknown[]): ExprType {
  const kindsOfValue = new Set(values.filter(value => value !== null).map(value => typeof value))
  if (kindsOfValue.size !== 1) return {t: 'dyn'}
  if (kindsOfValue.has('string')) return {t: 'string'}
  if (kindsOfValue.has('boolean')) return {t: 'bool'}
  if (!kindsOfValue.has('number')) return {t: 'dyn'}
  return values.every(value => value === null || Number.isInteger(value)) ? {t: 'int'} : {t: 'double'}
}
