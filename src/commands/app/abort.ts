import {boolean} from '@oclif/core/flags'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {operationFlags, operationOptions} from '../../cli/flags.ts'
import {abort, planAbort} from '../../lib/app/index.ts'
import {type OperationResult, operationView} from '../../view/app/plan.ts'

export default class AppAbort extends NamedAppCommand<typeof AppAbort, OperationResult> {
  static override summary = 'take back an operation that was interrupted or failed'
  static override examples = [{description: 'remove a half-installed app', command: 'berth app abort news -n web'}]
  static override flags = {
    ...operationFlags,
    'delete-data': boolean({summary: 'delete the volumes and databases that it had made, too'}),
  }
  static override resultKind = 'OperationResult'
  static override view = operationView
  static override interrupt = 'after-step' as const

  async run(): Promise<OperationResult> {
    const context = await this.app()
    const {flags, ref} = context
    const lib = await this.lib(context)
    const options = {
      deleteData: flags['delete-data'],
      ...operationOptions(flags),
    }
    return this.operate(
      () => planAbort(lib, ref, options),
      agree => abort(lib, ref, options, agree),
      {
        dryRun: flags['dry-run'],
        hash: flags.plan,
        question: `Take back ${ref.namespace}/${ref.name}?`,
      },
    )
  }
}
