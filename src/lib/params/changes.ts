import {type Evaluation, evaluateFields, type FieldState, givenAnswer, isFaulty} from './evaluate.ts'
import {type Field, readFields} from './fields.ts'
import {sameJson} from './json.ts'
import {readAnswer} from './read-answer.ts'
import {formerPaths, renameAnswers} from './renames.ts'
import {type Fault, show} from './schema/fault.ts'
import {takeValues} from './shared-values.ts'
import type {ParametersSchema, ResolveContext} from './types.ts'

/** Refuses changes of what an installed app cannot change: immutable fields, and what their kind forbids (a volume that shrinks). */
export async function checkChanges(
  parameters: ParametersSchema,
  {fields, context, stateOf}: Evaluation,
): Promise<Fault[]> {
  const {previous, previousParameters, previousShared, kept} = context
  if (previous === undefined) return []
  const {answers: renamed} = renameAnswers(fields.all, previous)
  const {answers: before} = takeValues(renamed, previousShared?.values ?? {}, fields)
  const former = previousParameters === undefined ? undefined : readFields(previousParameters).all
  const known = former === undefined ? undefined : new Set(former.map(({name}) => name))
  const computed = fields.all.filter(field => isKept(field) && field.needs.length > 0 && isUnanswered(field))
  // What their defaults came to then, with what they read.
  const then = computed.length > 0 ? await evaluateFields(parameters, previous, past(context)) : undefined
  const thenOf = (field: Field) => {
    const same = then?.fields.all.find(({name}) => name === field.name)
    return same && then?.stateOf(same).default
  }
  return fields.all.flatMap(field => {
    const state = stateOf(field)
    if (field.group || state.active !== true || isFaulty(state) || isNew(field)) return []
    const given = givenAnswer(field, before) ?? (computed.includes(field) ? thenOf(field) : state.default)
    const was = given === undefined ? undefined : readAnswer(field.param, given, field.path, fields).answer
    const refused = field.kind?.widget === 'password' ? secretChange(state, was) : change(state, was)
    return refused === undefined ? [] : [{path: field.path, ...refused}]
  })

  function isUnanswered(field: Field): boolean {
    return givenAnswer(field, before) === undefined
  }

  /** An immutable field that this version adds may be answered once. */
  function isNew(field: Field): boolean {
    const names = [field.path, ...formerPaths(field)].map(path => path.join('.'))
    return known !== undefined && !names.some(name => known.has(name))
  }

  /** Values of secrets cannot be compared here: another one for what is kept is refused, whatever it says. */
  function secretChange({field, answer, result}: FieldState, was: unknown): Omit<Fault, 'path'> | undefined {
    const from = result?.secrets?.[0]?.source.from
    const anew = from === 'given' || (from === 'secretKey' && !sameJson(was, answer))
    return field.param.immutable === true && anew && kept.has(field.name) ? immutable : undefined
  }
}

const isKept = ({param, kind}: Field): boolean => param.immutable === true || kind?.change !== undefined

/** Around the answers of then: before them was nothing, and shared values were others. */
const past = ({previous, previousParameters, previousShared, ...context}: ResolveContext): ResolveContext => ({
  ...context,
  ...(previousShared && {shared: previousShared}),
})

const immutable = {code: 'immutable', message: 'cannot be changed after the install'}

function change({field, answer, effective, result}: FieldState, was: unknown): Omit<Fault, 'path'> | undefined {
  const is = answer === undefined ? effective : (result?.stored?.answer ?? effective)
  if (was === undefined || sameJson(was, is)) return undefined
  const refused = is === undefined ? undefined : field.kind?.change?.(was, is)
  if (refused !== undefined || field.param.immutable !== true) return refused
  if (field.kind?.secret) return immutable
  const value = field.kind?.print?.(was) ?? show(was)
  return {...immutable, message: `${immutable.message}: it is ${value}`, expected: was, got: is}
}
