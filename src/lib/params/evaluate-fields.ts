import type {TypeScope} from '../expr/index.ts'
import {completeAnswer, normaliseAnswer} from './entries.ts'
import {allInterfaces, createExpander} from './expand.ts'
import {type FieldPlan, type PlannedField, planFields, readsItself} from './field-plan.ts'
import {absent, type FieldState, givenAnswer, isWithinAbsent} from './field-state.ts'
import {type Field, isOptionalGroup, rootSchema, unsetValue} from './fields.ts'
import type {Interfaces, KindResult} from './kinds/kind.ts'
import {paramTypes} from './param-types.ts'
import {isRecord, putAt, valueAt} from './pointer.ts'
import {checkValue} from './schema/check.ts'
import type {Fault} from './schema/fault.ts'
import {sameJson} from './schema/values.ts'
import type {Answers, ParametersSchema, ParamSchema, ResolveContext} from './types.ts'
import {type Broken, type Computed, describeFailure} from './value-template.ts'

/** Everything known of the fields for some answers. */
export interface Evaluation {
  plan: FieldPlan
  root: ParamSchema
  interfaces: Interfaces
  types: TypeScope
  states: Map<Field, FieldState>
  /** `params` in expressions. */
  params: Record<string, unknown>
}

/**
 * Looks at every field in an order in which conditions and defaults find what they read. Never throws for what users or packages do
 * wrong: faults stay with their fields, and fields that read a faulty one are not judged.
 * @param answers under their present names (see renames.ts)
 */
