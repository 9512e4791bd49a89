import {boolean} from '@oclif/core/flags'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {operationFlags, operationOptions} from '../../cli/flags.ts'
import {type AppRef, formatRef} from '../../lib/anchor/index.ts'
import {findApp, hasRetained, levelsOfApps, planPurge, planUninstall, purge, uninstall} from '../../lib/app/index.ts'
import {type UninstallResult, uninstallView} from '../../view/app/uninstalled.ts'
import {listOf} from '../../view/words.ts'

export default class AppUninstall extends NamedAppCommand<typeof AppUninstall, UninstallResult> {
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
    force: boolean({summary: 'although others use it', exclusive: ['cascade']}),
    cascade: boolean({summary: 'uninstall those first that use it'}),
    autoremove: boolean({summary: 'with the apps that were installed for it and that nobody uses any more'}),
  }
  static override resultKind = 'UninstallResult'
  static override view = uninstallView
  static override interrupt = 'after-step' as const

  async run(): Promise<UninstallResult> {
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
    const question = (refs: AppRef[]) =>
      `${deleteData ? 'Delete' : 'Uninstall'} ${listOf(refs.map(formatRef))}${deleteData ? ' and all data' : ''}?`
    const levels = flags.cascade ? await levelsOfApps(lib, [ref], 'users') : []
    const along = levels.flat().map(each => each.ref)
    if (along.length > 1) {
      const {items, hash} = await this.operateAll(lib, levels, {
        first: 'users',
        plan: each => planUninstall(lib, each, {...options, along}),
        work: (own, each, agree) => uninstall(own, each, options, agree),
        question: question(along),
        because: undefined,
        dryRun: flags['dry-run'],
        hash: flags.plan,
      })
      const [own, ...users] = items.reverse()
      if (own === undefined) throw new Error('the app itself is not among them')
      return {...own, plan: {...own.plan, hash}, users: users.reverse()}
    }
    const leftovers = deleteData && (await findApp(lib, ref)) === undefined && (await hasRetained(lib, ref))
    const operated = await this.operate(
      () => (leftovers ? planPurge : planUninstall)(lib, ref, options),
      agree => (leftovers ? purge : uninstall)(lib, ref, options, agree),
      {
        dryRun: flags['dry-run'],
        hash: flags.plan,
        question: question([ref]),
      },
    )
    return {app: ref, ...operated, error: null, users: []}
  }
}
