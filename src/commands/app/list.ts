import {boolean, custom, string} from '@oclif/core/flags'
import {ClusterCommand} from '../../cli/cluster-command.ts'
import {clusterFlags, listFlags} from '../../cli/flags.ts'
import {given} from '../../cli/given.ts'
import {
  type AppRow,
  chooseApps,
  listApps,
  listRetainedData,
  type Order,
  orders,
  type Status,
  statuses,
} from '../../lib/app/index.ts'
import {whoAmI} from '../../lib/kube/index.ts'
import {type AppList, appListNames, appListView} from '../../view/app/list.ts'

export default class AppListCommand extends ClusterCommand<typeof AppListCommand, AppList> {
  static override summary = 'list apps: what they are, how they stand, who uses whom'
  static override examples = [
    {description: 'everywhere', command: 'berth app list -A'},
    {description: 'which of mine need a look', command: 'berth app list -A --mine --status unhealthy'},
    {description: 'of which there is a newer version in the repositories', command: 'berth app list -A --outdated'},
    {description: 'data that uninstalled apps left', command: 'berth app list -A --retained'},
  ]
  static override flags = {
    ...clusterFlags,
    ...listFlags,
    mine: boolean({summary: 'that you installed', exclusive: ['owner']}),
    owner: string({summary: 'that this user installed', helpValue: 'USER'}),
    status: custom<Status>({
      summary: 'in this phase; unhealthy: failed, or with fewer ready pods than there shall be',
      options: [...statuses],
      helpValue: statuses.join('|'),
    })(),
    package: string({summary: 'of this package', helpValue: 'NAME'}),
    outdated: boolean({summary: 'of which their repository has a newer version'}),
    sort: custom<Order>({
      summary: 'in this order',
      options: [...orders],
      helpValue: orders.join('|'),
      default: 'name',
    })(),
    retained: boolean({
      summary: 'data that was kept when apps were uninstalled',
      exclusive: ['selector', 'mine', 'owner', 'status', 'package', 'outdated'],
    }),
  }
  static override resultKind = 'AppList'
  static override view = appListView
  static override names = appListNames

  async run(): Promise<AppList> {
    const {kube, flags, signal} = await this.context()
    const where = flags['all-namespaces'] ? {} : {namespace: kube.target.namespace}
    if (flags.retained) return {items: [], retained: await listRetainedData(kube, where)}
    const [rows, me] = await Promise.all([
      listApps(kube, {...where, signal, ...given({labelSelector: flags.selector})}),
      flags.mine ? whoAmI(kube, {signal}) : undefined,
    ])
    const {status, sort, package: name, owner = me?.username} = flags
    const chosen = chooseApps(rows, given({owner, status, package: name, sort}))
    return {items: flags.outdated ? await this.#outdated(chosen) : chosen, retained: null}
  }

  /** Only what came from a repository: another package of the same name is another package. */
  async #outdated(rows: AppRow[]): Promise<AppRow[]> {
    const {findNewer} = await import('../../lib/repo/index.ts')
    const newerThan = await findNewer(await this.settings(), this.session.report)
    return rows.flatMap(row => {
      const newest = newerThan(row)
      return newest === undefined ? [] : [{...row, newest}]
    })
  }
}
