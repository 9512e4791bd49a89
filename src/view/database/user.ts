import type {AppRef} from '../../lib/anchor/index.ts'
import type {DatabaseUserRow} from '../../lib/binding/index.ts'
import {pairs} from '../table.ts'
import type {View} from '../terminal.ts'

export interface DatabaseUser extends DatabaseUserRow {
  /** Null unless it is revealed. */
  password: string | null
}

export const databaseUserView: View<DatabaseUser> = ({provider, database, name, access, secret, password}, terminal) =>
  pairs(
    [
      ['server', `${provider.namespace}/${provider.name}`],
      ['database', database],
      ['login', name],
      ['access', access ?? undefined],
      ['secret', secret === null ? undefined : `${secret} -n ${provider.namespace}`],
      ['password', password ?? '********   in the Secret; --reveal shows it'],
    ],
    terminal,
  )

export interface DatabaseUserDeleted {
  provider: AppRef
  name: string
  database: string
  access: 'read' | 'write' | 'owner'
  /** False under `--dry-run`. */
  deleted: boolean
}

export const databaseUserDeletedView: View<DatabaseUserDeleted> = (result, {paint}) => {
  const {provider, name, database, access, deleted} = result
  const what = `login ${name} (${access} on ${database}) of ${provider.namespace}/${provider.name}`
  return deleted ? `${paint.green('✓')} deleted ${what}` : `${paint.red('-')} ${what}`
}
