import {boolean} from '@oclif/core/flags'
import {AppCommand, appArg, defaultTimeout} from '../../cli/app-command.ts'
import {clusterFlags, planFlags, waitFlags} from '../../cli/flags.ts'
import {given} from '../../cli/given.ts'
import {findApp, hasRetained, planPurge, planUninstall, purge, uninstall} from '../../lib/app/index.ts'
import type {OperationResult} from '../../view/app/plan.ts'
import {operationView} from '../../view/app/plan.ts'

export default class AppUninstall extends AppCommand<typeof AppUninstall, OperationResult> {
  static override summary = 'remove an app; its data is kept unless you say otherwise'
  static override examples = [
    {
      description: 'keep volumes, databases and secrets for a later install',
      command: '<%= config.bin %> app uninstall news -n web',
    },
    {description: 'with everything it has', command: '<%= config.bin %> app uninstall news -n web --delete-data'},
  ]
  static override args = {app: appArg}
  static override flags = {
    ...clusterFlags,
    ...planFlags,
    ...waitFlags,
    'delete-data': boolean({
      summary: 'delete its volumes, databases and secrets, too; also what an earlier uninstall kept',
    }),
    force: boolean({summary: 'although others use it'}),
  }
  static override resultKind = 'OperationResult'
  static override view = operationView

  async run(): Promise<OperationResult> {
    const context = await this.context()
    const {args, flags} = context
    const lib = await this.lib(context)
    const ref = this.appRef(args.app, context)
    const deleteData = flags['delete-data']
    const options = {
      deleteData,
      force: flags.force,
      timeout: flags.timeout ?? defaultTimeout,
      ...given({planHash: flags.plan}),
    }
    const leftovers = deleteData && (await findApp(lib, ref)) === undefined && (await hasRetained(lib, ref))
    const plan = leftovers ? await planPurge(lib, ref, options) : await planUninstall(lib, ref, options)
    return this.operate(
      plan,
      hash => (leftovers ? purge : uninstall)(lib, ref, {...options, planHash: flags.plan ?? hash}),
      {
        dryRun: flags['dry-run'],
        question: `${deleteData ? 'Delete' : 'Uninstall'} ${ref.namespace}/${ref.name}${deleteData ? ' and all its data' : ''}?`,
      },
    )
  }
}
