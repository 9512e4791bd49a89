import {isRecord, type Path} from '../pointer.ts'
import type {ParamSchema} from '../types.ts'
import type {Checking} from './checking.ts'
import type {Fault} from './fault.ts'
import {resolveReference} from './reference.ts'
import {notAmong} from './values.ts'

type Schema = ParamSchema | boolean

/** `$ref`, `allOf`, `anyOf`, `oneOf`, `not`, `if`. Each looks at the same value again, so each counts as a jump. */
export function checkCombinators(schema: ParamSchema, value: unknown, path: Path, outer: Checking): Fault[] {
  const checking = {...outer, jumps: outer.jumps + 1}
  const partial = {...checking, partial: true}
  const faults: Fault[] = []
  if (typeof schema.$ref === 'string') {
    const target = resolveReference(schema.$ref, checking.root)
    if (target === undefined) {
      faults.push({path, code: '$ref', message: `cannot be checked: the package has no schema ${schema.$ref}`})
    } else {
      faults.push(...checking.check(target, value, path, checking))
    }
  }
  for (const part of list(schema.allOf)) faults.push(...checking.check(part, value, path, partial))
  const words = typeof schema['x-berth-expected'] === 'string' ? schema['x-berth-expected'] : undefined
  if (Array.isArray(schema.anyOf)) faults.push(...checkAny(list(schema.anyOf), value, path, checking, words))
  if (Array.isArray(schema.oneOf)) faults.push(...checkOne(list(schema.oneOf), value, path, checking, words))
  if (schema.not !== undefined && checking.check(schema.not as Schema, value, path, partial).length === 0) {
    faults.push({path, code: 'not', message: 'is a value that the package excludes', expected: {not: schema.not}})
  }
  if (schema.if !== undefined) {
    const branch = checking.check(schema.if as Schema, value, path, partial).length === 0 ? schema.then : schema.else
    if (branch !== undefined) faults.push(...checking.check(branch as Schema, value, path, partial))
  }
  return faults
}

function list(value: unknown): Schema[] {
  return Array.isArray(value) ? value : []
}

function checkAny(branches: Schema[], value: unknown, path: Path, checking: Checking, words?: string): Fault[] {
  const results = branches.map(branch => checking.check(branch, value, path, checking))
  return results.some(faults => faults.length === 0) ? [] : explain('anyOf', branches, results, value, path, words)
}

function checkOne(branches: Schema[], value: unknown, path: Path, checking: Checking, words?: string): Fault[] {
  const results = branches.map(branch => checking.check(branch, value, path, checking))
  const fitting = results.filter(faults => faults.length === 0).length
  if (fitting === 1) return []
  if (fitting > 1) {
    return [{path, code: 'oneOf', message: `fits ${fitting} of the forms that exclude each other`}]
  }
  return explain('oneOf', branches, results, value, path, words)
}

/** Speaks of the branch that was probably meant: choices by their list, objects by their discriminating field, else the nearest. */
function explain(
  code: string,
  branches: Schema[],
  results: Fault[][],
  value: unknown,
  path: Path,
  words = `one of the ${branches.length} forms it may have`,
): Fault[] {
  const constants = branches.flatMap(branch => (isRecord(branch) && 'const' in branch ? [branch.const] : []))
  if (constants.length === branches.length) return [notAmong(constants, value, path, 'enum')]
  const nearest = [...results].sort((a, b) => distance(a, path) - distance(b, path))
  const [first, second] = nearest
  if (first !== undefined && (second === undefined || distance(first, path) < distance(second, path))) return first
  return [{path, code, message: `must be ${words}`, got: value}]
}

/**
 * How far a branch is from the value. Another branch was probably meant where the type is wrong, a constant differs, or a field at the
 * top is missing or unknown: those discriminate; what is wrong deeper inside does not.
 */
function distance(faults: Fault[], path: Path): number {
  return faults.reduce((sum, {code, path: at}) => {
    const depth = at.length - path.length
    if (depth === 0 && code === 'type') return sum + 1000
    if (code === 'const' || code === 'enum') return sum + 100
    return sum + (depth === 1 && (code === 'unknown' || code === 'required') ? 20 : 1)
  }, 0)
}
