import {type Answers, type FormField, printAnswer} from '../../lib/params/index.ts'
import {type Asking, messageOf} from './asking.ts'
import {type AnswerPath, answerAt, errorsAt, put} from './draft.ts'
import {BACK, type Option} from './prompts.ts'

/** Asks the fields of one entry. */
export type AskEntry = (parts: FormField[], path: AnswerPath, answers: Answers) => Promise<Answers | typeof BACK>

type Key = string | number
type Step = {do: 'add'} | {do: 'done'} | {do: 'open'; key: Key}

/** A list or dictionary, edited in place until it is said to be done. */
export async function askEntries(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  given: Answers,
  askEntry: AskEntry,
): Promise<Answers | typeof BACK> {
  const {prompts, paint} = asking
  let answers = given
  for (;;) {
    const entries = entriesOf(answerAt(answers, path) ?? field.default)
    const step = await prompts.choose({
      message: `${messageOf(field)}: ${entries.length === 0 ? 'empty' : countOf(entries.length)}`,
      options: stepsFor(entries, asking),
      default: entries.length < leastOf(field) ? entries.length : entries.length + 1,
    })
    if (step === BACK) return BACK
    if (step.do === 'done') {
      const wrong = await errorsAt(asking, answers, path)
      if (wrong.length === 0) return answers
      for (const error of wrong) prompts.say(paint.red(`> ${error.message}`))
      continue
    }
    const changed = step.do === 'add' ? await add(entries) : await open(step.key)
    if (changed !== BACK) answers = changed
  }

  async function add(entries: readonly Entry[]): Promise<Answers | typeof BACK> {
    if (field.widget === 'list') return askEntry(field.item ?? [], [...path, entries.length], whole())
    const name = await prompts.text({
      message: `${field.title}: name of the new entry`,
      validate: async text => {
        if (text === '') return 'must not be empty'
        if (entries.some(({key}) => key === text)) return 'is there already: choose it to change it'
        const named = put(asking, whole(), [...path, text], '')
        const wrong = await errorsAt(asking, named, [...path, text])
        return wrong.find(({code}) => code === 'propertyNames' || code === 'forbidden' || code === 'unknown')?.message
      },
    })
    return name === BACK ? BACK : askEntry(field.item ?? [], [...path, name], whole())
  }

  /** The default becomes an answer as soon as a part of it is changed. */
  function whole(): Answers {
    const present = answerAt(answers, path)
    return present === undefined && field.default !== undefined ? put(asking, answers, path, field.default) : answers
  }

  async function open(key: Key): Promise<Answers | typeof BACK> {
    const at = [...path, key]
    const step = await prompts.choose({
      message: `${field.title}: ${typeof key === 'number' ? `entry ${key + 1}` : key}`,
      options: [
        {value: 'change', title: 'change'},
        {value: 'remove', title: 'remove'},
      ] as const,
      default: 0,
    })
    if (step === BACK) return BACK
    return step === 'remove' ? put(asking, whole(), at, undefined) : askEntry(field.item ?? [], at, whole())
  }
}

interface Entry {
  key: Key
  value: unknown
}

function entriesOf(value: unknown): Entry[] {
  if (Array.isArray(value)) return value.map((item, key) => ({key, value: item}))
  return typeof value === 'object' && value !== null
    ? Object.entries(value).map(([key, item]) => ({key, value: item}))
    : []
}

/** The entries, each to be opened, then adding, then done: what Enter takes unless more are needed. */
function stepsFor(entries: readonly Entry[], {columns}: Asking): Option<Step>[] {
  return [
    ...entries.map(({key, value}): Option<Step> => {
      const text = printAnswer('', value)
      const title = typeof key === 'number' ? `${key + 1}. ${text}` : `${key}: ${text}`
      return {value: {do: 'open', key}, title: title.length > columns - 6 ? `${title.slice(0, columns - 7)}…` : title}
    }),
    {value: {do: 'add'}, title: '+ add'},
    {value: {do: 'done'}, title: 'done'},
  ]
}

function leastOf({constraints, required}: FormField): number {
  const least = constraints.minItems ?? constraints.minProperties
  return typeof least === 'number' && required ? least : 0
}

function countOf(n: number): string {
  return n === 1 ? '1 entry' : `${n} entries`
}
