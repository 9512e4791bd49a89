import type {PlannedField} from './field-plan.ts'
import {type Field, isOptionalGroup} from './fields.ts'
import type {KindResult} from './kinds/kind.ts'
import {valueAt} from './pointer.ts'
import type {Fault} from './schema/fault.ts'
import type {Answers} from './types.ts'

/** What is known of a field after it was looked at. */
export interface FieldState {
  planned: PlannedField
  /** Does it exist: do its condition and its parents' hold? Undefined: what the condition reads is itself wrong. */
  active: boolean | undefined
  /** In its long form; undefined when not given. */
  answer: unknown
  /** Answer, else default: what is checked against the schema. */
  effective: unknown
  /** As far as it could be evaluated. */
  default: unknown
  /** What expressions see. */
  value: unknown
  /** It is wrong or missing, so nothing that reads it can be judged. */
  faulty: boolean
  faults: Fault[]
  result: KindResult | undefined
}

/** A field's answer as given, or undefined; null counts as not given unless null is a value that the field takes. */
export function givenAnswer(field: Field, answers: Answers): unknown {
  const given = valueAt(answers, field.path)
  const takesNull = field.param.type !== undefined && [field.param.type].flat().includes('null')
  return given === null && !takesNull ? undefined : given
}

/** A state for a field that does not exist at present. */
export function absent(planned: PlannedField, active: boolean | undefined, answer: unknown): FieldState {
  return {
    planned,
    active,
    answer,
    effective: undefined,
    default: undefined,
    value: null,
    faulty: active === undefined,
    faults: [],
    result: undefined,
  }
}

/** Is the field within a group that was left out? */
export function isWithinAbsent(field: Field, stateOf: (field: Field) => FieldState | undefined): boolean {
  const {parent} = field
  if (parent === undefined) return false
  const state = stateOf(parent)
  return state?.active !== true || (isOptionalGroup(parent) && state.answer === undefined)
}
