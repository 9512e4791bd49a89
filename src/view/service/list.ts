import type {ServiceRow} from '../../lib/shared/index.ts'
import {table} from '../table.ts'
import type {Names, View} from '../terminal.ts'

export interface ServiceList {
  items: ServiceRow[]
}

export const serviceListNames: Names<ServiceList> = ({items}) => items.map(({name}) => name)

export const serviceListView: View<ServiceList> = ({items}, terminal) =>
  items.length === 0
    ? 'no services here; berth service add NAME --interface … registers one'
    : table<ServiceRow>(
        [
          {title: 'NAME', cell: row => row.name},
          {title: 'FOR', cell: row => (row.scope === 'cluster' ? 'the cluster' : row.namespace)},
          {title: 'INTERFACE', cell: row => row.interface},
          {title: 'ADDRESS', cell: ({outputs: {url, host, port}}) => String(url ?? `${host}:${port}`), shrink: true},
          {
            title: 'USED BY',
            cell: row => row.users?.map(({app}) => `${app.namespace}/${app.name}`).join(',') ?? '?',
            shrink: true,
          },
        ],
        items,
        terminal,
      )
