import {string} from '@oclif/core/args'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {operationFlags, operationOptions} from '../../cli/flags.ts'
import {driftFlag, driftOption} from '../../cli/install-flags.ts'
import {planUpdate, renewRequest, update} from '../../lib/app/index.ts'
import {type OperationResult, operationView} from '../../view/app/plan.ts'

export default class BindingRefresh extends NamedAppCommand<typeof BindingRefresh, OperationResult> {
  static override summary = 'ask the providers of an app again: their address, port or authority may have changed'
  static override examples = [
    {description: 'all of its bindings', command: 'berth binding refresh news -n web'},
    {description: 'one of them', command: 'berth binding refresh news database -n web'},
  ]
  static override args = {
    ...NamedAppCommand.args,
    parameter: string({description: 'the parameter that is bound; all without'}),
  }
  static override flags = {...operationFlags, ...driftFlag}
  static override resultKind = 'OperationResult'
  static override view = operationView
  static override interrupt = 'after-step' as const

  async run(): Promise<OperationResult> {
    const context = await this.app()
    const {flags, ref, args} = context
    const lib = await this.lib(context)
    const parameters = args.parameter === undefined ? [] : [args.parameter]
    const how = {...operationOptions(flags), ...driftOption(flags)}
    const request = await renewRequest(lib, ref, {verb: 'ensure', parameters, ...how})
    return this.operate(
      () => planUpdate(lib, request),
      agree => update(lib, request, agree),
      {dryRun: flags['dry-run'], hash: flags.plan, question: `Refresh ${ref.namespace}/${ref.name}?`},
    )
  }
}
