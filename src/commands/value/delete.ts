import {boolean} from '@oclif/core/flags'
import {ClusterCommand} from '../../cli/cluster-command.ts'
import {sharedArgs, sharedFlags, sharedRef} from '../../cli/shared-flags.ts'
import {deleteValue} from '../../lib/shared/index.ts'
import {type ValueDeleted, valueDeletedView} from '../../view/value/deleted.ts'

export default class ValueDelete extends ClusterCommand<typeof ValueDelete, ValueDeleted> {
  static override summary = 'delete a shared value that no app uses'
  static override examples = [
    {description: 'refused while apps use it', command: 'berth value delete smtp-host -n web'},
  ]
  static override args = sharedArgs
  static override flags = {...sharedFlags, force: boolean({summary: 'although apps use it'})}
  static override resultKind = 'ValueDeleted'
  static override view = valueDeletedView

  async run(): Promise<ValueDeleted> {
    const context = await this.context()
    const {kube, args, flags, signal} = context
    const ref = sharedRef(context, args)
    await deleteValue(kube, ref, flags.force, signal)
    return ref
  }
}
