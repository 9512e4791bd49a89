import {ClusterCommand} from '../../cli/cluster-command.ts'
import {sharedArgs, sharedFlags, sharedRef} from '../../cli/shared-flags.ts'
import {showService} from '../../lib/shared/index.ts'
import {type Service, serviceView} from '../../view/service/show.ts'

export default class ServiceShow extends ClusterCommand<typeof ServiceShow, Service> {
  static override summary = 'what a service is: its address, and which apps use it; never its secrets'
  static override examples = [{description: 'as apps of a namespace see it', command: 'berth service show erp -n web'}]
  static override args = sharedArgs
  static override flags = sharedFlags
  static override resultKind = 'Service'
  static override view = serviceView

  async run(): Promise<Service> {
    const context = await this.context()
    return showService(context.kube, sharedRef(context, context.args), context.signal)
  }
}
