import type {DatabaseRow} from '../../lib/binding/index.ts'
import {table} from '../table.ts'
import type {Names, View} from '../terminal.ts'
import {bytes} from '../words.ts'

export interface DatabaseList {
  items: DatabaseRow[]
}

export const databaseListNames: Names<DatabaseList> = ({items}) => items.map(({name}) => name)

export const databaseListView: View<DatabaseList> = ({items}, terminal) =>
  items.length === 0
    ? 'no databases here; berth database list -A looks everywhere'
    : table<DatabaseRow>(
        [
          {title: 'SERVER', cell: row => `${row.provider.namespace}/${row.provider.name}`},
          {title: 'KIND', cell: row => row.interface},
          {title: 'NAME', cell: row => row.name},
          {title: 'SIZE', cell: row => (row.bytes === null ? '-' : bytes(row.bytes)), align: 'right'},
          {title: 'USED BY', cell: row => usedBy(row)},
          {title: 'LOGINS', cell: row => row.users.join(','), wide: true},
        ],
        items,
        terminal,
      )

const usedBy = ({consumer}: DatabaseRow): string =>
  consumer === null ? 'not made by berth' : `${consumer.namespace}/${consumer.name} (${consumer.parameter})`
