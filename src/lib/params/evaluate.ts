import {createBudget, type EvaluateOptions, type Scope} from '../expr/index.ts'
import {takesNull, unsetValue} from './declaration.ts'
import type {Computed, Outcome} from './expressions.ts'
import {type Field, type Fields, isOptionalGroup, readFields, reads} from './fields.ts'
import {isRecord, leadsInto, type Path, sameJson, valueAt} from './json.ts'
import type {KindResult} from './kinds/kind.ts'
import {paramTypes} from './param-types.ts'
import {readAnswer} from './read-answer.ts'
import {renameAnswers, renameKept} from './renames.ts'
import {checkValue} from './schema/check.ts'
import type {Fault} from './schema/fault.ts'
import {takeValues, type ValueReference} from './shared-values.ts'
import type {Answers, ParametersSchema, ResolveContext} from './types.ts'

/** What is known of a field after it was looked at. */
export interface FieldState {
  field: Field
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
  faults: Fault[]
  result: KindResult | undefined
}

/** Everything known of the fields for some answers. */
export interface Evaluation {
  fields: Fields
  /** Under the names that this version uses. */
  answers: Answers
  context: ResolveContext
  /** Names of kept secrets, as this version calls them, each with the one it is kept under. */
  kept: Map<string, string>
  renameFaults: Fault[]
  /** Where shared values stand in the answers. */
  references: ValueReference[]
  /** What expressions see: `params`, `app`, `cluster`, `images`. */
  scope: Scope & {params: Record<string, unknown>}
  /** The types of what they see; and what they may cost, all together. */
  options: EvaluateOptions
  stateOf(field: Field): FieldState
}

/**
 * Looks at every field in an order in which conditions and defaults find what they read. Never throws for what users or packages do
 * wrong: faults stay with their fields, and fields that read a faulty one are not judged.
 */
