import {ClusterCommand} from '../../cli/cluster-command.ts'
import {sharedFlags, sharedRef} from '../../cli/shared-flags.ts'
import {listServices} from '../../lib/shared/index.ts'
import {type ServiceList, serviceListNames, serviceListView} from '../../view/service/list.ts'

export default class ServiceListCommand extends ClusterCommand<typeof ServiceListCommand, ServiceList> {
  static override summary = 'list the services that apps of a namespace can use, and who uses them'
  static override examples = [
    {description: "the namespace's own, and the cluster's", command: 'berth service list -n web'},
  ]
  static override flags = sharedFlags
  static override resultKind = 'ServiceList'
  static override view = serviceListView
  static override names = serviceListNames

  async run(): Promise<ServiceList> {
    const context = await this.context()
    const {namespace} = sharedRef(context, {name: ''})
    return {items: await listServices(context.kube, {...context, namespace})}
  }
}
