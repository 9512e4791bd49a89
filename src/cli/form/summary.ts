import {type Answers, type FormField, fromPointer, isRecord, printAnswer, valueAt} from '../../lib/params/index.ts'
import {cut} from '../../view/table.ts'
import {isWithin} from './edit-field.ts'
import {type Asking, isSame} from './question.ts'

/** What will be used: a line per field, defaults dimmed, secrets as where they come from. */
export function summaryLines(fields: readonly FormField[], {draft, paint, columns}: Asking): string[] {
  const shown = fields.filter(field => field.active && field.widget !== 'group')
  const names = shown.map(field => nameOf(field, fields))
  const width = Math.min(Math.max(0, ...names.map(name => name.length)), Math.floor(columns / 2))
  return shown.map((field, i) => {
    const answer = valueAt(draft.answers, fromPointer(field.field))
    const value = cut(describeValue(field, answer), Math.max(10, columns - width - 4))
    return `  ${cut(names[i] ?? '', width).padEnd(width)}  ${answer === undefined ? paint.dim(value) : value}`
  })
}

/** `SMTP › Port`: fields of a group stand after it. */
export const nameOf = (field: FormField, fields: readonly FormField[]): string =>
  [...fields.filter(group => isWithin(field, group)), field].map(({title}) => title).join(' › ')

function describeValue(field: FormField, answer: Answers[string]): string {
  if (field.secret) return describeSecret(field, answer)
  const value = answer ?? field.default
  const choice = field.widget === 'volume' ? undefined : field.choices?.find(({value: known}) => isSame(known, value))
  return (choice?.title ?? printAnswer(field.kind, value)).replace(/\s*\n\s*/g, ' ') || '-'
}

function describeSecret(field: FormField, answer: unknown): string {
  if (isRecord(answer)) {
    if ('$file' in answer) return `from the file ${String(answer.$file)}`
    if ('$env' in answer) return `from the variable ${String(answer.$env)}`
    if ('$secret' in answer) return `from the Secret ${String(answer.$secret)}`
  }
  if (typeof answer === 'string') return '(typed)'
  if (field.kept === true) return '(kept)'
  return field.constraints.generate === false ? '-' : '(generated)'
}
