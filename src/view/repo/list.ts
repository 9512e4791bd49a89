import type {Repository} from '../../lib/config/index.ts'
import {table} from '../table.ts'
import type {Names, View} from '../terminal.ts'

export interface RepoList {
  items: Repository[]
}

export const repoListView: View<RepoList> = ({items}, terminal) =>
  items.length === 0
    ? 'No repositories yet. Add one: berth repo add NAME FOLDER'
    : table(
        [
          {title: 'NAME', cell: ({name}) => name},
          {title: 'LOCATION', cell: ({location}) => location, shrink: true},
        ],
        items,
        terminal,
      )

export const repoListNames: Names<RepoList> = ({items}) => items.map(({name}) => name)
