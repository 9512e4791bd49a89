import type {Answers, FormField} from '../../lib/params/index.ts'
import {askText} from './ask-text.ts'
import type {Asking} from './asking.ts'
import {type AnswerPath, answerAt, change} from './draft.ts'
import {BACK, type Option} from './prompts.ts'

/** A volume: its size, then its storage class where there is a choice. An existing claim is a matter of flags. */
export async function askVolume(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
): Promise<Answers | typeof BACK> {
  const present = answerAt(answers, path)
  if (isRecord(present) && present.existing !== undefined) return askText(asking, field, path, answers)
  for (;;) {
    const sized = await askSize(asking, field, path, answers, isRecord(present) ? present : {})
    if (sized === BACK) return BACK
    const whole = await askClass(asking, field, path, sized)
    if (whole !== BACK) return whole
  }
}

/** The size alone, so that a new one keeps the class and the access of before. */
async function askSize(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
  present: Record<string, unknown>,
): Promise<Answers | typeof BACK> {
  const byDefault = isRecord(field.default) && typeof field.default.size === 'string' ? field.default.size : undefined
  const shown = typeof present.size === 'string' ? present.size : byDefault
  let taken = answers
  const text = await asking.prompts.text({
    message: `${field.title}: size${shown === undefined ? ' [such as 10Gi]' : ''}`,
    ...(shown === undefined ? {} : {default: shown}),
    validate: async typed => {
      if (typed === shown) return undefined
      const value = typed === '' ? ('nothing' as const) : {value: {...present, size: typed}}
      const changed = await change(asking, answers, path, value)
      if ('problem' in changed) return changed.problem.replace(/^size /, '')
      taken = changed.answers
      return undefined
    },
  })
  return text === BACK ? BACK : taken
}

async function askClass(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
): Promise<Answers | typeof BACK> {
  const answer = answerAt(answers, path) ?? field.default
  const classes = field.choices ?? []
  if (!isRecord(answer) || classes.length < 2) return answers
  const options: Option<unknown>[] = [{value: undefined, title: "(the cluster's default)"}, ...classes]
  const at = options.findIndex(({value}) => value === answer.class)
  for (;;) {
    const chosen = await asking.prompts.choose({
      message: `${field.title}: storage class`,
      options,
      default: Math.max(at, 0),
    })
    if (chosen === BACK) return BACK
    if (chosen === answer.class) return answers
    const {class: _was, ...rest} = answer
    const changed = await change(asking, answers, path, {value: chosen === undefined ? rest : {...rest, class: chosen}})
    if ('answers' in changed) return changed.answers
    asking.prompts.say(asking.paint.red(`> ${changed.problem}`))
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
