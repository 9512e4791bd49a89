import {boolean} from '@oclif/core/flags'
import {ClusterCommand} from '../../cli/cluster-command.ts'
import {sharedArgs, sharedFlags, sharedRef} from '../../cli/shared-flags.ts'
import {removeService} from '../../lib/shared/index.ts'
import {type ServiceRemoved, serviceRemovedView} from '../../view/service/removed.ts'

export default class ServiceRemove extends ClusterCommand<typeof ServiceRemove, ServiceRemoved> {
  static override summary = 'forget a service that no app uses; the provider itself is not touched'
  static override examples = [{description: 'refused while apps use it', command: 'berth service remove erp -n web'}]
  static override args = sharedArgs
  static override flags = {...sharedFlags, force: boolean({summary: 'although apps use it'})}
  static override resultKind = 'ServiceRemoved'
  static override view = serviceRemovedView

  async run(): Promise<ServiceRemoved> {
    const context = await this.context()
    const {kube, args, flags, signal} = context
    const ref = sharedRef(context, args)
    await removeService(kube, ref, flags.force, signal)
    return ref
  }
}
