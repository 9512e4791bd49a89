import type {FieldError} from '../../lib/errors.ts'
import {
  type Answers,
  type FlagChange,
  type InterfaceSchema,
  type MergedAnswers,
  mergeAnswers,
  type ParametersSchema,
  type SetStep,
  toPointer,
  valueAt,
} from '../../lib/params/index.ts'
import {Back} from './prompts.ts'

/** Where an answer goes: names, and indices of lists. */
export type AnswerPath = readonly (string | number)[]

/** What becomes of an answer: a typed text, a value, or none. */
export type Change = {text: string} | {value: unknown} | 'nothing' | 'as it is'

/** What the form knows about answers: the same code that flags and files go through. */
interface Knowledge {
  parameters: ParametersSchema
  interfaces: Readonly<Record<string, InterfaceSchema>>
  /** Every error of these answers. */
  check(answers: Answers): Promise<FieldError[]>
}

/** The answers while they are given. */
export class Draft {
  answers: Answers
  readonly #knowledge: Knowledge

  constructor(present: Answers, knowledge: Knowledge) {
    this.answers = present
    this.#knowledge = knowledge
  }

  at(path: AnswerPath): unknown {
    return valueAt(this.answers, path)
  }

  /** Makes a change if it fits; otherwise says why it does not. */
  async change(path: AnswerPath, change: Change): Promise<string | undefined> {
    const problem = await this.problemWith(path, change)
    if (problem === undefined) this.apply(path, change)
    return problem
  }

  /** As {@link change}, unchecked. */
  apply(path: AnswerPath, change: Change): void {
    this.answers = this.#changed(path, change).answers
  }

  /** Puts a value, or undefined for none, where it may not be whole yet: an entry that is being added. */
  put(path: AnswerPath, value: unknown): void {
    this.apply(path, value === undefined ? 'nothing' : {value})
  }

  /** Why a change does not fit, if it does not. */
  async problemWith(path: AnswerPath, change: Change): Promise<string | undefined> {
    const errors = await this.errorsWith(path, change)
    return errors.length === 0 ? undefined : errors.map(error => describeWithin(error, path)).join('; ')
  }

  errors(): Promise<FieldError[]> {
    return this.#knowledge.check(this.answers)
  }

  /** What is wrong at a path and below it, as it is. */
  errorsAt(path: AnswerPath): Promise<FieldError[]> {
    return this.errorsWith(path, 'as it is')
  }

  /** The same after a change. Rules across fields wait for the end: the other fields may not have been asked. */
  async errorsWith(path: AnswerPath, change: Change): Promise<FieldError[]> {
    const pointer = toPointer(path)
    const {answers, errors: unread} = this.#changed(path, change)
    if (unread.length > 0) return unread
    const errors = await this.#knowledge.check(answers)
    return errors.filter(({field, code}) => code !== 'rule' && (field === pointer || field.startsWith(`${pointer}/`)))
  }

  /** Edits; false, and the answers as before, where the person goes back. */
  async attempt(edit: () => unknown): Promise<boolean> {
    const before = this.answers
    try {
      await edit()
      return true
    } catch (error) {
      if (!(error instanceof Back)) throw error
      this.answers = before
      return false
    }
  }

  #changed(path: AnswerPath, to: Change): Pick<MergedAnswers, 'answers' | 'errors'> {
    if (to === 'as it is') return {answers: this.answers, errors: []}
    const {parameters, interfaces} = this.#knowledge
    const change: FlagChange['change'] =
      to === 'nothing' ? {do: 'unset'} : 'text' in to ? {do: 'set', text: to.text} : {do: 'setJson', value: to.value}
    const flags = [{path: path as SetStep[], flag: 'form', change}]
    return mergeAnswers(parameters, {present: this.answers, flags, interfaces})
  }
}

/** `must be at least 1`, or with the part that it is about: `size must match …`. */
function describeWithin({field, message}: FieldError, path: AnswerPath): string {
  const below = field.slice(toPointer(path).length + 1)
  return below === '' ? message : `${below.replaceAll('/', '.')} ${message}`
}
