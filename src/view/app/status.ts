import type {AppStatus as Status} from '../../lib/app/index.ts'
import {pairs, table} from '../table.ts'
import type {Terminal, View} from '../terminal.ts'
import {ago, count, duration, listOf} from '../words.ts'

export type AppStatus = Status

export const appStatusView: View<AppStatus> = (status, terminal) => {
  const {paint} = terminal
  const {app, verdict} = status
  const mark = verdict.healthy ? paint.green('✓') : paint.red('✗')
  const head = [
    `${mark} ${paint.bold(`${app.namespace}/${app.name}`)} ${status.phase}: ${verdict.message}`,
    ...(verdict.next === null ? [] : [paint.dim(`  next: ${verdict.next}`)]),
  ].join('\n')
  return [head, facts(status, terminal), evidence(status, terminal), pods(status, terminal), objects(status, terminal)]
    .filter(part => part !== '')
    .join('\n\n')
}

function facts(
  {package: pkg, installedFor, revision, endpoints, uses, certificates, users, history}: Status,
  terminal: Terminal,
): string {
  const {now} = terminal
  const appVersion = pkg?.appVersion === undefined ? '' : ` (${pkg.appVersion})`
  const behind = (ready: number | null) => (ready === null ? '' : `, ${count(ready, 'ready pod')} behind it`)
  return pairs(
    [
      ['package', pkg === null ? undefined : `${pkg.name} ${pkg.version}${appVersion}, revision ${revision}`],
      ['installed for', installedFor ?? undefined],
      ...Object.entries(endpoints).map(([name, {url, interface: kind, host, port, ready}]): [string, string] => [
        name,
        `${url ?? `${kind} at ${host}:${port}`}${behind(ready)}`,
      ]),
      ...uses.map(({parameter, interface: kind, provider, state}): [string, string] => [
        parameter,
        `${kind} of ${provider}${state === 'given' ? '' : `, ${state}`}`,
      ]),
      ...certificates.map(({parameter, expires, renew}): [string, string] => [
        parameter,
        `certificate until ${expires}${renew === null ? ', renewed by cert-manager' : ''}`,
      ]),
      ['used by', users.map(user => `${user.app} (${user.parameter})`).join(', ')],
      ...history.map(({kind, revision: number, package: of, outcome, seconds, when}, i): [string, string] => [
        i === 0 ? 'changes' : '',
        `${ago(when, now)} ago: ${kind} ${outcome}, revision ${number}, ${of.name} ${of.version}, took ${duration(seconds * 1000)}`,
      ]),
    ],
    terminal,
  )
}

/** Beyond the verdict: what else is wrong, and what was seen of all of it. */
function evidence({diagnoses}: Status, {paint}: Terminal): string {
  return diagnoses
    .flatMap(({cause, events, logs}, i) => [
      ...(i === 0 ? [] : [cause]),
      ...events.slice(-3).map(line => `${paint.dim('event')} ${line}`),
      ...logs.slice(-5).map(line => `${paint.dim('log')}   ${line}`),
    ])
    .join('\n')
}

/** So many pods are shown one by one at a terminal; of more, those that something is to be said of. */
const most = 12

function pods({pods: all}: Status, terminal: Terminal): string {
  const whole = terminal.wide || all.length <= most || !Number.isFinite(terminal.columns)
  const shown = whole ? all : all.filter(({ready, restarts}) => !ready || restarts > 0).slice(0, most)
  const rest = all.filter(pod => !shown.includes(pod))
  const sums = [true, false].flatMap(is => {
    const same = rest.filter(({ready}) => ready === is)
    const nodes = [...Map.groupBy(same, ({node}) => node ?? 'no node')].sort(([one], [other]) => (one < other ? -1 : 1))
    const where = listOf(nodes.map(([node, on]) => `${on.length} on ${node}`))
    const what = `${count(same.length, shown.length === 0 ? 'pod' : 'more pod')} ${is ? 'ready' : 'not ready'}`
    return same.length === 0 ? [] : [`${what}: ${where}; -o wide shows each`]
  })
  return [...(shown.length === 0 ? [] : [podTable(shown, terminal)]), ...sums].join('\n')
}

function podTable(rows: Status['pods'], terminal: Terminal): string {
  const {now} = terminal
  return table(
    [
      {title: 'POD', cell: pod => pod.name, shrink: true},
      {title: 'READY', cell: pod => (pod.ready ? 'yes' : 'no')},
      {title: 'STATE', cell: pod => pod.state},
      {title: 'RESTARTS', cell: pod => pod.restarts, align: 'right'},
      {
        title: 'LAST EXIT',
        cell: ({lastExit}) =>
          lastExit === null
            ? '-'
            : `${lastExit.exitCode} ${lastExit.reason ?? ''} ${ago(lastExit.at ?? undefined, now)} ago`,
      },
      {title: 'NODE', cell: pod => pod.node ?? '-'},
      {title: 'AGE', cell: pod => ago(pod.created ?? undefined, now), align: 'right'},
    ],
    rows,
    terminal,
  )
}

function objects({objects: rows}: Status, terminal: Terminal): string {
  if (rows.length === 0) return ''
  return table(
    [
      {title: 'OBJECT', cell: object => object.object, shrink: true},
      {title: 'READY', cell: ({ready}) => (ready === null ? '?' : ready ? 'yes' : 'no')},
      {title: 'STATE', cell: object => object.message, shrink: true},
      {title: 'AGE', cell: object => ago(object.created ?? undefined, terminal.now), align: 'right'},
    ],
    rows,
    terminal,
  )
}
