import {type Answers, type FormField, fromPointer} from '../../lib/params/index.ts'
import {askBinding} from './ask-binding.ts'
import {askBoolean, askChoice} from './ask-choice.ts'
import {askEntries} from './ask-entries.ts'
import {askSecret} from './ask-secret.ts'
import {askLines, askText} from './ask-text.ts'
import {askVolume} from './ask-volume.ts'
import {type Asking, sayHelp} from './asking.ts'
import {type AnswerPath, answerAt, put} from './draft.ts'
import {BACK} from './prompts.ts'

/** Asks one field, however it is drawn. What it returns fits the field; the rest of the answers is as before. */
export async function askField(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
): Promise<Answers | typeof BACK> {
  sayHelp(asking, field.help)
  const parts = (fields: FormField[], at: AnswerPath, draft: Answers) => askParts(asking, fields, at, draft)
  switch (field.widget) {
    case 'group':
      return askGroup(asking, field, path, answers)
    case 'boolean':
      return askBoolean(asking, field, path, answers)
    case 'choice':
      return field.choices === undefined
        ? askText(asking, field, path, answers)
        : askChoice(asking, field, path, answers)
    case 'password':
      return askSecret(asking, field, path, answers)
    case 'binding':
      return askBinding(asking, field, path, answers, parts)
    case 'volume':
      return askVolume(asking, field, path, answers)
    case 'list':
    case 'dictionary':
      return askEntries(asking, field, path, answers, parts)
    case 'multiline':
      return askLines(asking, field, path, answers)
    case 'number':
    case 'text':
      return askText(asking, field, path, answers)
  }
}

/** A group that may be left out as a whole. Its fields are asked after it. */
async function askGroup(
  asking: Asking,
  field: FormField,
  path: AnswerPath,
  answers: Answers,
): Promise<Answers | typeof BACK> {
  const present = answerAt(answers, path)
  const wanted = await asking.prompts.yesNo({message: `Set ${field.title}?`, default: present !== undefined})
  if (wanted === BACK) return BACK
  return put(asking, answers, path, wanted ? (present ?? {}) : undefined)
}

/**
 * The fields of an entry, one after the other; going back before the first leaves the entry as it was. Pointers of fields have a `-`
 * where the path has the entry.
 */
async function askParts(
  asking: Asking,
  fields: readonly FormField[],
  path: AnswerPath,
  answers: Answers,
): Promise<Answers | typeof BACK> {
  const [first] = fields
  if (first === undefined) return answers
  const depth = fromPointer(first.field).length
  // the parts of something said outright come without what they are parts of
  const base = first.widget === 'group' || fields.length === 1 ? depth : depth - 1
  const history: {index: number; before: Answers}[] = []
  let draft = answers
  let index = 0
  while (index < fields.length) {
    const field = fields[index] as FormField
    const at = [...path, ...fromPointer(field.field).slice(base)]
    if (field.widget === 'group' && field.required) {
      if (answerAt(draft, at) === undefined) draft = put(asking, draft, at, {})
      index++
      continue
    }
    if (isWithinMissing(fields, field, draft, path, base)) {
      index++
      continue
    }
    const next = await askField(asking, field, at, draft)
    if (next === BACK) {
      const last = history.pop()
      if (last === undefined) return BACK
      draft = last.before
      index = last.index
    } else {
      history.push({index, before: draft})
      draft = next
      index++
    }
  }
  return draft
}

/** Parts of a group that was declined are not asked. */
function isWithinMissing(
  fields: readonly FormField[],
  field: FormField,
  draft: Answers,
  path: AnswerPath,
  base: number,
): boolean {
  return fields.some(
    group =>
      group.widget === 'group' &&
      field.field.startsWith(`${group.field}/`) &&
      answerAt(draft, [...path, ...fromPointer(group.field).slice(base)]) === undefined,
  )
}
