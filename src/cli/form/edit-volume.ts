import {isRecord} from '../../lib/params/index.ts'
import {editText} from './edit-text.ts'
import type {Option} from './prompts.ts'
import {askLine, askUntilTaken, type Editor, type Question} from './question.ts'

/** A volume: its size, then its storage class where there is a choice. An existing claim is a matter of flags. */
export const editVolume: Editor = async question => {
  const {path, draft} = question
  const present = draft.at(path)
  if (isRecord(present) && present.existing !== undefined) return editText(question)
  do await askSize(question, isRecord(present) ? present : {})
  while (!(await draft.attempt(() => askClass(question))))
}

/** The size alone, so that a new one keeps the class and the access of before. */
async function askSize(question: Question, present: Record<string, unknown>): Promise<void> {
  const {title, default: byDefault} = question.field
  const shown = [present, byDefault].filter(isRecord).find(({size}) => typeof size === 'string')?.size
  const line = {
    message: `${title}: size${shown === undefined ? ' [such as 10Gi]' : ''}`,
    ...(typeof shown === 'string' && {default: shown}),
  }
  await askLine(question, line, typed => {
    if (typed === shown) return 'as it is'
    return typed === '' ? 'nothing' : {value: {...present, size: typed}}
  })
}

async function askClass(question: Question): Promise<void> {
  const {field, path, draft, prompts} = question
  const answer = draft.at(path) ?? field.default
  const classes = field.choices ?? []
  if (!isRecord(answer) || classes.length < 2) return
  const options: Option<unknown>[] = [{value: undefined, title: "(the cluster's default)"}, ...classes]
  const at = options.findIndex(({value}) => value === answer.class)
  await askUntilTaken(
    question,
    () => prompts.choose({message: `${field.title}: storage class`, options, default: Math.max(at, 0)}),
    async chosen => {
      if (chosen === answer.class) return undefined
      const {class: _was, ...rest} = answer
      return draft.change(path, {value: chosen === undefined ? rest : {...rest, class: chosen}})
    },
  )
}
