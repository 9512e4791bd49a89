import type {FieldError} from '../../lib/errors.ts'
import {
  type Answers,
  type FlagChange,
  type InterfaceSchema,
  mergeAnswers,
  type ParametersSchema,
  type SetStep,
  toPointer,
  valueAt,
} from '../../lib/params/index.ts'
import {Back} from './prompts.ts'

/** Where an answer goes: names, and indices of lists. */
export type AnswerPath = readonly (string | number)[]

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

  /** Puts a typed text, a value, or nothing at a path if it fits there; otherwise says why it does not. */
  async change(path: AnswerPath, to: {text: string} | {value: unknown} | 'nothing'): Promise<string | undefined> {
    const before = this.answers
    const unread = this.#merge(path, to)
    const errors = unread.length > 0 ? unread : await this.errorsAt(path)
    if (errors.length === 0) return undefined
    this.answers = before
    return errors.map(error => describeWithin(error, path)).join('; ')
  }

  /** As {@link change}, unchecked: for what is not whole yet, such as an entry that is being added. */
  put(path: AnswerPath, value: unknown): void {
    this.#merge(path, value === undefined ? 'nothing' : {value})
  }

  errors(): Promise<FieldError[]> {
    return this.#knowledge.check(this.answers)
  }

  /** What is wrong at a path and below it. Rules across fields wait for the end: the other fields may not have been asked. */
  async errorsAt(path: AnswerPath): Promise<FieldError[]> {
    const pointer = toPointer(path)
    const errors = await this.errors()
    return errors.filter(({field, code}) => code !== 'rule' && (field === pointer || field.startsWith(`${pointer}/`)))
  }

  /** What is wrong with the answer that is there, if anything. */
  async problemAt(path: AnswerPath): Promise<string | undefined> {
    const [wrong] = await this.errorsAt(path)
    return wrong?.message
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

  #merge(path: AnswerPath, to: {text: string} | {value: unknown} | 'nothing'): FieldError[] {
    const {parameters, interfaces} = this.#knowledge
    const change: FlagChange['change'] =
      to === 'nothing' ? {do: 'unset'} : 'text' in to ? {do: 'set', text: to.text} : {do: 'setJson', value: to.value}
    const flags = [{path: path as SetStep[], flag: 'form', change}]
    const merged = mergeAnswers(parameters, {present: this.answers, flags, interfaces})
    this.answers = merged.answers
    return merged.errors
  }
}

/** `must be at least 1`, or with the part that it is about: `size must match …`. */
function describeWithin({field, message}: FieldError, path: AnswerPath): string {
  const below = field.slice(toPointer(path).length + 1)
  return below === '' ? message : `${below.replaceAll('/', '.')} ${message}`
}
