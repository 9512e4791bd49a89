import {type Answers, type FormField, printAnswer} from '../../lib/params/index.ts'
import {type Asking, messageOf} from './asking.ts'
import {type AnswerPath, answerAt, change, errorsAt, put} from './draft.ts'
import {BACK, type Option} from './prompts.ts'

type Way = {answer: unknown} | 'none' | 'keep' | 'name' | 'outright'

/** Who provides what the app needs: an app of the cluster, a service, a new app, or an address said outright. */
export async function askBinding(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
  askParts: (parts: FormField[], path: AnswerPath, answers: Answers) => Promise<Answers | typeof BACK>,
): Promise<Answers | typeof BACK> {
  const options = waysFor(field, answerAt(answers, path))
  for (;;) {
    const way = await asking.prompts.choose({message: messageOf(field), options, default: 0})
    if (way === BACK) return BACK
    const taken = await take(way)
    if (taken !== BACK) return taken
  }

  async function take(way: Way): Promise<Answers | typeof BACK> {
    if (way === 'keep') return answers
    if (way === 'none') return put(asking, answers, path, undefined)
    if (way === 'name') return askName(asking, field, path, answers)
    if (way === 'outright') return askOutright()
    const changed = await change(asking, answers, path, {value: way.answer})
    if ('answers' in changed) return changed.answers
    asking.prompts.say(asking.paint.red(`> ${changed.problem}`))
    return BACK
  }

  async function askOutright(): Promise<Answers | typeof BACK> {
    const at = [...path, '$literal']
    const present = answerAt(answers, at)
    const started = put(asking, answers, path, {$literal: present ?? {}})
    for (let draft = started; ; ) {
      const parts = await askParts((field.item ?? []).slice(1), at, draft)
      if (parts === BACK) return BACK
      const wrong = await errorsAt(asking, parts, path)
      if (wrong.length === 0) return parts
      for (const {message, field: where} of wrong) {
        asking.prompts.say(asking.paint.red(`> ${where.split('/').at(-1)} ${message}`))
      }
      draft = parts
    }
  }
}

function waysFor(field: FormField, present: unknown): Option<Way>[] {
  const text = JSON.stringify(present)
  const known = (field.choices ?? []).filter(({value}) => JSON.stringify(value) !== text)
  const same = (field.choices ?? []).find(({value}) => JSON.stringify(value) === text)
  const keep: Option<Way>[] =
    present === undefined
      ? []
      : [{value: 'keep', title: `${same?.title ?? printAnswer('binding', present)} (as it is)`}]
  return [
    ...keep,
    ...(field.required ? [] : [{value: 'none' as const, title: '(none)'}]),
    ...known.map(({value, title}) => ({value: {answer: value}, title})),
    {value: 'name', title: 'another: an app, a service, or a package to install'},
    ...(field.item === undefined ? [] : [{value: 'outright' as const, title: 'an address of its own'}]),
  ]
}

async function askName(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
): Promise<Answers | typeof BACK> {
  let taken = answers
  const done = await asking.prompts.text({
    message: `${field.title} [app:namespace/name, service:name or new:package]`,
    validate: async text => {
      const changed = await change(asking, answers, path, {text})
      if ('problem' in changed) return changed.problem
      taken = changed.answers
      return undefined
    },
  })
  return done === BACK ? BACK : taken
}
