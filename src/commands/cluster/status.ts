import {ClusterCommand} from '../../cli/cluster-command.ts'
import {clusterFlags} from '../../cli/flags.ts'
import {type ClusterStatus, clusterStatus} from '../../lib/cluster/index.ts'
import {clusterStatusView} from '../../view/cluster/status.ts'

export default class ClusterStatusCommand extends ClusterCommand<typeof ClusterStatusCommand, ClusterStatus> {
  static override summary = 'check what the cluster has and what you may do there, with remedies'
  static override description =
    'Exit code 0: berth can work there, with warnings perhaps. 6: a check failed. 5: the cluster does not answer.'
  static override examples = [
    {description: 'the cluster and namespace of the current context', command: 'berth cluster status'},
    {description: 'for a pipeline', command: 'berth cluster status -n shop --json'},
  ]
  static override flags = {...clusterFlags}
  static override resultKind = 'ClusterStatus'
  static override view = clusterStatusView

  async run(): Promise<ClusterStatus> {
    const status = await clusterStatus(await this.context())
    this.verdict(status.status === 'failed' ? 6 : 0)
    return status
  }
}
