import type {Answers, FormField} from '../../lib/params/index.ts'
import {type Asking, messageOf} from './asking.ts'
import {type AnswerPath, answerAt, change} from './draft.ts'
import {BACK, type Option} from './prompts.ts'

/** One of a list. Options that nobody has to take begin with none of them. */
export async function askChoice(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
): Promise<Answers | typeof BACK> {
  const present = answerAt(answers, path)
  const shown = present ?? field.default
  const choices: Option<unknown>[] = (field.choices ?? []).map(({value, title, help}) => ({
    value,
    title: same(value, field.default) ? `${title} (default)` : title,
    ...(help === undefined ? {} : {help}),
  }))
  if (present !== undefined && !choices.some(({value}) => same(value, present))) {
    choices.unshift({value: present, title: `${String(present)} (as it is)`})
  }
  const none = field.required || field.default !== undefined ? [] : [{value: undefined, title: '(none)'}]
  const options = [...none, ...choices]
  const at = options.findIndex(({value}) => same(value, shown))
  for (;;) {
    const chosen = await asking.prompts.choose({message: messageOf(field), options, default: Math.max(at, 0)})
    if (chosen === BACK) return BACK
    const isDefault = chosen === undefined || (present === undefined && same(chosen, field.default))
    const changed = await change(asking, answers, path, isDefault ? 'nothing' : {value: chosen})
    if ('answers' in changed) return changed.answers
    asking.prompts.say(asking.paint.red(`> ${changed.problem}`))
  }
}

/** Yes or no; where neither is needed, a choice of three. */
export async function askBoolean(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
): Promise<Answers | typeof BACK> {
  const present = answerAt(answers, path)
  if (field.default === undefined && !field.required) {
    const choices = [
      {value: true, title: 'yes'},
      {value: false, title: 'no'},
    ]
    return askChoice(asking, {...field, choices}, path, answers)
  }
  const byDefault = typeof present === 'boolean' ? present : field.default === true
  for (;;) {
    const yes = await asking.prompts.yesNo({message: field.title, default: byDefault})
    if (yes === BACK) return BACK
    const isDefault = present === undefined && yes === field.default
    const changed = await change(asking, answers, path, isDefault ? 'nothing' : {value: yes})
    if ('answers' in changed) return changed.answers
    asking.prompts.say(asking.paint.red(`> ${changed.problem}`))
  }
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b))
}
