import {type FormField, printAnswer} from '../../lib/params/index.ts'
import {Back} from './prompts.ts'
import {askLine, askUntilTaken, type Editor, messageOf, type Question} from './question.ts'

/**
 * A field that is answered in one line. Enter takes the present answer or the default, and the default does not become an answer.
 * `-` takes a present answer away, `""` is an empty text.
 */
export const editText: Editor = async question => {
  const {field, path, draft} = question
  const present = draft.at(path)
  const shown = present ?? field.default
  const byDefault = shown === undefined ? undefined : printAnswer(field.kind, shown) || '""'
  const line = {
    message: `${messageOf(question)}${hintFor(field, present, byDefault)}`,
    ...(byDefault === undefined ? {} : {default: byDefault}),
  }
  await askLine(question, line, typed => {
    if (typed === '' || (typed === '-' && present !== undefined)) return 'nothing'
    if (typed === byDefault) return 'as it is'
    return {text: typed === '""' && field.kind === 'string' ? '' : typed}
  })
}

function hintFor(field: FormField, present: unknown, byDefault: string | undefined): string {
  if (present !== undefined && !field.required) return ' [- for none]'
  if (byDefault !== undefined) return ''
  const [example] = Array.isArray(field.constraints.examples) ? field.constraints.examples : []
  const such = field.placeholder ?? (example === undefined ? undefined : String(example))
  return such === undefined ? '' : ` [such as ${such}]`
}

/** The content of a file, by its path. */
export const editFile: Editor = async question => {
  const {field, path, draft, prompts} = question
  const shown = draft.at(path) ?? field.default
  const present = shown === undefined ? undefined : printAnswer(field.kind, shown)
  await prompts.text({
    message: `${messageOf(question)} [path of the file${draft.at(path) !== undefined && !field.required ? ', - for none' : ''}]`,
    ...(present !== undefined && {default: present}),
    validate: async typed => {
      if (typed === present || (typed === '' && present === undefined)) return draft.problemAt(path)
      return draft.change(path, typed === '-' || typed === '' ? 'nothing' : {value: {$file: typed}})
    },
  })
}

/** A text of several lines: an empty line ends it. */
export const editLines: Editor = async question => {
  const {field, path, draft, prompts, paint} = question
  const present = draft.at(path) ?? field.default
  if (typeof present === 'string' && present !== '') prompts.say(paint.dim(present.trimEnd()))
  const end = present === undefined ? 'an empty line ends it' : 'an empty line keeps what is there'
  await askUntilTaken(
    question,
    () => readLines(question, `${messageOf(question)} [${end}]`),
    lines => draft.change(path, lines.length === 0 ? 'as it is' : {value: `${lines.join('\n')}\n`}),
  )
}

/** Going back takes the last line back, before the first it leaves. */
async function readLines({draft, prompts}: Question, message: string): Promise<string[]> {
  const lines: string[] = []
  for (;;) {
    let line = ''
    const typed = await draft.attempt(async () => {
      line = await prompts.text({message: lines.length === 0 ? message : '…', validate: async () => undefined})
    })
    if (typed && line === '') return lines
    if (typed) lines.push(line)
    else if (lines.pop() === undefined) throw new Back()
  }
}
