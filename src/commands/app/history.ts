import {NamedAppCommand} from '../../cli/app-command.ts'
import {clusterFlags} from '../../cli/flags.ts'
import {appHistory} from '../../lib/app/index.ts'
import {type OperationLog, operationLogView} from '../../view/log.ts'

export default class AppHistory extends NamedAppCommand<typeof AppHistory, OperationLog> {
  static override summary = 'what was done to an app, by whom, and how it went; the newest first'
  static override description =
    'The last ten operations, and what Events still tell: an app that is gone has its last ones for as long as the cluster keeps Events (an hour, mostly).'
  static override examples = [{description: 'who changed it?', command: 'berth app history news -n web'}]
  static override flags = clusterFlags
  static override resultKind = 'OperationLog'
  static override view = operationLogView

  async run(): Promise<OperationLog> {
    const {kube, ref, signal, report} = await this.app()
    return {items: await appHistory(kube, ref, {signal, report})}
  }
}
