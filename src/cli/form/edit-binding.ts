import {isRecord, printAnswer, toPointer} from '../../lib/params/index.ts'
import type {Change} from './draft.ts'
import {Back} from './prompts.ts'
import {askForWay, type Editor, isSame, type Question, type Way} from './question.ts'

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

async function takeProvider(question: Question, provider: unknown): Promise<void> {
  const {path, draft, prompts, paint} = question
  const problem = await problemWith(question, {value: provider})
  if (problem !== undefined) {
    prompts.say(paint.red(`> ${problem}`))
    throw new Back()
  }
  draft.put(path, provider)
  await askWhatItAsks(question)
}

async function askName(question: Question): Promise<void> {
  const {field, path, draft, prompts} = question
  const message = `${field.title} [app:namespace/name, service:name or new:package]`
  const text = await prompts.text({message, validate: typed => problemWith(question, {text: typed})})
  draft.apply(path, {text})
  await askWhatItAsks(question)
}

/** What is wrong with a provider itself: the answers to a package that is to be installed are asked after it is chosen. */
async function problemWith({path, draft}: Question, change: Change): Promise<string | undefined> {
  const errors = await draft.errorsWith(path, change)
  const own = errors.filter(({field}) => !field.startsWith(toPointer([...path, 'answers'])))
  return own.length === 0 ? undefined : own.map(({message}) => message).join('; ')
}

/** A package that is installed first has questions of its own. */
async function askWhatItAsks({field, path, draft, askProvider}: Question): Promise<void> {
  const provider = draft.at(path)
  if (!isRecord(provider) || typeof provider.$new !== 'string') return
  const need = {parameter: path.join('.'), interface: String(field.constraints.interface)}
  const answers = await askProvider({...need, provider: {...provider, $new: provider.$new}})
  draft.put([...path, 'answers'], Object.keys(answers).length === 0 ? undefined : answers)
}

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
