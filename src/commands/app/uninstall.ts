import {boolean} from '@oclif/core/flags'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {operationFlags, operationOptions} from '../../cli/flags.ts'
import {findApp, hasRetained, planPurge, planUninstall, purge, uninstall} from '../../lib/app/index.ts'
import {type OperationResult, operationView} from '../../view/app/plan.ts'

export default class AppUninstall extends NamedAppCommand<typeof AppUninstall, OperationResult> {
  static override summary = 'remove an app; its data is kept unless you say otherwise'
  static override examples = [
    {
      description: 'keep volumes, databases and secrets for a later install',
      command: 'berth app uninstall news -n web',
    },
    {description: 'with everything it has', command: 'berth app uninstall news -n web --delete-data'},
    {
      description: 'with the database that was installed for it, and all data',
      command: 'berth app uninstall news -n web --autoremove --delete-data',
    },
  ]
  static override flags = {
    ...operationFlags,
    'delete-data': boolean({
      summary: 'delete its volumes, databases and secrets, too; also what an earlier uninstall kept',
    }),
    force: boolean({summary: 'although others use it'}),
    autoremove: boolean({summary: 'with the apps that were installed for it and that nobody uses any more'}),
  }
  static override resultKind = 'OperationResult'
  static override view = operationView
  static override interrupt = 'after-step' as const

  async run(): Promise<OperationResult> {
    const context = await this.app()
    const {flags, ref} = context
    const lib = await this.lib(context)
    const deleteData = flags['delete-data']
    const options = {
      deleteData,
      force: flags.force,
      autoremove: flags.autoremove,
      ...operationOptions(flags),
    }
    const leftovers = deleteData && (await findApp(lib, ref)) === undefined && (await hasRetained(lib, ref))
    return this.operate(
      () => (leftovers ? planPurge : planUninstall)(lib, ref, options),
      agree => (leftovers ? purge : uninstall)(lib, ref, options, agree),
      {
        dryRun: flags['dry-run'],
        hash: flags.plan,
        question: `${deleteData ? 'Delete' : 'Uninstall'} ${ref.namespace}/${ref.name}${deleteData ? ' and all its data' : ''}?`,
      },
    )
  }
}
