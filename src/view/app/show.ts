import type {AppShow as Shown} from '../../lib/app/index.ts'
import {pairs, table} from '../table.ts'
import type {View} from '../terminal.ts'
import {ago, duration} from '../words.ts'

export type AppShow = Shown

export const appShowView: View<AppShow> = (shown, terminal) => {
  const {app, package: pkg, history} = shown
  const {paint, now} = terminal
  const facts = pairs(
    [
      ['app', paint.bold(`${app.namespace}/${app.name}`)],
      [
        'package',
        pkg === null
          ? undefined
          : `${pkg.repository === undefined ? '' : `${pkg.repository}/`}${pkg.name} ${pkg.version}${pkg.appVersion === undefined ? '' : ` (${pkg.appVersion})`}`,
      ],
      ['digest', pkg?.digest],
      ['phase', shown.phase],
      ['owner', shown.owner ?? undefined],
      ['installed for', shown.installedFor ?? undefined],
      ['installed', `${ago(shown.created, now)} ago, revision ${shown.revision}`],
      ...Object.entries(shown.endpoints).map(([name, endpoint]): [string, string] => [
        `provides ${name}`,
        `${endpoint.interface} at ${endpoint.host}:${endpoint.port}${endpoint.url === undefined ? '' : `, ${endpoint.url}`}`,
      ]),
      ...shown.uses.map((use): [string, string] => [`uses ${use.parameter}`, `${use.interface} of ${use.provider}`]),
      ['used by', shown.users.map(user => `${user.app} (${user.parameter})`).join(', ')],
      ['left to others', shown.ignore.join(', ')],
      ['keeps data for', shown.keptFor.join(', ')],
    ],
    terminal,
  )
  const answers = Object.entries(shown.answers).map(([name, value]): [string, string] => [name, JSON.stringify(value)])
  const told =
    answers.length === 0 ? paint.dim('no answers: every parameter has its default') : pairs(answers, terminal)
  const past = table(
    [
      {title: 'REVISION', cell: entry => entry.revision, align: 'right'},
      {title: 'WHAT', cell: entry => entry.kind},
      {title: 'PACKAGE', cell: entry => `${entry.package.name} ${entry.package.version}`},
      {title: 'OUTCOME', cell: entry => entry.outcome},
      {title: 'TOOK', cell: entry => duration(entry.seconds * 1000), align: 'right'},
      {title: 'WHO', cell: entry => entry.who, shrink: true},
      {title: 'WHEN', cell: entry => ago(entry.when, now), align: 'right'},
    ],
    history,
    terminal,
  )
  return [facts, told, ...(history.length === 0 ? [] : [past])].join('\n\n')
}
