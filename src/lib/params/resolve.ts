import type {FieldError} from '../errors.ts'
import {checkChanges} from './changes.ts'
import {checkRules, evaluateLets, evaluateRequests} from './derive.ts'
import {type Evaluation, evaluateFields} from './evaluate.ts'
import {checkGroups} from './groups.ts'
import {leadsInto, putAt, valueAt} from './json.ts'
import {checkLimits} from './limits.ts'
import {edited} from './merge.ts'
import {picksIn} from './picks.ts'
import {type Fault, toFieldError} from './schema/fault.ts'
import type {ValueReference} from './shared-values.ts'
import type {Answers, Declarations, Resolution, ResolveContext, SecretNeed} from './types.ts'

/**
 * Takes answers apart: checks every field and tells all errors at once; works out defaults, conditions and `let`; says what templates
 * see, what secrets, bindings and volumes are needed, and what is kept.
 *
 * Values of secrets leave the answers here: they are in {@link Resolution.secrets} as `given`, and the answer that is kept is
 * `{$kept: true}`. Resolving the kept answers again with their names in `context.kept` gives the same.
 */
export async function resolveParameters(
  {parameters, let: declared = {}, rules = []}: Declarations,
  given: Answers,
  context: ResolveContext,
): Promise<Resolution> {
  const limits = checkLimits(given)
  if (limits.length > 0) {
    const errors = limits.map(fault => toFieldError(fault))
    const nothing = {secrets: [], bindings: [], volumes: [], certificates: [], picks: []}
    return {errors, answers: {}, params: {}, lets: {}, ...nothing}
  }
  const evaluation = await evaluateFields(parameters, given, context)
  const states = evaluation.fields.all.map(evaluation.stateOf)
  const {lets, faults: letFaults} = evaluateLets(declared, evaluation)
  const requests = evaluateRequests(lets, evaluation)
  const faults = [
    ...evaluation.renameFaults,
    ...states.flatMap(state => state.faults),
    ...checkGroups(evaluation),
    ...(await checkChanges(parameters, evaluation)),
    ...requests.faults,
    ...letFaults,
    ...checkRules(rules, declared, lets, evaluation),
  ]
  return {
    errors: once(faults.map(fault => toFieldError(fault, mayHoldSecret(evaluation, fault)))),
    answers: withReferences(storedAnswers(evaluation), evaluation.references),
    params: evaluation.scope.params,
    lets,
    secrets: states.flatMap(({result}) => (result?.secrets ?? []).map(need => underOldName(need, evaluation))),
    bindings: requests.bindings,
    picks: states.flatMap(({field, active, effective}) =>
      active === true && !field.group ? picksIn(field.param, effective, field.path, evaluation.fields) : [],
    ),
    volumes: states.flatMap(({active, result}) => (active ? (result?.volumes ?? []) : [])),
    certificates: states.flatMap(({active, result}) => (active ? (result?.certificates ?? []) : [])),
  }
}

/** What may be shown of a fault: nothing of a value whose field may hold a secret. */
function mayHoldSecret({fields}: Evaluation, {path}: Fault): boolean {
  return fields.all.some(field => field.kind?.secret && (leadsInto(path, field.path) || leadsInto(field.path, path)))
}

/** Two checks may find the same: the first word counts. */
function once(errors: FieldError[]): FieldError[] {
  const byPlace = new Map(errors.toReversed().map(error => [`${error.field} ${error.code}`, error]))
  return errors.filter(error => byPlace.get(`${error.field} ${error.code}`) === error)
}

/** A shared value is kept as the reference to it. */
function withReferences(stored: Answers, references: readonly ValueReference[]): Answers {
  return references.reduce(
    (answers, {path, name}) =>
      valueAt(answers, path) === undefined ? answers : (edited(answers, path, 0, {$value: name}) as Answers),
    stored,
  )
}

function underOldName(need: SecretNeed, {kept}: Evaluation): SecretNeed {
  const was = kept.get(need.name)
  const {source} = need
  if ((source.from !== 'kept' && source.from !== 'hash') || was === undefined || was === need.name) return need
  return {...need, source: {...source, was}}
}

/** Only what was answered, in long form, without values of secrets. What no field takes stays: it is among the errors. */
function storedAnswers({fields, answers, stateOf}: Evaluation): Answers {
  const stored = structuredClone(answers)
  for (const field of fields.all) {
    const {answer, result} = stateOf(field)
    if (answer === undefined && valueAt(stored, field.path) === null) putAt(stored, field.path, undefined)
    if (answer === undefined || field.group) continue
    // a faulty secret is not taken apart, and must not be kept as it is
    const untaken = field.kind?.secret ? undefined : answer
    putAt(stored, field.path, result?.stored === undefined ? untaken : result.stored.answer)
  }
  return stored
}
