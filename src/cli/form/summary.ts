import {type Answers, type FormField, fromPointer, printAnswer} from '../../lib/params/index.ts'
import type {Asking} from './asking.ts'
import {answerAt} from './draft.ts'

/** What will be used: a line per field, defaults dimmed, secrets as where they come from. */
export function summaryLines(fields: readonly FormField[], answers: Answers, {paint, columns}: Asking): string[] {
  const shown = fields.filter(field => field.active && field.widget !== 'group')
  const width = Math.min(Math.max(0, ...shown.map(field => nameOf(field, fields).length)), Math.floor(columns / 2))
  return shown.map(field => {
    const name = nameOf(field, fields)
    const {text, quiet} = describeValue(field, answers)
    const room = Math.max(10, columns - width - 4)
    const value = text.length > room ? `${text.slice(0, room - 1)}…` : text
    const padded = name.length > width ? `${name.slice(0, width - 1)}…` : name.padEnd(width)
    return `  ${padded}  ${quiet ? paint.dim(value) : value}`
  })
}

/** `SMTP › Port`: fields of a group stand after it. */
export function nameOf(field: FormField, fields: readonly FormField[]): string {
  const parents = fields.filter(group => group.widget === 'group' && field.field.startsWith(`${group.field}/`))
  return [...parents, field].map(({title}) => title).join(' › ')
}

function describeValue(field: FormField, answers: Answers): {text: string; quiet: boolean} {
  const answer = answerAt(answers, fromPointer(field.field))
  if (field.secret) return {text: describeSecret(field, answer), quiet: answer === undefined}
  const value = answer ?? field.default
  const choice = field.choices?.find(({value: known}) => JSON.stringify(known) === JSON.stringify(value))
  const text = choice !== undefined && field.widget !== 'volume' ? choice.title : printAnswer(field.kind, value)
  const line = text.replace(/\s*\n\s*/g, ' ')
  return {text: line === '' ? '-' : line, quiet: answer === undefined}
}

function describeSecret(field: FormField, answer: unknown): string {
  if (typeof answer === 'object' && answer !== null) {
    if ('$file' in answer) return `from the file ${String(answer.$file)}`
    if ('$env' in answer) return `from the variable ${String(answer.$env)}`
    if ('$secret' in answer) return `from the Secret ${String(answer.$secret)}`
  }
  if (typeof answer === 'string') return '(typed)'
  if (field.kept === true) return '(kept)'
  return field.constraints.generate === false ? '-' : '(generated)'
}
