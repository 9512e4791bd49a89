import type {Form} from '../../lib/app/index.ts'
import type {FormField} from '../../lib/params/index.ts'
import {table} from '../table.ts'
import type {View} from '../terminal.ts'

export type AppForm = Form

export const appFormView: View<AppForm> = ({package: pkg, fields}, terminal) => {
  const {paint} = terminal
  const head = `${paint.bold(pkg.title)} ${pkg.version}${pkg.description === null ? '' : `: ${pkg.description}`}`
  if (fields.length === 0) return `${head}\n\nnothing to answer`
  const rows = table<FormField>(
    [
      {title: 'FIELD', cell: field => field.field},
      {title: 'KIND', cell: field => field.kind},
      {title: '', cell: field => (field.required ? 'required' : field.advanced ? 'advanced' : '')},
      {
        title: 'DEFAULT',
        cell: field => (field.default === undefined ? '' : JSON.stringify(field.default)),
        shrink: true,
      },
      {title: 'CHOICES', cell: field => (field.choices ?? []).map(choice => choice.title).join(', '), shrink: true},
      {title: 'WHAT IT IS', cell: field => field.title, shrink: true},
    ],
    fields,
    terminal,
  )
  return `${head}\n\n${rows}`
}
