import type {BindingRow} from '../../lib/binding/index.ts'
import {table} from '../table.ts'
import type {View} from '../terminal.ts'
import {ago} from '../words.ts'

export interface BindingList {
  items: BindingRow[]
}

export const bindingListView: View<BindingList> = ({items}, terminal) =>
  items.length === 0
    ? 'no app here uses another; berth binding list -A looks everywhere'
    : table<BindingRow>(
        [
          {title: 'APP', cell: row => `${row.consumer.namespace}/${row.consumer.name}`},
          {title: 'PARAMETER', cell: row => row.parameter},
          {title: 'INTERFACE', cell: row => row.interface},
          {title: 'PROVIDER', cell: row => `${row.provider.namespace}/${row.provider.name}`},
          {title: 'ENDPOINT', cell: row => row.endpoint, wide: true},
          {title: 'STATE', cell: row => row.state},
          {title: 'SINCE', cell: row => (row.since === null ? '-' : ago(row.since, terminal.now)), align: 'right'},
        ],
        items,
        terminal,
      )
