import {boolean} from '@oclif/core/flags'
import {AppCommand, appArg, defaultTimeout} from '../../cli/app-command.ts'
import {clusterFlags, planFlags, waitFlags} from '../../cli/flags.ts'
import {given} from '../../cli/given.ts'
import {abort, planAbort} from '../../lib/app/index.ts'
import type {OperationResult} from '../../view/app/plan.ts'
import {operationView} from '../../view/app/plan.ts'

export default class AppAbort extends AppCommand<typeof AppAbort, OperationResult> {
  static override summary = 'take back an operation that was interrupted or failed'
  static override examples = [
    {description: 'remove a half-installed app', command: '<%= config.bin %> app abort news -n web'},
  ]
  static override args = {app: appArg}
  static override flags = {
    ...clusterFlags,
    ...planFlags,
    ...waitFlags,
    'delete-data': boolean({summary: 'delete the volumes and databases that it had made, too'}),
  }
  static override resultKind = 'OperationResult'
  static override view = operationView

  async run(): Promise<OperationResult> {
    const context = await this.context()
    const {args, flags} = context
    const lib = await this.lib(context)
    const ref = this.appRef(args.app, context)
    const options = {
      deleteData: flags['delete-data'],
      timeout: flags.timeout ?? defaultTimeout,
      ...given({planHash: flags.plan}),
    }
    return this.operate(await planAbort(lib, ref, options), () => abort(lib, ref, options), {
      dryRun: flags['dry-run'],
      question: `Take back ${ref.namespace}/${ref.name}?`,
    })
  }
}
