import {string} from '@oclif/core/args'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {operationFlags, operationOptions} from '../../cli/flags.ts'
import {driftFlag, driftOption} from '../../cli/install-flags.ts'
import {planUpdate, renewRequest, update} from '../../lib/app/index.ts'
import {type OperationResult, operationView} from '../../view/app/plan.ts'

export default class BindingRotate extends NamedAppCommand<typeof BindingRotate, OperationResult> {
  static override summary = 'give an app another credential at a provider, without an interruption'
  static override description =
    'The provider makes a second credential, the pods that use it are rolled, then the first one is dropped. Interrupted, it is resumed or aborted like any operation.'
  static override examples = [{description: 'of its database', command: 'berth binding rotate news database -n web'}]
  static override args = {
    ...NamedAppCommand.args,
    parameter: string({description: 'the parameter that is bound', required: true}),
  }
  static override flags = {...operationFlags, ...driftFlag}
  static override resultKind = 'OperationResult'
  static override view = operationView
  static override interrupt = 'after-step' as const

  async run(): Promise<OperationResult> {
    const context = await this.app()
    const {flags, ref, args} = context
    const {parameter} = args
    const lib = await this.lib(context)
    const how = {...operationOptions(flags), ...driftOption(flags)}
    const request = await renewRequest(lib, ref, {verb: 'rotate', parameters: [parameter], ...how})
    return this.operate(
      () => planUpdate(lib, request),
      agree => update(lib, request, agree),
      {dryRun: flags['dry-run'], hash: flags.plan, question: `Rotate ${parameter} of ${ref.namespace}/${ref.name}?`},
    )
  }
}
