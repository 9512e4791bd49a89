import type {Recovered} from '../../lib/app/index.ts'
import type {View} from '../terminal.ts'
import {count, listOf} from '../words.ts'

export type AppRecovered = Recovered

export const appRecoveredView: View<AppRecovered> = ({app, package: pkg, revision, desired, found, missing}, {paint}) =>
  [
    `${paint.green('✓')} ${paint.bold(`${app.namespace}/${app.name}`)} is known again: ${pkg.name} ${pkg.version}, revision ${revision}${desired === 'stopped' ? ', stopped' : ''}, ${count(found.length, 'object')}`,
    ...(missing.length === 0 ? [] : [paint.yellow(`! gone: ${listOf(missing)}`)]),
  ].join('\n')
