import {ClusterCommand} from '../../cli/cluster-command.ts'
import {sharedFlags, sharedRef} from '../../cli/shared-flags.ts'
import {listValues} from '../../lib/shared/index.ts'
import {type ValueList, valueListNames, valueListView} from '../../view/value/list.ts'

export default class ValueListCommand extends ClusterCommand<typeof ValueListCommand, ValueList> {
  static override summary = 'list the values that apps of a namespace can share, and who uses them'
  static override examples = [
    {description: "the namespace's own, and the cluster's", command: 'berth value list -n web'},
  ]
  static override flags = sharedFlags
  static override resultKind = 'ValueList'
  static override view = valueListView
  static override names = valueListNames

  async run(): Promise<ValueList> {
    const context = await this.context()
    const {namespace} = sharedRef(context, {name: ''})
    return {items: await listValues(context.kube, {...context, namespace})}
  }
}
