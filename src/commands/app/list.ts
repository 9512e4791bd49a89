import {boolean} from '@oclif/core/flags'
import {ClusterCommand} from '../../cli/cluster-command.ts'
import {clusterFlags, listFlags} from '../../cli/flags.ts'
import {given} from '../../cli/given.ts'
import {listApps, listRetainedData} from '../../lib/app/index.ts'
import {type AppList, appListNames, appListView} from '../../view/app/list.ts'

export default class AppListCommand extends ClusterCommand<typeof AppListCommand, AppList> {
  static override summary = 'list apps: what they are, how they stand, who uses whom'
  static override examples = [
    {description: 'everywhere', command: 'berth app list -A'},
    {description: 'data that uninstalled apps left', command: 'berth app list -A --retained'},
  ]
  static override flags = {
    ...clusterFlags,
    ...listFlags,
    retained: boolean({summary: 'data that was kept when apps were uninstalled', exclusive: ['selector']}),
  }
  static override resultKind = 'AppList'
  static override view = appListView
  static override names = appListNames

  async run(): Promise<AppList> {
    const {kube, flags, signal} = await this.context()
    const where = flags['all-namespaces'] ? {} : {namespace: kube.target.namespace}
    if (flags.retained) return {items: [], retained: await listRetainedData(kube, where)}
    return {items: await listApps(kube, {...where, signal, ...given({labelSelector: flags.selector})}), retained: null}
  }
}
