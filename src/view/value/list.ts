import type {ValueRow} from '../../lib/shared/index.ts'
import {table} from '../table.ts'
import type {Names, View} from '../terminal.ts'

export interface ValueList {
  items: ValueRow[]
}

export const valueListNames: Names<ValueList> = ({items}) => items.map(({name}) => name)

export const valueListView: View<ValueList> = ({items}, terminal) =>
  items.length === 0
    ? 'no shared values here; berth value set NAME VALUE makes one'
    : table<ValueRow>(
        [
          {title: 'NAME', cell: row => row.name},
          {title: 'FOR', cell: row => (row.scope === 'cluster' ? 'the cluster' : row.namespace)},
          {title: 'VALUE', cell: row => row.value ?? '(secret)', shrink: true},
          {
            title: 'USED BY',
            cell: row => row.users?.map(({app}) => `${app.namespace}/${app.name}`).join(',') ?? '?',
            shrink: true,
          },
        ],
        items,
        terminal,
      )
