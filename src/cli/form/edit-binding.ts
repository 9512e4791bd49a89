import {printAnswer} from '../../lib/params/index.ts'
import {Back} from './prompts.ts'
import {askForWay, askLine, type Editor, isSame, type Question, type Way} from './question.ts'

/** Who provides what the app needs: an app of the cluster, a service, a new app, or an address said outright. */
export const editBinding: Editor = async question => {
  const {field, path, draft} = question
  const present = draft.at(path)
  const known = field.choices ?? []
  const chosen = known.find(({value}) => isSame(value, present))
  const keep: Way = {
    title: `${chosen?.title ?? printAnswer('binding', present)} (as it is)`,
    value: () => undefined,
  }
  await askForWay(question, [
    ...(present === undefined ? [] : [keep]),
    ...(field.required ? [] : [{title: '(none)', value: () => draft.put(path, undefined)}]),
    ...known
      .filter(choice => choice !== chosen)
      .map(({title, value}) => ({title, value: () => takeProvider(question, value)})),
    {title: 'another: an app, a service, or a package to install', value: () => askName(question)},
    ...(field.item === undefined ? [] : [{title: 'an address of its own', value: () => askOutright(question)}]),
  ])
}

async function takeProvider({path, draft, prompts, paint}: Question, provider: unknown): Promise<void> {
  const problem = await draft.change(path, {value: provider})
  if (problem === undefined) return
  prompts.say(paint.red(`> ${problem}`))
  throw new Back()
}

const askName = (question: Question) =>
  askLine(question, {message: `${question.field.title} [app:namespace/name, service:name or new:package]`}, text => ({
    text,
  }))

/** Its parts, again and again until they fit together. */
async function askOutright({field, path, draft, prompts, paint, editParts}: Question): Promise<void> {
  const at = [...path, '$literal']
  draft.put(path, {$literal: draft.at(at) ?? {}})
  for (;;) {
    await editParts((field.item ?? []).slice(1), at)
    const wrong = await draft.errorsAt(path)
    if (wrong.length === 0) return
    for (const {message, field: where} of wrong) prompts.say(paint.red(`> ${where.split('/').at(-1)} ${message}`))
  }
}
