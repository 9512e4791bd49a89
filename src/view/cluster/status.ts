import type {Check, ClusterStatus as Found} from '../../lib/cluster/index.ts'
import {pairs} from '../table.ts'
import type {Terminal, View} from '../terminal.ts'

export type ClusterStatus = Found

export const clusterStatusView: View<ClusterStatus> = (status, terminal) => {
  const {context, server, kubernetes, user, namespace, settings, checks} = status
  const facts: [string, string | undefined][] = [
    ['context', context ?? undefined],
    ['server', `${server}, Kubernetes ${kubernetes}`],
    ['you are', user ?? undefined],
    ['namespace', namespace],
    ['domain', settings.domain],
  ]
  return `${pairs(facts, terminal)}\n\n${checks.map(check => line(check, terminal)).join('\n')}`
}

function line({name, status, message, remedy}: Check, {paint}: Terminal): string {
  const mark = {ok: paint.green('✔'), warning: paint.yellow('!'), failed: paint.red('✘'), unverified: paint.dim('?')}[
    status
  ]
  return [
    `${mark} ${name.padEnd(14)} ${message}`,
    ...remedy.map(text => `${' '.repeat(17)}${paint.cyan('→')} ${text}`),
  ].join('\n')
}
