import {isRecord, type Path, sameJson} from '../json.ts'
import {type Fault, notAmong, show} from './fault.ts'
import {type Keyword, type Keywords, type Look, type Schema, schemasIn} from './keyword.ts'
import {resolveReference} from './reference.ts'

/** Keywords about values of any type: choices, and schemas that look at the same value again. */
export const combinators: Keywords<unknown> = {
  const: (said, value, {path}) =>
    sameJson(said, value) ? [] : [{path, code: 'const', message: `must be ${show(said)}`, expected: said, got: value}],
  enum: (said, value, {path}) =>
    !Array.isArray(said) || said.some(choice => sameJson(choice, value)) ? [] : [notAmong(said, value, path)],
  $ref(said, _value, {path, root, beside}) {
    const target = resolveReference(String(said), root)
    if (target !== undefined) return beside(target)
    return [{path, code: '$ref', message: `cannot be checked: the package has no schema ${said}`}]
  },
  allOf: (said, _value, {beside}) => schemasIn(said).flatMap(part => beside(part, true)),
  anyOf: oneOfSeveral('anyOf', () => true),
  oneOf: oneOfSeveral('oneOf', fitting => fitting === 1),
  not: (said, _value, {path, beside}) =>
    beside(said as Schema, true).length > 0
      ? []
      : [{path, code: 'not', message: 'is a value that the package excludes', expected: {not: said}}],
  if(said, _value, {schema, beside}) {
    const branch = beside(said as Schema, true).length === 0 ? schema.then : schema.else
    return branch === undefined ? [] : beside(branch as Schema, true)
  },
}

function oneOfSeveral(code: string, enough: (fitting: number) => boolean): Keyword<unknown> {
  return (said, value, look) => {
    const branches = schemasIn(said)
    const results = branches.map(branch => look.beside(branch))
    const fitting = results.filter(faults => faults.length === 0).length
    if (fitting === 0) return explain(code, branches, results, value, look)
    const message = `fits ${fitting} of the forms that exclude each other`
    return enough(fitting) ? [] : [{path: look.path, code, message}]
  }
}

/** Speaks of the branch that was probably meant: choices by their list, objects by their discriminating field, else the nearest. */
function explain(code: string, branches: Schema[], results: Fault[][], value: unknown, {path, schema}: Look): Fault[] {
  const constants = branches.flatMap(branch => (isRecord(branch) && 'const' in branch ? [branch.const] : []))
  if (constants.length === branches.length) return [notAmong(constants, value, path)]
  const [first, second] = results.toSorted((a, b) => distance(a, path) - distance(b, path))
  if (first !== undefined && (second === undefined || distance(first, path) < distance(second, path))) return first
  const words = schema['x-berth-expected'] ?? `one of the ${branches.length} forms it may have`
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
