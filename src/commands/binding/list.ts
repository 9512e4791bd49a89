import {ClusterCommand} from '../../cli/cluster-command.ts'
import {clusterFlags, listFlags} from '../../cli/flags.ts'
import {listBindings} from '../../lib/binding/index.ts'
import {type BindingList, bindingListView} from '../../view/binding/list.ts'

const {'all-namespaces': allNamespaces} = listFlags

export default class BindingListCommand extends ClusterCommand<typeof BindingListCommand, BindingList> {
  static override summary = 'list who uses what: apps, their parameters, the providers, and how far each is'
  static override examples = [
    {description: 'of and by the apps of a namespace', command: 'berth binding list -n web'},
    {description: 'everywhere', command: 'berth binding list -A'},
  ]
  static override flags = {...clusterFlags, 'all-namespaces': allNamespaces}
  static override resultKind = 'BindingList'
  static override view = bindingListView

  async run(): Promise<BindingList> {
    const {kube, flags, signal, report} = await this.context()
    const where = flags['all-namespaces'] ? {} : {namespace: kube.target.namespace}
    return {items: await listBindings(kube, {...where, signal}, report)}
  }
}
