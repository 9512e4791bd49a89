import {ClusterCommand} from '../../cli/cluster-command.ts'
import {sharedArgs, sharedFlags, sharedRef} from '../../cli/shared-flags.ts'
import {showValue} from '../../lib/shared/index.ts'
import type {SharedValue} from '../../view/value/show.ts'
import {valueUsersNames, valueUsersView} from '../../view/value/users.ts'

export default class ValueUsers extends ClusterCommand<typeof ValueUsers, SharedValue> {
  static override summary = 'show which apps use a shared value, and for what'
  static override examples = [
    {description: 'whom would a change reach?', command: 'berth value users smtp-host -n web'},
  ]
  static override args = sharedArgs
  static override flags = sharedFlags
  static override resultKind = 'SharedValue'
  static override view = valueUsersView
  static override names = valueUsersNames

  async run(): Promise<SharedValue> {
    const context = await this.context()
    const {kube, args, signal} = context
    return showValue(kube, sharedRef(context, args), undefined, signal)
  }
}
