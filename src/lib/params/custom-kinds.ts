import {pick} from './json.ts'
import {mapSubschemas} from './schema/words.ts'
import type {CustomKind, ParametersSchema, ParamSchema} from './types.ts'

/** The kinds that a package adds, by name. */
export type CustomKinds = Readonly<Record<string, CustomKind>>

/** How deep kinds extend or hold others, and how many schemas they may come to: a hostile package doubles them with each. */
const deepest = 8
const most = 1000

/** Words that tell rather than restrain: a parameter's own take the place of its kind's. */
const telling = ['title', 'description', 'default', 'examples', 'placeholder', 'kind']

/**
 * Parameters with the kinds that a package adds written out: what they extend, with their schema, checks and choices. Everything after
 * it knows built-in kinds only. A kind that leads to itself, or to too many, is left as it is, and unknown then.
 */
export function expandKinds<S extends ParamSchema | ParametersSchema>(parameters: S, kinds: CustomKinds): S {
  let left = most
  return Object.keys(kinds).length === 0 ? parameters : (expand(parameters as ParamSchema, 0) as S)

  function expand(schema: ParamSchema, depth: number): ParamSchema {
    const {kind: name = '', ...own} = schema
    const custom = Object.hasOwn(kinds, name) && depth < deepest && left > 0 ? kinds[name] : undefined
    if (depth > 0) left--
    if (custom === undefined) return mapSubschemas(schema, part => expand(part, depth))
    return expand(written(custom, own), depth + 1)
  }
}

function written(
  {extends: base, schema = {}, check, message, choices, title, description}: CustomKind,
  own: ParamSchema,
) {
  const restraints = Object.keys(schema).filter(word => word in own && !telling.includes(word))
  const allOf = [schema.allOf, own.allOf, restraints.length > 0 ? [pick(schema, restraints)] : []].flatMap(said =>
    Array.isArray(said) ? said : [],
  )
  const checks = [
    ...(check === undefined ? [] : [pick({check, message}, ['check', 'message'])]),
    ...(Array.isArray(own.checks) ? own.checks : []),
  ]
  const said = {title, description, ...schema, kind: base, choices, ...own}
  const more = {...(allOf.length > 0 && {allOf}), ...(checks.length > 0 && {checks})}
  return Object.fromEntries(
    Object.entries({...said, ...more}).filter(([, value]) => value !== undefined),
  ) as ParamSchema
}
