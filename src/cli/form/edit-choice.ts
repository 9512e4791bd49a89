import type {Option} from './prompts.ts'
import {askUntilTaken, type Editor, isSame, messageOf} from './question.ts'

/** One of a list. Options that nobody has to take begin with none of them. */
export const editChoice: Editor = async question => {
  const {field, path, draft, prompts} = question
  const present = draft.at(path)
  const choices: Option<unknown>[] = (field.choices ?? []).map(choice => ({
    ...choice,
    title: isSame(choice.value, field.default) ? `${choice.title} (default)` : choice.title,
  }))
  const known = present === undefined || choices.some(({value}) => isSame(value, present))
  const options = [
    ...(field.required || field.default !== undefined ? [] : [{value: undefined, title: '(none)'}]),
    ...(known ? [] : [{value: present, title: `${String(present)} (as it is)`}]),
    ...choices,
  ]
  const at = options.findIndex(({value}) => isSame(value, present ?? field.default))
  await askUntilTaken(
    question,
    () => prompts.choose({message: messageOf(question), options, default: Math.max(at, 0)}),
    async chosen => {
      const isDefault = chosen === undefined || (present === undefined && isSame(chosen, field.default))
      return draft.change(path, isDefault ? 'nothing' : {value: chosen})
    },
  )
}

/** Yes or no; where neither is needed, a choice of three. */
export const editBoolean: Editor = async question => {
  const {field, path, draft, prompts} = question
  if (field.default === undefined && !field.required) {
    const choices = [
      {value: true, title: 'yes'},
      {value: false, title: 'no'},
    ]
    return editChoice({...question, field: {...field, choices}})
  }
  const present = draft.at(path)
  const byDefault = typeof present === 'boolean' ? present : field.default === true
  await askUntilTaken(
    question,
    () => prompts.yesNo({message: field.title, default: byDefault}),
    async yes => draft.change(path, present === undefined && yes === field.default ? 'nothing' : {value: yes}),
  )
}

/** A group that may be left out as a whole. Its fields are asked after it. */
export const editGroup: Editor = async ({field, path, draft, prompts}) => {
  const present = draft.at(path)
  const wanted = await prompts.yesNo({message: `Set ${field.title}?`, default: present !== undefined})
  draft.put(path, wanted ? (present ?? {}) : undefined)
}
