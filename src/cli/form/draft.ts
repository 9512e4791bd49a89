import type {FieldError} from '../../lib/errors.ts'
import type {InterfaceSchema} from '../../lib/params/index.ts'
import {
  type Answers,
  type FlagChange,
  mergeAnswers,
  type ParametersSchema,
  type SetStep,
  toPointer,
  valueAt,
} from '../../lib/params/index.ts'

/** Where an answer goes: names, and indices of lists. */
export type AnswerPath = readonly (string | number)[]

/** What the form knows about answers: the same code that flags and files go through. */
export interface Answering {
  parameters: ParametersSchema
  interfaces: Readonly<Record<string, InterfaceSchema>>
  /** Every error of these answers. */
  check(answers: Answers): Promise<FieldError[]>
}

/** Answers with a change in them, or why it cannot be. */
export type Changed = {answers: Answers} | {problem: string}

/** Puts a typed text, a value, or nothing at a path, and checks what is there now. */
export async function change(
  answering: Answering,
  answers: Answers,
  path: AnswerPath,
  to: {text: string} | {value: unknown} | 'nothing',
): Promise<Changed> {
  const merged = mergeAnswers(answering.parameters, {
    present: answers,
    flags: [{path: path as SetStep[], flag: 'form', change: asChange(to)}],
    interfaces: answering.interfaces,
  })
  const own = merged.errors.length > 0 ? merged.errors : await errorsAt(answering, merged.answers, path)
  if (own.length === 0) return {answers: merged.answers}
  return {problem: own.map(error => describeWithin(error, path)).join('; ')}
}

/** As {@link change}, unchecked: for what is not whole yet, such as an entry that is being added. */
export function put(answering: Answering, answers: Answers, path: AnswerPath, value: unknown): Answers {
  const to = value === undefined ? ('nothing' as const) : {value}
  return mergeAnswers(answering.parameters, {
    present: answers,
    flags: [{path: path as SetStep[], flag: 'form', change: asChange(to)}],
    interfaces: answering.interfaces,
  }).answers
}

/** What is wrong at a path and below it. Rules across fields wait for the end: the other fields may not have been asked. */
export async function errorsAt(answering: Answering, answers: Answers, path: AnswerPath): Promise<FieldError[]> {
  const pointer = toPointer(path)
  const errors = await answering.check(answers)
  return errors.filter(({field, code}) => code !== 'rule' && (field === pointer || field.startsWith(`${pointer}/`)))
}

/** The answer at a path. */
export function answerAt(answers: Answers, path: AnswerPath): unknown {
  return valueAt(answers, path)
}

function asChange(to: {text: string} | {value: unknown} | 'nothing'): FlagChange['change'] {
  if (to === 'nothing') return {do: 'unset'}
  return 'text' in to ? {do: 'set', text: to.text} : {do: 'setJson', value: to.value}
}

/** `must be at least 1`, or with the part that it is about: `size must match …`. */
function describeWithin({field, message}: FieldError, path: AnswerPath): string {
  const below = field.slice(toPointer(path).length + 1)
  return below === '' ? message : `${below.replaceAll('/', '.')} ${message}`
}
