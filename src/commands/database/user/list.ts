import {string} from '@oclif/core/args'
import {AppCommand} from '../../../cli/app-command.ts'
import {clusterFlags, listFlags} from '../../../cli/flags.ts'
import {listDatabaseUsers} from '../../../lib/binding/index.ts'
import {type DatabaseUserList, databaseUserListView, databaseUserNames} from '../../../view/database/users.ts'

const {'all-namespaces': allNamespaces} = listFlags

export default class DatabaseUserListCommand extends AppCommand<typeof DatabaseUserListCommand, DatabaseUserList> {
  static override summary = 'list the logins to databases: of apps, of people, and those that others made'
  static override examples = [
    {description: 'of one server', command: 'berth database user list db/pg'},
    {description: 'everywhere', command: 'berth database user list -A'},
  ]
  static override args = {
    provider: string({description: 'the server: an app that provides databases, or service:NAME; all without'}),
  }
  static override flags = {...clusterFlags, 'all-namespaces': allNamespaces}
  static override resultKind = 'DatabaseUserList'
  static override view = databaseUserListView
  static override names = databaseUserNames

  async run(): Promise<DatabaseUserList> {
    const context = await this.context()
    const {kube, flags, args, signal, report} = context
    const all = flags['all-namespaces'] ? {} : {namespace: kube.target.namespace}
    const where = args.provider === undefined ? all : this.providerRef(args.provider, context)
    return {items: await listDatabaseUsers(kube, {...where, signal, report})}
  }
}
