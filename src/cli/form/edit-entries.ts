import {isRecord, printAnswer} from '../../lib/params/index.ts'
import {cut} from '../../view/table.ts'
import {count} from '../../view/words.ts'
import {type Editor, messageOf, type Question, type Way} from './question.ts'

type Key = string | number

/** A list or dictionary, edited in place until it is said to be done. */
export const editEntries: Editor = async question => {
  const {field, path, draft, prompts, paint, columns} = question
  for (;;) {
    const entries = entriesOf(draft.at(path) ?? field.default)
    let done = false
    const options: Way[] = [
      ...entries.map(([key, value]) => {
        const text = printAnswer('', value)
        const title = typeof key === 'number' ? `${key + 1}. ${text}` : `${key}: ${text}`
        return {title: cut(title, columns - 6), value: () => open(question, key)}
      }),
      {title: '+ add', value: () => add(question, entries)},
      {title: 'done', value: () => (done = true)},
    ]
    // Enter takes `done`, unless more are needed.
    const step = await prompts.choose({
      message: `${messageOf(question)}: ${entries.length === 0 ? 'empty' : count(entries.length, 'entry', 'entries')}`,
      options,
      default: entries.length < leastOf(question) ? entries.length : entries.length + 1,
    })
    await draft.attempt(step)
    if (!done) continue
    const wrong = await draft.errorsAt(path)
    if (wrong.length === 0) return
    for (const error of wrong) prompts.say(paint.red(`> ${error.message}`))
  }
}

async function add(question: Question, entries: readonly (readonly [Key, unknown])[]): Promise<void> {
  const {field, path, draft, prompts, editParts} = question
  makeOwn(question)
  if (field.widget === 'list') return editParts(field.item ?? [], [...path, entries.length])
  const name = await prompts.text({
    message: `${field.title}: name of the new entry`,
    validate: async text => {
      if (text === '') return 'must not be empty'
      if (entries.some(([key]) => key === text)) return 'is there already: choose it to change it'
      const wrong = await draft.errorsWith([...path, text], {value: ''})
      return wrong.find(({code}) => code === 'propertyNames' || code === 'forbidden' || code === 'unknown')?.message
    },
  })
  await editParts(field.item ?? [], [...path, name])
}

async function open(question: Question, key: Key): Promise<void> {
  const {field, path, draft, prompts, editParts} = question
  const at = [...path, key]
  const step = await prompts.choose({
    message: `${field.title}: ${typeof key === 'number' ? `entry ${key + 1}` : key}`,
    options: [
      {title: 'change', value: () => editParts(field.item ?? [], at)},
      {title: 'remove', value: () => draft.put(at, undefined)},
    ],
    default: 0,
  })
  makeOwn(question)
  await step()
}

/** The default becomes an answer as soon as a part of it is changed. */
function makeOwn({field, path, draft}: Question): void {
  if (draft.at(path) === undefined && field.default !== undefined) draft.put(path, field.default)
}

const entriesOf = (value: unknown): (readonly [Key, unknown])[] =>
  Array.isArray(value) ? [...value.entries()] : isRecord(value) ? Object.entries(value) : []

function leastOf({field: {constraints, required}}: Question): number {
  const least = constraints.minItems ?? constraints.minProperties
  return typeof least === 'number' && required ? least : 0
}
