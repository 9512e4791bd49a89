import {normaliseAnswer} from './entries.ts'
import type {Evaluation} from './evaluate-fields.ts'
import {type FieldState, givenAnswer} from './field-state.ts'
import {type Field, flatten, listFields} from './fields.ts'
import {renameAnswers} from './renames.ts'
import type {Fault} from './schema/fault.ts'
import {sameJson, show} from './schema/values.ts'
import type {ResolveContext} from './types.ts'

/** Refuses changes of what an installed app cannot change: immutable fields, and what their kind forbids (a volume that shrinks). */
export function checkChanges(evaluation: Evaluation, context: ResolveContext): Fault[] {
  const {previous, previousParameters} = context
  if (previous === undefined) return []
  const {plan, root, interfaces, states} = evaluation
  const fields = plan.inForm.map(({field}) => field)
  const {answers: before} = renameAnswers(fields, previous)
  const knownBefore = previousParameters === undefined ? undefined : namesOf(listFields(previousParameters))
  return fields.flatMap(field => {
    const state = states.get(field)
    if (state === undefined || field.group || state.active !== true || state.faulty) return []
    if (knownBefore !== undefined && !wasThere(field, knownBefore)) return []
    const given = givenAnswer(field, before) ?? state.default
    const was =
      given === undefined ? undefined : normaliseAnswer(field.param, given, field.path, root, interfaces).answer
    const fault = compare(field, was, state)
    return fault === undefined ? [] : [fault]
  })

  function compare(field: Field, was: unknown, state: FieldState): Fault | undefined {
    const is = state.answer === undefined ? state.effective : (state.result?.stored?.answer ?? state.effective)
    if (field.param.immutable === true && field.kind?.name === 'secret') return secretChange(field, was, state, context)
    if (was === undefined || sameJson(was, is)) return undefined
    const refused = is === undefined ? undefined : field.kind?.change?.(was, is)
    if (refused !== undefined) return {path: field.path, ...refused}
    if (field.param.immutable !== true) return undefined
    const value = field.kind?.secret ? '' : `: it is ${field.kind?.print?.(was) ?? show(was)}`
    const known = field.kind?.secret ? {} : {expected: was, got: is}
    return {path: field.path, code: 'immutable', message: `cannot be changed after the install${value}`, ...known}
  }
}

/** Values of secrets cannot be compared here: another one for what is kept is refused, whatever it says. */
function secretChange(field: Field, was: unknown, state: FieldState, context: ResolveContext): Fault | undefined {
  const [need] = state.result?.secrets ?? []
  const anew = need?.source.from === 'given' || (need?.source.from === 'secretKey' && !sameJson(was, state.answer))
  if (!anew || !context.kept.has(field.name)) return undefined
  return {path: field.path, code: 'immutable', message: 'cannot be changed after the install'}
}

function namesOf(fields: readonly Field[]): Set<string> {
  return new Set(flatten(fields).map(field => field.name))
}

function wasThere(field: Field, before: ReadonlySet<string>): boolean {
  const former = (field.param.formerly ?? []).map(name =>
    name.startsWith('/') ? name.slice(1).replaceAll('/', '.') : [...field.path.slice(0, -1), name].join('.'),
  )
  return [field.name, ...former].some(name => before.has(name))
}
