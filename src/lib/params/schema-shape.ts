import {readDeclaration} from './declaration.ts'
import {isRecord, toPointer} from './json.ts'
import {checkValue} from './schema/check.ts'
import type {ParametersSchema, ParamSchema} from './types.ts'

/** What is wrong with a declaration of parameters, for lint. */
export interface SchemaFault {
  /** Where in `parameters`: a JSON pointer such as `/properties/poll/minimum`. */
  pointer: string
  /** Stable: `unknown-kind`, `unknown-word`, `cycle`, … */
  rule: string
  message: string
}

const text = {type: 'string'}
const truth = {type: 'boolean'}
const number = {type: 'number'}
const count = {type: 'integer', minimum: 0}
const list = {type: 'array'}
const texts = {type: 'array', items: text}
const object = {type: 'object'}
const schema = {$ref: '#'}
const schemas = {type: 'array', items: schema, minItems: 1}
const schemasByName = {type: 'object', additionalProperties: schema}
const check = {type: 'object', properties: {check: text, message: text}, required: ['check']}

/** The words of each shape. What is not here may have any value, or is told by its kind: `const`, `default`, `generate`, `rotate`, … */
const shapes: readonly [ParamSchema, string][] = [
  [text, '$ref $anchor $comment title description format pattern contentEncoding contentMediaType'],
  [text, 'kind when group placeholder'],
  [truth, 'deprecated readOnly writeOnly uniqueItems immutable advanced'],
  [number, 'minimum maximum exclusiveMinimum exclusiveMaximum order'],
  [{type: 'number', exclusiveMinimum: 0}, 'multipleOf'],
  [count, 'minLength maxLength minItems maxItems minContains maxContains minProperties maxProperties days'],
  [{anyOf: [text, {...texts, minItems: 1}], 'x-berth-expected': 'a type, or a list of types'}, 'type'],
  [texts, 'required formerly suggest'],
  [list, 'examples'],
  [{type: 'array', minItems: 1}, 'enum'],
  [schema, 'items contains not if then else propertyNames'],
  [schema, 'additionalProperties unevaluatedItems unevaluatedProperties'],
  [schemas, 'allOf anyOf oneOf prefixItems'],
  [schemasByName, 'properties $defs patternProperties dependentSchemas'],
  [{type: 'object', additionalProperties: texts}, 'dependentRequired'],
  [object, 'request'],
  [{type: 'array', items: check}, 'checks'],
  [{type: 'object', properties: {from: text, where: text}, required: ['from']}, 'choices'],
]

/** The schema of schemas, without names of words: those that there are not, lint tells with what was meant. */
const schemaOfSchemas: ParamSchema = {
  type: ['object', 'boolean'],
  properties: Object.fromEntries(shapes.flatMap(([shape, words]) => words.split(' ').map(word => [word, shape]))),
}

/** Words whose values mean nothing: whatever reads a declaration counts on it that there are none. */
export function shapeFaults(parameters: ParametersSchema | ParamSchema): SchemaFault[] {
  const faults = checkValue(schemaOfSchemas, parameters, [], {root: schemaOfSchemas, expand: one => one})
  return faults.map(({path, message}) => ({pointer: toPointer(path), rule: 'shape', message}))
}

/** Fields of parameters and of entries of lists, in all: each is a field of the form, and has a type. */
const most = 2_000

/** As deep as groups are looked into: what refers to itself ends there. */
const deepest = 32

/** The parameter with which a declaration comes to more than anyone can fill in: `$ref`s double what they lead to with each step. */
export function sizeFaults(parameters: ParametersSchema): SchemaFault[] {
  const {root, follow} = readDeclaration(parameters)
  let left = most
  const tooMuch = Object.entries(root.properties ?? {}).find(([, param]) => !fits(param, 1))
  if (tooMuch === undefined) return []
  const message = `is too much: with all that $ref leads to, the parameters come to over ${most} fields`
  return [{pointer: toPointer(['properties', tooMuch[0]]), rule: 'size', message}]

  function fits(declared: unknown, depth: number): boolean {
    if (!isRecord(declared) || depth > deepest) return true
    if (left-- <= 0) return false
    const {properties = {}, items, additionalProperties} = follow(declared)
    return [...Object.values(properties), items, additionalProperties].every(part => fits(part, depth + 1))
  }
}
