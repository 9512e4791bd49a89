import type {Evaluation} from './evaluate-fields.ts'
import {createExpander, takesOnlyNamed} from './expand.ts'
import type {Field} from './fields.ts'
import {isRecord} from './pointer.ts'
import {checkValue} from './schema/check.ts'
import type {Fault} from './schema/fault.ts'
import {unknownField} from './schema/structure.ts'
import type {Answers, ParamSchema} from './types.ts'

/** Words about an object that its fields alone do not settle. */
const acrossFields = [
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'minProperties',
  'maxProperties',
  'propertyNames',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
]

/** Answers that no field takes, in every group: never dropped, never ignored. */
export function checkUnknown(evaluation: Evaluation, answers: Answers): Fault[] {
  const {plan, root} = evaluation
  return visit(plan.fields, root, answers, [])

  function visit(fields: readonly Field[], schema: ParamSchema, given: unknown, path: string[]): Fault[] {
    if (!isRecord(given)) return []
    const names = fields.map(field => field.path.at(-1) ?? '')
    return Object.keys(given).flatMap(key => {
      const field = fields.find(candidate => candidate.path.at(-1) === key)
      if (field?.group) return visit(field.children, field.param, given[key], field.path)
      return field === undefined && takesOnlyNamed({type: 'object', ...schema})
        ? [unknownField(key, [...path, key], names)]
        : []
    })
  }
}

/** Conditions of JSON Schema across the fields of a group, over what is in force: answers and defaults. */
export function checkGroups(evaluation: Evaluation): Fault[] {
  const {plan, root, states, interfaces} = evaluation
  const expand = createExpander(interfaces)
  return [
    ...checkOne(root, plan.fields, []),
    ...[...states.values()].flatMap(({planned: {field}, active, value}) =>
      field.group && active === true && value !== null ? checkOne(field.param, field.children, field.path) : [],
    ),
  ]

  function checkOne(schema: ParamSchema, children: readonly Field[], path: string[]): Fault[] {
    const words = acrossFields.filter(word => schema[word] !== undefined)
    if (words.length === 0) return []
    const residual: ParamSchema = Object.fromEntries(words.map(word => [word, schema[word]]))
    residual.properties = Object.fromEntries(children.map(child => [child.path.at(-1) ?? '', {}]))
    if (descendants(children).some(child => states.get(child)?.faulty)) return []
    return checkValue(residual, inForce(children, path), path, {
      root,
      expand: (sub, partial) => (sub === residual ? sub : expand(sub, partial)),
    })
  }

  function inForce(children: readonly Field[], path: readonly string[]): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    const parent =
      path.length === 0 ? undefined : [...states.values()].find(({planned}) => planned.field.name === path.join('.'))
    if (isRecord(parent?.value)) Object.assign(object, parent.value)
    for (const child of children) {
      const key = child.path.at(-1) ?? ''
      const state = states.get(child)
      delete object[key]
      if (state?.active !== true || state.value === null) continue
      if (child.group) object[key] = inForce(child.children, child.path)
      else object[key] = state.effective ?? {$kept: true}
    }
    return object
  }
}

function descendants(fields: readonly Field[]): Field[] {
  return fields.flatMap(field => [field, ...descendants(field.children)])
}
