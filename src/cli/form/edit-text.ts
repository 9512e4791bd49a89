import {printAnswer} from '../../lib/params/index.ts'
import type {Change} from './draft.ts'
import {Back} from './prompts.ts'
import {askLine, askUntilTaken, type Editor, messageOf, type Question} from './question.ts'

/** A field that is answered in one line. */
export const editText: Editor = question => {
  const {placeholder, kind, constraints} = question.field
  const [example] = Array.isArray(constraints.examples) ? constraints.examples : []
  const such = placeholder ?? (example === undefined ? undefined : String(example))
  return editLine(question, such === undefined ? '' : ` [such as ${such}]`, typed => ({
    text: typed === '""' && kind === 'string' ? '' : typed,
  }))
}

/** The content of a file, by its path. */
export const editFile: Editor = question => editLine(question, ' [path of the file]', path => ({value: {$file: path}}))

/**
 * Enter takes the present answer or the default, and the default does not become an answer. `-` takes a present answer away, `""` is an
 * empty text.
 * @param hint what to write, where nothing is offered
 */
async function editLine(question: Question, hint: string, read: (typed: string) => Change): Promise<void> {
  const {field, path, draft} = question
  const present = draft.at(path)
  const shown = present ?? field.default
  const byDefault = shown === undefined ? undefined : printAnswer(field.kind, shown) || '""'
  const taken = present !== undefined && !field.required ? ' [- for none]' : ''
  const line = {
    message: `${messageOf(question)}${taken || (byDefault === undefined ? hint : '')}`,
    ...(byDefault === undefined ? {} : {default: byDefault}),
  }
  await askLine(question, line, typed => {
    if (typed === '' || (typed === '-' && present !== undefined)) return 'nothing'
    return typed === byDefault ? 'as it is' : read(typed)
  })
}

/** A text of several lines: an empty line ends it. `-` alone takes a present answer away. */
export const editLines: Editor = async question => {
  const {field, path, draft, prompts, paint} = question
  const answered = draft.at(path) !== undefined && !field.required
  const present = draft.at(path) ?? field.default
  if (typeof present === 'string' && present !== '') prompts.say(paint.dim(present.trimEnd()))
  const keeps = `an empty line keeps what is there${answered ? ', - is none' : ''}`
  const end = present === undefined ? 'an empty line ends it' : keeps
  await askUntilTaken(
    question,
    () => readLines(question, `${messageOf(question)} [${end}]`),
    lines => {
      if (answered && lines.join() === '-') return draft.change(path, 'nothing')
      return draft.change(path, lines.length === 0 ? 'as it is' : {value: `${lines.join('\n')}\n`})
    },
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
