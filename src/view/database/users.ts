import type {DatabaseUserRow} from '../../lib/binding/index.ts'
import {table} from '../table.ts'
import type {Names, View} from '../terminal.ts'

export interface DatabaseUserList {
  items: DatabaseUserRow[]
}

export const databaseUserNames: Names<DatabaseUserList> = ({items}) => items.map(({name}) => name)

export const databaseUserListView: View<DatabaseUserList> = ({items}, terminal) =>
  items.length === 0
    ? 'no logins here; berth database user list -A looks everywhere'
    : table<DatabaseUserRow>(
        [
          {title: 'SERVER', cell: row => `${row.provider.namespace}/${row.provider.name}`},
          {title: 'DATABASE', cell: row => row.database},
          {title: 'LOGIN', cell: row => row.name},
          {title: 'ACCESS', cell: row => (row.there ? (row.access ?? '-') : `${row.access} (not on the server)`)},
          {title: 'MADE FOR', cell: row => madeFor(row)},
          {title: 'SECRET', cell: row => row.secret ?? '-', wide: true},
        ],
        items,
        terminal,
      )

function madeFor({madeFor: whom, consumer}: DatabaseUserRow): string {
  if (whom === 'others') return 'not made by berth'
  return consumer === null ? 'a person' : `${consumer.namespace}/${consumer.name} (${consumer.parameter})`
}
