import type {FieldError} from '../errors.ts'
import {checkChanges} from './changes.ts'
import {type Evaluation, evaluateFields} from './evaluate-fields.ts'
import {type PlannedField, planFields, touches} from './field-plan.ts'
import type {FieldState} from './field-state.ts'
import {checkGroups, checkUnknown} from './group-check.ts'
import {evaluateLets} from './lets.ts'
import {checkLimits} from './limits.ts'
import {putAt} from './pointer.ts'
import {renameAnswers, renameKept} from './renames.ts'
import {evaluateRequests} from './requests.ts'
import {checkRules} from './rules.ts'
import {type Fault, toFieldError} from './schema/fault.ts'
import type {Answers, Declarations, Resolution, ResolveContext, SecretNeed} from './types.ts'

/**
 * Takes answers apart: checks every field and tells all errors at once; works out defaults, conditions and `let`; says what templates
 * see, what secrets, bindings and volumes are needed, and what is kept.
 *
 * Values of secrets leave the answers here: they are in {@link Resolution.secrets} as `given`, and the answer that is kept is
 * `{$kept: true}`. Resolving the kept answers again with their names in `context.kept` gives the same.
 */
export async function resolveParameters(
  declared: Declarations,
  given: Answers,
  context: ResolveContext,
): Promise<Resolution> {
  const limits = checkLimits(given)
  if (limits.length > 0) return failed(limits.map(fault => toFieldError(fault)))
  const fields = planFields(declared.parameters).inForm.map(({field}) => field)
  const {answers, faults: renameFaults} = renameAnswers(fields, given)
  const kept = renameKept(fields, context.kept)
  const renamed = {...context, kept: new Set(kept.keys())}

  const evaluation = await evaluateFields(declared.parameters, answers, renamed)
  const states = evaluation.plan.inForm.flatMap(({field}) => evaluation.states.get(field) ?? [])
  const {lets, faults: letFaults} = evaluateLets(declared.let ?? {}, evaluation, renamed)
  const requests = evaluateRequests(evaluation, renamed)
  const errors = [
    ...renameFaults,
    ...checkUnknown(evaluation, answers),
    ...states.flatMap(state => state.faults),
    ...checkGroups(evaluation),
    ...checkChanges(evaluation, renamed),
    ...requests.faults,
    ...letFaults,
    ...checkRules(declared.rules ?? [], evaluation, lets, renamed),
  ].map(fault => toFieldError(fault, isSecret(evaluation, fault)))
  return {
    errors: once(errors),
    answers: storedAnswers(states, answers),
    params: evaluation.params,
    lets,
    secrets: states.flatMap(state => (state.result?.secrets ?? []).map(need => underOldName(need, kept))),
    bindings: requests.bindings,
    volumes: states.flatMap(state => (state.active ? (state.result?.volumes ?? []) : [])),
  }
}

/** What may be shown of a fault: nothing of a value whose field may hold a secret. */
function isSecret({plan}: Evaluation, fault: Fault): boolean {
  const path = fault.path.map(String)
  return plan.inForm.some(({field}) => !field.group && field.kind?.secret === true && touches(path, field))
}

/** Two checks may find the same: the first word counts. */
function once(errors: FieldError[]): FieldError[] {
  const seen = new Set<string>()
  return errors.filter(({field, code}) => {
    const key = `${field} ${code}`
    const fresh = !seen.has(key)
    seen.add(key)
    return fresh
  })
}

function underOldName(need: SecretNeed, kept: ReadonlyMap<string, string>): SecretNeed {
  const was = kept.get(need.name)
  if (need.source.from !== 'kept' || was === undefined || was === need.name) return need
  return {...need, source: {from: 'kept', was}}
}

/** Only what was answered, in long form, without values of secrets. What no field takes stays: it is among the errors. */
function storedAnswers(states: readonly FieldState[], answers: Answers): Answers {
  const stored = structuredClone(answers)
  for (const {planned, answer, result} of states) {
    const {field} = planned
    if (field.group || answer === undefined) {
      if (answer === undefined) dropNull(stored, planned)
      continue
    }
    const kept = result?.stored === undefined ? answer : result.stored.answer
    // a faulty secret is not taken apart, and must not be kept as it is
    const safe = field.kind?.secret === true && result?.stored === undefined ? undefined : kept
    putAt(stored, field.path, safe)
    if (safe === undefined) dropNull(stored, planned)
  }
  return stored
}

function dropNull(stored: Answers, {field}: PlannedField): void {
  let at: unknown = stored
  for (const step of field.path.slice(0, -1)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return
    at = (at as Record<string, unknown>)[step]
  }
  const last = field.path.at(-1)
  if (typeof at === 'object' && at !== null && last !== undefined) {
    const parent = at as Record<string, unknown>
    if (parent[last] === null || parent[last] === undefined) delete parent[last]
  }
}

function failed(errors: FieldError[]): Resolution {
  return {errors, answers: {}, params: {}, lets: {}, secrets: [], bindings: [], volumes: []}
}
