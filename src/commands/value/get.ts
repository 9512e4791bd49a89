import {boolean} from '@oclif/core/flags'
import {AppCommand} from '../../cli/app-command.ts'
import {sharedArgs, sharedFlags, sharedRef} from '../../cli/shared-flags.ts'
import {showValue} from '../../lib/shared/index.ts'
import {type SharedValue, sharedValueView} from '../../view/value/show.ts'

export default class ValueGet extends AppCommand<typeof ValueGet, SharedValue> {
  static override summary = 'print a shared value, as apps of a namespace see it'
  static override description =
    'Whoever reveals a secret one is recorded in an Event of its Secret first: kubectl get events shows it.'
  static override examples = [
    {description: 'a plain one', command: 'berth value get smtp-host -n web'},
    {description: 'a secret one', command: 'berth value get smtp-password -n web --reveal'},
  ]
  static override args = sharedArgs
  static override flags = {
    ...sharedFlags,
    reveal: boolean({summary: 'print a secret one, too; that you did is recorded in an Event of it'}),
  }
  static override resultKind = 'SharedValue'
  static override view = sharedValueView

  async run(): Promise<SharedValue> {
    const context = await this.context()
    const {kube, args, flags, signal} = context
    const lib = flags.reveal ? await this.lib(context) : undefined
    const reveal = lib && {identity: lib.holder.identity, now: lib.now()}
    return showValue(kube, sharedRef(context, args), reveal, signal)
  }
}
