import {string} from '@oclif/core/args'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {operationFlags} from '../../cli/flags.ts'
import {changeFlags, changeOptions} from '../../cli/install-flags.ts'
import {SettingsCommand} from '../../cli/settings-command.ts'
import {planUpdate, rotationOf, update} from '../../lib/app/index.ts'
import {type OperationResult, operationView} from '../../view/app/plan.ts'

export default class AppRotate extends SettingsCommand<typeof AppRotate, OperationResult> {
  static override summary = 'make a secret of an app anew, as its package says that it can be done'
  static override description =
    'The pods that use it are restarted, or the task runs that its package has for it. The old value is kept until the new one is in use.'
  static override examples = [{description: 'a new password', command: 'berth app rotate cache password -n web'}]
  static override args = {
    ...NamedAppCommand.args,
    name: string({description: 'the secret, as `app secret list` calls it', required: true}),
  }
  static override flags = {...operationFlags, ...changeFlags}
  static override resultKind = 'OperationResult'
  static override view = operationView
  static override interrupt = 'after-step' as const

  async run(): Promise<OperationResult> {
    const app = await this.running()
    const {flags, args, lib, ref, present, around} = app
    const rotate = rotationOf(ref, present, args.name)
    const request = {...app, rotate, options: changeOptions(flags, around.read)}
    return this.operate(
      () => planUpdate(lib, request),
      agree => update(lib, request, agree),
      {
        dryRun: flags['dry-run'],
        hash: flags.plan,
        question: `Make ${args.name} of ${ref.namespace}/${ref.name} anew?`,
      },
    )
  }
}
