import type {AppStatus as Status} from '../../lib/app/index.ts'
import {pairs, table} from '../table.ts'
import type {View} from '../terminal.ts'
import {ago} from '../words.ts'

export type AppStatus = Status

export const appStatusView: View<AppStatus> = (status, terminal) => {
  const {paint, now} = terminal
  const {app, verdict, pods, objects, package: pkg} = status
  const mark = verdict.healthy ? paint.green('✓') : paint.red('✗')
  const head = [
    `${mark} ${paint.bold(`${app.namespace}/${app.name}`)} ${status.phase}: ${verdict.message}`,
    ...(verdict.next === null ? [] : [paint.dim(`  next: ${verdict.next}`)]),
  ].join('\n')
  const facts = pairs(
    [
      [
        'package',
        pkg === null
          ? undefined
          : `${pkg.name} ${pkg.version}${pkg.appVersion === undefined ? '' : ` (${pkg.appVersion})`}, revision ${status.revision}`,
      ],
      ['installed for', status.installedFor ?? undefined],
      ...Object.entries(status.endpoints).map(([name, endpoint]): [string, string] => [
        name,
        endpoint.url ?? `${endpoint.interface} at ${endpoint.host}:${endpoint.port}`,
      ]),
      ...status.uses.map((use): [string, string] => [use.parameter, `${use.interface} of ${use.provider}`]),
      ['used by', status.users.map(user => `${user.app} (${user.parameter})`).join(', ')],
    ],
    terminal,
  )
  const podTable =
    pods.length === 0
      ? ''
      : table(
          [
            {title: 'POD', cell: pod => pod.name, shrink: true},
            {title: 'READY', cell: pod => (pod.ready ? 'yes' : 'no')},
            {title: 'STATE', cell: pod => pod.state},
            {title: 'RESTARTS', cell: pod => pod.restarts, align: 'right'},
            {title: 'NODE', cell: pod => pod.node ?? '-'},
            {title: 'AGE', cell: pod => ago(pod.created ?? undefined, now), align: 'right'},
          ],
          pods,
          terminal,
        )
  const objectTable =
    objects.length === 0
      ? ''
      : table(
          [
            {title: 'OBJECT', cell: object => object.object, shrink: true},
            {title: 'READY', cell: object => (object.ready ? 'yes' : 'no')},
            {title: 'STATE', cell: object => object.message, shrink: true},
            {title: 'AGE', cell: object => ago(object.created ?? undefined, now), align: 'right'},
          ],
          objects,
          terminal,
        )
  return [head, facts, podTable, objectTable].filter(part => part !== '').join('\n\n')
}
