import {type Answers, type FormField, printAnswer} from '../../lib/params/index.ts'
import {type Asking, messageOf} from './asking.ts'
import {type AnswerPath, answerAt, type Changed, change, errorsAt} from './draft.ts'
import {BACK} from './prompts.ts'

/**
 * A field that is answered in one line. Enter takes the present answer or the default, and the default does not become an answer.
 * `-` takes a present answer away, `""` is an empty text.
 */
export async function askText(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
): Promise<Answers | typeof BACK> {
  const present = answerAt(answers, path)
  const shown = present ?? field.default
  const byDefault = shown === undefined ? undefined : printAnswer(field.kind, shown)
  let taken = answers
  const text = await asking.prompts.text({
    message: `${messageOf(field)}${hintFor(field, present, byDefault)}`,
    ...(byDefault === undefined ? {} : {default: byDefault === '' ? '""' : byDefault}),
    validate: async typed => {
      const changed = await take(asking, {field, path, answers, present, byDefault}, typed)
      if ('problem' in changed) return changed.problem
      taken = changed.answers
      return undefined
    },
  })
  return text === BACK ? BACK : taken
}

interface Typing {
  field: FormField
  path: AnswerPath
  answers: Answers
  present: unknown
  byDefault: string | undefined
}

async function take(asking: Asking, typing: Typing, typed: string): Promise<Changed> {
  const {field, path, answers, present, byDefault} = typing
  if (present !== undefined && typed === '-') return change(asking, answers, path, 'nothing')
  if (typed === byDefault || (typed === '""' && byDefault === '')) {
    const [wrong] = await errorsAt(asking, answers, path)
    return wrong === undefined ? {answers} : {problem: wrong.message}
  }
  if (typed === '') return change(asking, answers, path, 'nothing')
  return change(asking, answers, path, {text: typed === '""' && field.kind === 'string' ? '' : typed})
}

function hintFor(field: FormField, present: unknown, byDefault: string | undefined): string {
  if (present !== undefined && !field.required) return ' [- for none]'
  if (byDefault !== undefined) return ''
  const [example] = Array.isArray(field.constraints.examples) ? field.constraints.examples : []
  const such = field.placeholder ?? (example === undefined ? undefined : String(example))
  return such === undefined ? '' : ` [such as ${such}]`
}

/** A text of several lines: an empty line ends it. */
export async function askLines(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
): Promise<Answers | typeof BACK> {
  const {prompts, paint} = asking
  const present = answerAt(answers, path) ?? field.default
  if (typeof present === 'string' && present !== '') prompts.say(paint.dim(present.trimEnd()))
  const first = present === undefined ? 'an empty line ends it' : 'an empty line keeps what is there'
  const lines: string[] = []
  for (;;) {
    const message = lines.length === 0 ? `${messageOf(field)} [${first}]` : '…'
    const line = await prompts.text({message, validate: () => Promise.resolve(undefined)})
    if (line === BACK) {
      if (lines.length === 0) return BACK
      lines.pop()
      continue
    }
    if (line !== '') {
      lines.push(line)
      continue
    }
    const unchanged = lines.length === 0
    const changed = unchanged
      ? await unchangedAt(asking, answers, path)
      : await change(asking, answers, path, {value: `${lines.join('\n')}\n`})
    if ('answers' in changed) return changed.answers
    prompts.say(paint.red(`> ${changed.problem}`))
    lines.length = 0
  }
}

async function unchangedAt(asking: Asking, answers: Answers, path: AnswerPath): Promise<Changed> {
  const [wrong] = await errorsAt(asking, answers, path)
  return wrong === undefined ? {answers} : {problem: wrong.message}
}