export async function evaluateFields(
  parameters: ParametersSchema,
  given: Answers,
  surroundings: ResolveContext,
): Promise<Evaluation> {
  const budget = createBudget('declaredCost')
  const fields: Fields = {...readFields(parameters, surroundings.interfaces), budget}
  const {interfaces, whole} = fields
  const {answers: renamed, faults: renameFaults} = renameAnswers(fields.all, given)
  const taken = takeValues(renamed, surroundings.shared?.values ?? {}, fields)
  const {answers} = taken
  const kept = renameKept(fields.all, surroundings.kept)
  const published = {...surroundings.published}
  for (const [now, was] of kept) if (published[was] !== undefined) published[now] ??= published[was]
  const context = {...surroundings, kept: new Set(kept.keys()), published}
  const {app, cluster, images} = context
  const params: Record<string, unknown> = Object.fromEntries(whole.children.map(({key}) => [key, null]))
  const scope = {params, app, cluster, images}
  const types = {params: paramTypes(parameters, surroundings.interfaces)}
  const options = {types, budget}
  const states = new Map<Field, FieldState>([[whole, {...absent(whole, true, answers), value: params}]])
  for (const field of fields.inOrder) {
    const state = await evaluate(field)
    states.set(field, state)
    // what is in a group that is not there is not there either
    const group = stateOf(field.parent ?? whole).value
    if (isRecord(group)) group[field.key] = state.value
  }
  const {references} = taken
  return {fields, answers, context, kept, renameFaults, references, scope, options, stateOf}

  function stateOf(field: Field): FieldState {
    return states.get(field) ?? absent(field, undefined, undefined)
  }

  async function evaluate(field: Field): Promise<FieldState> {
    const {loop, when, parent = whole} = field
    const given = givenAnswer(field, answers)
    const around = stateOf(parent)
    if (around.active !== true || (isOptionalGroup(parent) && around.answer === undefined)) {
      return hidden(field, around.active === undefined ? undefined : false, given)
    }
    const wrong = (code: string, message: string) => refused(field, given, code, message)
    if (loop !== undefined) return wrong('cycle', `reads itself: ${[...loop, loop[0]].join(' → ')}`)
    if (field.needs.some(need => isFaulty(stateOf(need)))) {
      return when === undefined && given !== undefined
        ? present(field, given, undefined)
        : absent(field, undefined, given)
    }
    const condition: Outcome = when?.evaluate(scope, options) ?? {value: true}
    if ('why' in condition) return wrong('template', `cannot be worked out: ${condition.why}`)
    if (condition.value !== true) return hidden(field, false, given)
    const byDefault: Outcome = field.byDefault?.evaluate(scope, options) ?? {value: undefined}
    if ('value' in byDefault) return present(field, given, byDefault.value ?? undefined)
    if (given === undefined) return wrong('template', `cannot be worked out: ${byDefault.why}`)
    return present(field, given, undefined)
  }

  async function present(field: Field, given: unknown, byDefault: unknown): Promise<FieldState> {
    const {param, path} = field
    const isHere = (at: Path) => leadsInto(at, path) && (!field.group || at.length === path.length)
    const untaken = taken.faults.filter(fault => isHere(fault.path))
    if (untaken.length > 0) return {...absent(field, undefined, given), faults: untaken}
    if (field.group) return presentGroup(field, given, byDefault)
    const read = (source: unknown) => readAnswer(source === undefined ? undefined : param, source, path, fields)
    const {answer, value, faults} = read(given === undefined ? byDefault : given)
    if (faults.length === 0 && answer !== undefined) faults.push(...checkValue(param, answer, path, fields))
    let result: KindResult = {value: null}
    if (faults.length === 0) {
      const input: Outcome = field.input?.evaluate(scope, options) ?? {value: undefined}
      if ('why' in input) return refused(field, given, 'template', `cannot be worked out: ${input.why}`)
      result = (await resolveKind(field, answer, input.value)) ?? {
        value: answer === undefined ? unsetValue(param) : value,
      }
      faults.push(...(result.faults ?? []))
      if (field.required && answer === undefined && isUnset(field, result.value) && faults.length === 0) {
        faults.push({path, code: 'required', message: `is required${field.kind?.missing?.(param) ?? ''}`})
      }
    }
    return {
      field,
      active: true,
      answer: given === undefined ? undefined : answer,
      effective: answer,
      default: read(byDefault).answer,
      value: faults.length === 0 ? result.value : null,
      faults: given === undefined ? faults.map(blameDefault) : faults,
      result,
    }
  }

  function presentGroup(field: Field, given: unknown, byDefault: unknown): FieldState {
    const state = absent(field, true, given)
    if (given === undefined) return isOptionalGroup(field) ? state : {...state, default: byDefault, value: {}}
    const faults = checkValue({type: 'object'}, given, field.path, fields)
    if (!isRecord(given) || faults.length > 0) return {...state, active: undefined, default: byDefault, faults}
    // those that only `additionalProperties` or `patternProperties` allow
    const others = Object.entries(given).filter(([key]) => !field.children.some(child => child.key === key))
    return {...state, default: byDefault, value: Object.fromEntries(others)}
  }

  function resolveKind(
    {kind, name, path, param}: Field,
    answer: unknown,
    input?: unknown,
  ): KindResult | Promise<KindResult> | undefined {
    return kind?.resolve?.({name, path, param, answer, input, context, interfaces})
  }

  /** A field out of sight keeps what it had: its answer, and the secret that was given or made for it, but nothing new is made. */
  async function hidden(field: Field, active: false | undefined, given: unknown): Promise<FieldState> {
    const state = absent(field, active, given)
    const result = active === false && field.kind?.secret ? await resolveKind(field, given) : undefined
    if (result === undefined) return state
    const {secrets = [], faults = [], stored = {answer: given}} = result
    return {
      ...state,
      result: {
        value: null,
        secrets: secrets.filter(({source}) => ['kept', 'given', 'secretKey'].includes(source.from)),
        stored: faults.length > 0 ? {answer: undefined} : stored,
      },
    }
  }
}

/** It is wrong or missing, so nothing that reads it can be judged. */
export function isFaulty({active, faults}: FieldState): boolean {
  return active === undefined || faults.length > 0
}

/** The value of an expression over all parameters; undefined while one that it reads is faulty: it waits until that is mended. */
export function workOut({fields, scope, options, stateOf}: Evaluation, computed: Computed, more: Scope = {}) {
  if (fields.all.some(field => isFaulty(stateOf(field)) && reads(computed, field))) return undefined
  return computed.evaluate({...more, ...scope}, options)
}

/** A field's answer as given, or undefined; null counts as not given unless null is a value that the field takes. */
export function givenAnswer({path, param}: Field, answers: Answers): unknown {
  const given = valueAt(answers, path)
  return given === null && !takesNull(param) ? undefined : given
}

/** A state for a field that cannot be worked out. */
function refused(field: Field, answer: unknown, code: string, message: string): FieldState {
  return {...absent(field, undefined, answer), faults: [{path: field.path, code, message}]}
}

/** A state for a field that does not exist at present. */
function absent(field: Field, active: boolean | undefined, answer: unknown): FieldState {
  const nothing = {effective: undefined, default: undefined, value: null, result: undefined}
  return {field, active, answer, ...nothing, faults: []}
}

function isUnset({kind, param}: Field, value: unknown): boolean {
  return value === null || (kind === undefined && sameJson(value, unsetValue(param)))
}

/** A default that does not fit is the package's fault, and the user should know. */
function blameDefault(fault: Fault): Fault {
  return fault.code === 'required' ? fault : {...fault, message: `has a default that does not fit: ${fault.message}`}
}
