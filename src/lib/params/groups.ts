import {takesOnlyNamed} from './declaration.ts'
import {type Evaluation, isFaulty} from './evaluate.ts'
import type {Field} from './fields.ts'
import {isRecord, leadsInto, pick, valueAt} from './json.ts'
import {checkValue} from './schema/check.ts'
import {type Fault, unknownField} from './schema/fault.ts'
import {acrossFields} from './schema/structure.ts'
import {valueReferences} from './shared-values.ts'
import type {ParamSchema} from './types.ts'

/** What the fields of a group do not settle each by itself: answers that no field takes, and conditions of JSON Schema across them. */
export function checkGroups({fields, answers, stateOf}: Evaluation): Fault[] {
  const groups = [fields.whole, ...fields.all.filter(({group}) => group)]
  return [...groups.flatMap(unknownIn), ...groups.flatMap(checkAcross)]

  /** Never dropped, never ignored. */
  function unknownIn({param, path, children}: Field): Fault[] {
    const given = valueAt(answers, path)
    if (!isRecord(given) || !takesOnlyNamed({type: 'object', ...param})) return []
    // a shared value that could not be taken stands here still, and is told already
    if (valueReferences(given)[0]?.path.length === 0) return []
    const names = children.map(({key}) => key)
    return Object.keys(given).flatMap(key => (names.includes(key) ? [] : [unknownField(key, [...path, key], names)]))
  }

  /** Over what is in force: answers and defaults. */
  function checkAcross(group: Field): Fault[] {
    const {active, value} = stateOf(group)
    const across: ParamSchema = pick(group.param, acrossFields)
    if (active !== true || value === null || Object.keys(across).length === 0) return []
    if (fields.all.some(field => leadsInto(field.path, group.path) && isFaulty(stateOf(field)))) return []
    across.properties = Object.fromEntries(group.children.map(({key}) => [key, {}]))
    return checkValue(across, inForce(group), group.path, fields)
  }

  function inForce(group: Field): Record<string, unknown> {
    const object = {...(stateOf(group).value as Record<string, unknown>)}
    for (const child of group.children) {
      const {active, value, effective} = stateOf(child)
      delete object[child.key]
      if (active !== true || value === null) continue
      // a secret that is kept or generated has no answer, but it is there
      object[child.key] = child.group ? inForce(child) : (effective ?? {$kept: true})
    }
    return object
  }
}
