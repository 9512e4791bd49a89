import {type Budget, createBudget} from '../../expr/index.ts'
import {jsonType, type Path} from '../json.ts'
import type {ParamSchema} from '../types.ts'
import {numbers, textLength} from './bounds.ts'
import {checks} from './checks.ts'
import {combinators as standard} from './combinators.ts'
import {type Fault, listOf, typeWords} from './fault.ts'
import {missedFormat} from './formats.ts'
import type {Keyword, Keywords, Look, Schema} from './keyword.ts'
import {checkPattern} from './pattern.ts'
import {lists, objects, unevaluatedItems, unevaluatedProperties} from './structure.ts'

/** How schemas are to be read. */
export interface Dialect {
  /** What `checks` may cost, with whatever else is worked out for the same answers. */
  budget?: Budget
  /** Holds the `$defs` that `$ref: "#/…"` points into. */
  root: ParamSchema
  /** Turns berth's schema into plain JSON Schema: kinds, and objects that take no other fields than they name (unless `partial`). */
  expand(schema: ParamSchema, partial: boolean): ParamSchema
}

/** What says something of any value. */
const combinators = {...standard, ...checks}

const strings: Keywords<string> = {
  ...textLength,
  pattern: checkPattern,
  format(said, text, {path}) {
    const words = missedFormat(String(said), text)
    return words === undefined ? [] : [{path, code: 'format', message: `must be ${words}`, expected: said, got: text}]
  },
}

/** What applies to a value, by its type, in the order in which faults are told. */
const keywords: Readonly<Record<string, [string, Keyword<never>][]>> = {
  string: Object.entries({...strings, ...combinators}),
  number: Object.entries({...numbers, ...combinators}),
  array: Object.entries({...lists, ...combinators, ...unevaluatedItems}),
  object: Object.entries({...objects, ...combinators, ...unevaluatedProperties}),
  boolean: Object.entries(combinators),
  null: Object.entries(combinators),
}

/** Every keyword that says something about a value. */
export const checkedKeywords: readonly string[] = [
  ...new Set(['type', ...Object.values(keywords).flatMap(entries => entries.map(([word]) => word))]),
]

/** Schemas that a check may look at in all: a hostile one doubles its work with each `$ref`. The largest answers take a few per value. */
const mostLooks = 500_000

/** `$ref`s and combinators followed without a step into the value: bounds a schema that refers to itself. */
const mostJumps = 100

/**
 * A value against JSON Schema 2020-12: every fault, in friendly words, in the order of the value.
 *
 * Interpreted, not compiled: ajv needs 110–150 ms to compile 200 fields, more than all the rest of a command, and runs code that it made
 * of a stranger's schema. The vocabularies for core, applicators, unevaluated, validation and format are there; `$dynamicRef`, `$id`
 * and remote `$ref` are not (docs/decisions.md).
 */
export function checkValue(
  schema: Schema,
  value: unknown,
  path: Path,
  {root, expand, budget = createBudget('declaredCost')}: Dialect,
): Fault[] {
  let looks = 0
  return check(schema, value, path, false, 0, new Set())

  function check(
    given: Schema,
    value: unknown,
    path: Path,
    partial: boolean,
    jumps: number,
    seen: Look['seen'],
  ): Fault[] {
    if (given === true) return []
    if (given === false) return [{path, code: 'false', message: 'must not be given'}]
    if (jumps > mostJumps) return [{path, code: '$ref', message: 'cannot be checked: its schema refers to itself'}]
    if (++looks > mostLooks) return [{path, code: 'size', message: 'cannot be checked: its schema asks for too much'}]
    const schema = expand(given, partial)
    const wrongType = checkType(schema, value, path)
    if (wrongType.length > 0) return wrongType
    const look: Look = {
      schema,
      path,
      root,
      budget,
      seen,
      inside: (sub, part, step) => check(sub, part, [...path, step], false, 0, new Set()),
      beside(other, part = partial) {
        const seenThere = new Set<string | number>()
        const faults = check(other, value, path, part, jumps + 1, seenThere)
        if (faults.length === 0) for (const step of seenThere) seen.add(step)
        return faults
      },
    }
    const faults: Fault[] = []
    for (const [word, keyword] of keywords[jsonType(value)] ?? []) {
      if (schema[word] !== undefined) faults.push(...keyword(schema[word], value as never, look))
    }
    return faults
  }
}

/** The types that a schema names, in a list. */
export function typesOf(schema: ParamSchema): string[] {
  return schema.type === undefined ? [] : [schema.type].flat()
}

function checkType(schema: ParamSchema, value: unknown, path: Path): Fault[] {
  const types = typesOf(schema)
  if (types.length === 0 || types.some(type => isOfType(value, type))) return []
  const words = types.filter(type => type !== 'null' || types.length === 1).map(type => typeWords[type] ?? type)
  const expected = types.length === 1 ? types[0] : types
  return [{path, code: 'type', message: `must be ${listOf(words, 'or')}, is ${describe(value)}`, expected, got: value}]
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value)
  return jsonType(value) === type && (type !== 'number' || Number.isFinite(value))
}

function describe(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'a whole number' : 'a fraction'
  return typeWords[jsonType(value)] ?? typeof value
}
