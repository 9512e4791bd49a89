import {type FormField, fromPointer} from '../../lib/params/index.ts'
import {wrap} from '../../view/table.ts'
import type {AnswerPath} from './draft.ts'
import {editBinding} from './edit-binding.ts'
import {editBoolean, editChoice, editGroup} from './edit-choice.ts'
import {editEntries} from './edit-entries.ts'
import {editSecret} from './edit-secret.ts'
import {editFile, editLines, editText} from './edit-text.ts'
import {editVolume} from './edit-volume.ts'
import {Back} from './prompts.ts'
import type {Asking, Editor} from './question.ts'

/** One editor for each way to draw a field. */
const editors: Record<FormField['widget'], Editor> = {
  group: editGroup,
  text: editText,
  number: editText,
  multiline: editLines,
  boolean: editBoolean,
  // a choice that the cluster did not tell
  choice: question => (question.field.choices === undefined ? editText(question) : editChoice(question)),
  password: editSecret,
  list: editEntries,
  dictionary: editEntries,
  binding: editBinding,
  volume: editVolume,
  file: editFile,
}

/** Asks one field, however it is drawn. What it leaves in the draft fits the field; the rest of the answers is as before. @throws Back */
export async function editField(asking: Asking, field: FormField, path: AnswerPath): Promise<void> {
  const help = field.help?.trim()
  if (help) asking.prompts.say(asking.paint.dim(wrap(help, asking.columns)))
  await editors[field.widget]({...asking, field, path, editParts: (parts, at) => editParts(asking, parts, at)})
}

/**
 * The fields of an entry, one after the other; going back before the first leaves the entry as it was. Pointers of fields have a `-`
 * where the path has the entry.
 */
async function editParts(asking: Asking, fields: readonly FormField[], path: AnswerPath): Promise<void> {
  const {draft} = asking
  const depth = fromPointer(fields[0]?.field ?? '').length
  // the parts of something said outright come without what they are parts of
  const base = fields[0]?.widget === 'group' || fields.length === 1 ? depth : depth - 1
  const parts = fields.map(field => ({field, at: [...path, ...fromPointer(field.field).slice(base)]}))
  const history: {index: number; before: typeof draft.answers}[] = []
  for (let index = 0; index < parts.length; index++) {
    const {field, at} = parts[index] as (typeof parts)[number]
    if (field.widget === 'group' && field.required) {
      if (draft.at(at) === undefined) draft.put(at, {})
      continue
    }
    if (parts.some(group => isWithin(field, group.field) && draft.at(group.at) === undefined)) continue
    const before = draft.answers
    if (await draft.attempt(() => editField(asking, field, at))) {
      history.push({index, before})
      continue
    }
    const last = history.pop()
    if (last === undefined) throw new Back()
    draft.answers = last.before
    index = last.index - 1
  }
}

/** Is a field in a group? Parts of a group that was declined are not asked. */
export const isWithin = ({field}: FormField, group: FormField): boolean =>
  group.widget === 'group' && field.startsWith(`${group.field}/`)
