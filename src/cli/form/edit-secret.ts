import {isRecord} from '../../lib/params/index.ts'
import {askForWay, askLine, type Editor, type Way} from './question.ts'

/** A secret: kept or generated at one keystroke; typed without echo, or read from where it is. */
export const editSecret: Editor = async question => {
  const {field, path, draft} = question
  const present = draft.at(path)
  const answered = present !== undefined && !(isRecord(present) && '$kept' in present)
  const kept = field.kept === true
  const generated = field.constraints.generate !== false
  const tls = field.constraints.algorithm === 'tls'
  const way = (when: boolean, title: string, value: Way['value']): Way[] => (when ? [{title, value}] : [])
  const from = (place: '$file' | '$env' | '$secret', message: string) =>
    askLine(question, {message}, text => ({value: {[place]: text}}))
  const typed = () => askLine(question, {message: field.title, secret: true}, value => ({value}))
  await askForWay(question, [
    ...way(present !== undefined || kept, answered ? 'as answered' : 'keep the present one', () => undefined),
    ...way(generated && !kept, 'generate', () => draft.put(path, undefined)),
    ...way(!generated && !field.required && !kept, '(none)', () => draft.put(path, undefined)),
    ...(field.choices ?? []).map(
      ({title, value}): Way => ({title: `from ${title}`, value: () => draft.put(path, value)}),
    ),
    {title: 'type it', value: typed},
    {title: 'read it from a file', value: () => from('$file', 'Path of the file')},
    {title: 'take it from an environment variable', value: () => from('$env', 'Name of the variable')},
    {
      title: 'use a Secret of the cluster',
      value: () => from('$secret', `Secret${tls ? '' : ' and key'}, as namespace/name${tls ? '' : '/key'}`),
    },
  ])
}
