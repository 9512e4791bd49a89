import type {Answers, FormField} from '../../lib/params/index.ts'
import {type Asking, messageOf} from './asking.ts'
import {type AnswerPath, answerAt, change, put} from './draft.ts'
import {BACK, type Option} from './prompts.ts'

type Way = 'keep' | 'generate' | 'type' | '$file' | '$env' | '$secret' | 'none'

/** A secret: kept or generated at one keystroke; typed without echo, or read from where it is. */
export async function askSecret(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
): Promise<Answers | typeof BACK> {
  const options = waysFor(field, answerAt(answers, path))
  for (;;) {
    const way = await asking.prompts.choose({message: messageOf(field), options, default: 0})
    if (way === BACK) return BACK
    if (way === 'keep') return answers
    if (way === 'generate' || way === 'none') return put(asking, answers, path, undefined)
    const changed = await askValue(asking, field, path, answers, way)
    if (changed !== BACK) return changed
  }
}

function waysFor(field: FormField, present: unknown): Option<Way>[] {
  const generated = field.constraints.generate !== false
  const option = (value: Way, title: string, when = true): Option<Way>[] => (when ? [{value, title}] : [])
  return [
    ...option(
      'keep',
      isTyped(present) ? 'as answered' : 'keep the present one',
      present !== undefined || field.kept === true,
    ),
    ...option('generate', 'generate', generated && field.kept !== true),
    ...option('none', '(none)', !generated && !field.required && field.kept !== true),
    ...option('type', 'type it'),
    ...option('$file', 'read it from a file'),
    ...option('$env', 'take it from an environment variable'),
    ...option('$secret', 'use a Secret of the cluster'),
  ]
}

function isTyped(present: unknown): boolean {
  const kept = typeof present === 'object' && present !== null && '$kept' in present
  return present !== undefined && !kept
}

const questions = {
  $file: 'Path of the file',
  $env: 'Name of the variable',
  $secret: 'Secret and key, as namespace/name/key',
}

async function askValue(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
  way: 'type' | '$file' | '$env' | '$secret',
): Promise<Answers | typeof BACK> {
  let taken = answers
  const validate = async (text: string) => {
    const changed = await change(asking, answers, path, {value: way === 'type' ? text : {[way]: text}})
    if ('problem' in changed) return changed.problem
    taken = changed.answers
    return undefined
  }
  const {prompts} = asking
  const done =
    way === 'type'
      ? await prompts.secret({message: field.title, validate})
      : await prompts.text({message: questions[way], validate})
  return done === BACK ? BACK : taken
}
