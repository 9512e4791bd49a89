import {ClusterCommand} from '../../cli/cluster-command.ts'
import {clusterFlags, listFlags} from '../../cli/flags.ts'
import {listDatabases} from '../../lib/binding/index.ts'
import {type DatabaseList, databaseListNames, databaseListView} from '../../view/database/list.ts'

const {'all-namespaces': allNamespaces} = listFlags

export default class DatabaseListCommand extends ClusterCommand<typeof DatabaseListCommand, DatabaseList> {
  static override summary = 'list the databases of servers that are apps: who uses each, its logins and size'
  static override examples = [
    {description: 'of the servers in a namespace', command: 'berth database list -n db'},
    {description: 'everywhere', command: 'berth database list -A'},
  ]
  static override flags = {...clusterFlags, 'all-namespaces': allNamespaces}
  static override resultKind = 'DatabaseList'
  static override view = databaseListView
  static override names = databaseListNames

  async run(): Promise<DatabaseList> {
    const {kube, flags, signal, report} = await this.context()
    const where = flags['all-namespaces'] ? {} : {namespace: kube.target.namespace}
    return {items: await listDatabases(kube, {...where, signal, report})}
  }
}
