import {pick} from './json.ts'
import {mapSubschemas} from './schema/words.ts'
import type {CustomKind, ParametersSchema, ParamSchema} from './types.ts'

/** The kinds that a package adds, by name. */
export type CustomKinds = Readonly<Record<string, CustomKind>>

/** Further kinds in kinds nest this deep. */
const deepest = 8

/** Words that tell rather than restrain: a parameter's own take the place of its kind's. */
const telling = ['title', 'description', 'default', 'examples', 'placeholder', 'kind']

/**
 * Parameters with the kinds that a package adds written out: what they extend, with their schema, checks and choices. Everything after
 * it knows built-in kinds only. A kind that leads to itself is left as it is, and unknown then.
 */
export function expandKinds(parameters: ParametersSchema, kinds: CustomKinds): ParametersSchema {
  return Object.keys(kinds).length === 0 ? parameters : (expandKind(parameters, kinds) as ParametersSchema)
}

/** One schema, and those within it. */
export function expandKind(schema: ParamSchema, kinds: CustomKinds, depth = 0): ParamSchema {
  const {kind: name = '', ...own} = schema
  const custom = Object.hasOwn(kinds, name) && depth < deepest ? kinds[name] : undefined
  if (custom === undefined) return mapSubschemas(schema, part => expandKind(part, kinds, depth))
  return expandKind(written(custom, own), kinds, depth + 1)
}

function written(
  {extends: base, schema = {}, check, message, choices, title, description}: CustomKind,
  own: ParamSchema,
) {
  const restraints = Object.keys(schema).filter(word => word in own && !telling.includes(word))
  const allOf = [schema.allOf, own.allOf, restraints.length > 0 ? [pick(schema, restraints)] : []].flatMap(said =>
    Array.isArray(said) ? said : [],
  )
  const checks = [...(check === undefined ? [] : [{check, message}]), ...(Array.isArray(own.checks) ? own.checks : [])]
  const said = {title, description, ...schema, kind: base, choices, ...own}
  const more = {...(allOf.length > 0 && {allOf}), ...(checks.length > 0 && {checks})}
  return Object.fromEntries(
    Object.entries({...said, ...more}).filter(([, value]) => value !== undefined),
  ) as ParamSchema
}
