import type {ServiceRow} from '../../lib/shared/index.ts'
import {pairs} from '../table.ts'
import type {View} from '../terminal.ts'

export type Service = ServiceRow

export const serviceView: View<Service> = (service, terminal) => {
  const {namespace, name, interface: kind, outputs, secrets, users, by} = service
  const used = users
    ?.map(
      ({app, parameters, kept}) =>
        `${app.namespace}/${app.name} (${parameters.join(', ')}${kept ? ', gone, its data kept' : ''})`,
    )
    .join(', ')
  const said = Object.entries(outputs).map(([key, value]): [string, string] => [
    key,
    String(value).split('\n')[0] ?? '',
  ])
  return pairs(
    [
      ['service', terminal.paint.bold(`${namespace}/${name}`)],
      ['interface', kind],
      ...said,
      ...secrets.map((key): [string, string] => [key, '(secret)']),
      ...(by ? [['each app', `gets its own, by ${by.package} ${by.version}`] as [string, string]] : []),
      ['used by', used ?? 'not known: you may not list all namespaces'],
    ],
    terminal,
  )
}

/** Whether it is right what was said only a pod can tell. */
export const serviceAddedView: View<Service> = (service, terminal) => {
  const shown = serviceView(service, terminal)
  if (terminal.quiet) return shown
  const {namespace, name, scope} = service
  const where = scope === 'cluster' ? '--cluster' : `-n ${namespace}`
  const next = `next: berth service check ${name} ${where}   whether it can be reached; apps name it as service:${name}`
  return `${shown}\n${terminal.paint.dim(next)}`
}
