import type {Path} from '../pointer.ts'
import type {ParamSchema} from '../types.ts'
import type {Checking} from './checking.ts'
import {checkCombinators} from './combinators.ts'
import {type Fault, listOf} from './fault.ts'
import {checkNumber} from './number.ts'
import {checkArray, checkObject} from './structure.ts'
import {checkString} from './text.ts'
import {notAmong, sameJson, show, typesOf} from './values.ts'

/**
 * A value against JSON Schema 2020-12: every fault, in friendly words, in the order of the value.
 *
 * Interpreted, not compiled: ajv needs 110–150 ms to compile 200 fields, more than all the rest of a command, and runs code that it made
 * of a stranger's schema. The vocabularies for core, applicators, unevaluated, validation and format are there; `$dynamicRef`, `$id`
 * and remote `$ref` are not (docs/decisions.md).
 */
export function checkValue(
  schema: ParamSchema | boolean,
  value: unknown,
  path: Path,
  checking: Pick<Checking, 'root' | 'expand'>,
): Fault[] {
  return check(schema, value, path, {...checking, partial: false, jumps: 0, check})
}

function check(given: ParamSchema | boolean, value: unknown, path: Path, checking: Checking): Fault[] {
  if (given === true) return []
  if (given === false) return [{path, code: 'false', message: 'must not be given'}]
  const schema = checking.expand(given, checking.partial)
  if (checking.jumps > 100) return [{path, code: '$ref', message: 'cannot be checked: its schema refers to itself'}]

  const wrongType = checkType(schema, value, path)
  if (wrongType !== undefined) return [wrongType]
  return [
    ...checkChoice(schema, value, path),
    ...checkString(schema, value, path),
    ...checkNumber(schema, value, path),
    ...checkArray(schema, value, path, checking),
    ...checkObject(schema, value, path, checking),
    ...checkCombinators(schema, value, path, checking),
  ]
}

const typeWords: Record<string, string> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
}

function checkType(schema: ParamSchema, value: unknown, path: Path): Fault | undefined {
  const types = typesOf(schema)
  if (types.length === 0 || types.some(type => isOfType(value, type))) return undefined
  const words = types.filter(type => type !== 'null' || types.length === 1).map(type => typeWords[type] ?? type)
  return {
    path,
    code: 'type',
    message: `must be ${listOf(words, 'or')}, is ${describe(value)}`,
    expected: types.length === 1 ? types[0] : types,
    got: value,
  }
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'null':
      return value === null
    default:
      return typeof value === type
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number') return Number.isInteger(value) ? 'a whole number' : 'a fraction'
  return typeWords[typeof value] ?? typeof value
}

function checkChoice(schema: ParamSchema, value: unknown, path: Path): Fault[] {
  if ('const' in schema && !sameJson(schema.const, value)) {
    return [{path, code: 'const', message: `must be ${show(schema.const)}`, expected: schema.const, got: value}]
  }
  const choices = schema.enum
  if (!Array.isArray(choices) || choices.some(choice => sameJson(choice, value))) return []
  return [notAmong(choices, value, path)]
}
