import type {ValueRow} from '../../lib/shared/index.ts'
import {table} from '../table.ts'
import type {Names, View} from '../terminal.ts'

type User = NonNullable<ValueRow['users']>[number]

export const valueUsersNames: Names<Pick<ValueRow, 'users'>> = ({users}) =>
  (users ?? []).map(({app}) => `${app.namespace}/${app.name}`)

export const valueUsersView: View<ValueRow> = ({users, namespace, name}, terminal) => {
  if (users === null) return 'you may not list all namespaces: who uses it is not known'
  if (users.length === 0) return `no app uses ${namespace}/${name}`
  return table<User>(
    [
      {title: 'NAMESPACE', cell: ({app}) => app.namespace},
      {title: 'APP', cell: ({app}) => app.name},
      {title: 'PARAMETERS', cell: ({parameters}) => parameters.join(','), shrink: true},
    ],
    users,
    terminal,
  )
}