export async function evaluateFields(
  parameters: ParametersSchema,
  answers: Answers,
  context: ResolveContext,
): Promise<Evaluation> {
  const plan = planFields(parameters)
  const root = rootSchema(parameters)
  const interfaces = allInterfaces(context.interfaces)
  const expand = createExpander(interfaces)
  const types: TypeScope = {params: paramTypes(parameters, interfaces)}
  const states = new Map<Field, FieldState>()
  const params: Record<string, unknown> = Object.fromEntries(plan.fields.map(field => [field.path[0], null]))
  const scope = {params, app: context.app, cluster: context.cluster, images: context.images}

  for (const planned of plan.inOrder) {
    const state = await evaluate(planned)
    states.set(planned.field, state)
    // what is in a group that is not there is not there either
    if (isRecord(valueAt(params, planned.field.path.slice(0, -1)))) putAt(params, planned.field.path, state.value)
  }
  return {plan, root, interfaces, types, states, params}

  async function evaluate(planned: PlannedField): Promise<FieldState> {
    const {field} = planned
    const given = givenAnswer(field, answers)
    if (isWithinAbsent(field, parent => states.get(parent))) {
      const parent = field.parent === undefined ? undefined : states.get(field.parent)
      return hidden(planned, parent?.active === undefined ? undefined : false, given)
    }
    const loop = planned.cycle ?? (readsItself(planned) ? [field.name] : undefined)
    if (loop !== undefined) {
      const way = [...loop, loop[0]].join(' → ')
      return faulty(planned, given, [{path: field.path, code: 'cycle', message: `reads itself: ${way}`}])
    }
    if (planned.needs.some(need => states.get(need.field)?.faulty === true)) {
      return planned.when === undefined && given !== undefined
        ? present(planned, given, undefined)
        : absent(planned, undefined, given)
    }
    const condition = compute(planned.when, true)
    if ('fault' in condition) return faulty(planned, given, [{...condition.fault, path: field.path}])
    if (condition.value !== true) return hidden(planned, false, given)
    const byDefault = compute(planned.default, undefined)
    if ('fault' in byDefault && given === undefined) {
      return faulty(planned, given, [{...byDefault.fault, path: field.path}])
    }
    return present(planned, given, 'value' in byDefault ? byDefault.value : undefined)
  }

  function compute(
    computed: Computed | Broken | undefined,
    without: unknown,
  ): {value: unknown} | {fault: Omit<Fault, 'path'>} {
    if (computed === undefined) return {value: without}
    const wrong = (why: string) => ({fault: {code: 'template', message: `cannot be worked out: ${why}`}})
    if ('broken' in computed) return wrong(computed.broken)
    try {
      return {value: computed.evaluate(scope, types)}
    } catch (error) {
      return wrong(describeFailure(error))
    }
  }

  async function present(planned: PlannedField, given: unknown, byDefault: unknown): Promise<FieldState> {
    const {field} = planned
    const source = given === undefined ? (byDefault ?? undefined) : given
    if (field.group) return presentGroup(planned, given, byDefault)
    const {answer, faults} =
      source === undefined
        ? {answer: undefined, faults: []}
        : normaliseAnswer(field.param, source, field.path, root, interfaces)
    if (faults.length === 0 && answer !== undefined) {
      faults.push(...checkValue(field.param, answer, field.path, {root, expand}))
    }
    const result: KindResult = faults.length === 0 ? await resolveKind(field, answer) : {value: null}
    faults.push(...(result.faults ?? []))
    if (answer === undefined && field.required && isUnset(field, result.value) && faults.length === 0) {
      faults.push({path: field.path, code: 'required', message: 'is required'})
    }
    return {
      planned,
      active: true,
      answer: given === undefined ? undefined : answer,
      effective: answer,
      default: longForm(field, byDefault),
      value: faults.length === 0 ? result.value : null,
      faulty: faults.length > 0,
      faults: given === undefined ? faults.map(blameDefault) : faults,
      result,
    }
  }

  function longForm(field: Field, value: unknown): unknown {
    if (value === undefined || value === null) return undefined
    return normaliseAnswer(field.param, value, field.path, root, interfaces).answer
  }

  function presentGroup(planned: PlannedField, given: unknown, byDefault: unknown): FieldState {
    const {field} = planned
    const faults = given === undefined ? [] : checkValue({type: 'object'}, given, field.path, {root, expand})
    if (isOptionalGroup(field) && given === undefined) return absent(planned, true, undefined)
    const value = faults.length === 0 ? extraFields(field, given) : null
    return {
      planned,
      active: faults.length === 0 ? true : undefined,
      answer: given,
      effective: undefined,
      default: byDefault,
      value,
      faulty: faults.length > 0,
      faults,
      result: undefined,
    }
  }

  function resolveKind(field: Field, answer: unknown): KindResult | Promise<KindResult> {
    const {kind, name, path, param, required} = field
    if (kind?.resolve !== undefined) return kind.resolve({name, path, param, required, answer, context, interfaces})
    return {value: answer === undefined ? unsetValue(param) : completeAnswer(param, answer, root)}
  }

  /** A field out of sight keeps what it had: its answer, and the secret that was given or made for it, but nothing new is made. */
  async function hidden(planned: PlannedField, active: false | undefined, given: unknown): Promise<FieldState> {
    const state = absent(planned, active, given)
    if (active === undefined || planned.field.kind?.secret !== true) return state
    const {kind, name, path, param} = planned.field
    const result = await kind.resolve?.({name, path, param, required: false, answer: given, context, interfaces})
    const secrets = result?.secrets?.filter(({source}) => source.from !== 'generate')
    const unreadable = (result?.faults ?? []).length > 0
    return {
      ...state,
      result: {
        value: null,
        ...(secrets === undefined ? {} : {secrets}),
        stored: unreadable ? {answer: undefined} : (result?.stored ?? {answer: given}),
      },
    }
  }
}

function isUnset(field: Field, value: unknown): boolean {
  return value === null || (field.kind === undefined && sameJson(value, unsetValue(field.param)))
}

function faulty(planned: PlannedField, answer: unknown, faults: Fault[]): FieldState {
  return {...absent(planned, undefined, answer), faults}
}

/** A default that does not fit is the package's fault, and the user should know. */
function blameDefault(fault: Fault): Fault {
  return fault.code === 'required' ? fault : {...fault, message: `has a default that does not fit: ${fault.message}`}
}

/** Fields of a group that only `additionalProperties` or `patternProperties` allow. */
function extraFields(field: Field, given: unknown): Record<string, unknown> {
  const named = new Set(field.children.map(child => child.path.at(-1)))
  return isRecord(given) ? Object.fromEntries(Object.entries(given).filter(([key]) => !named.has(key))) : {}
}
