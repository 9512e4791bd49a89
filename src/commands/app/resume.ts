import {boolean, string as stringFlag} from '@oclif/core/flags'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {operationFlags, operationOptions} from '../../cli/flags.ts'
import {driftFlag, driftOption, recreateFlag} from '../../cli/install-flags.ts'
import {planResume, resume} from '../../lib/app/index.ts'
import {type OperationResult, operationView} from '../../view/app/plan.ts'

export default class AppResume extends NamedAppCommand<typeof AppResume, OperationResult> {
  static override summary = 'go on with an operation that was interrupted or failed'
  static override examples = [{description: 'after the reason is mended', command: 'berth app resume news -n web'}]
  static override flags = {
    ...operationFlags,
    ...driftFlag,
    ...recreateFlag,
    'no-wait': boolean({summary: 'end once everything is applied, ready or not', helpGroup: 'PROGRESS'}),
    'rerun-tasks': boolean({summary: 'run tasks again that were begun and of which nobody knows the end'}),
    allow: stringFlag({
      summary: 'agree again to something that reaches beyond the namespace',
      helpValue: 'NEED',
      multiple: true,
      default: [],
    }),
  }
  static override resultKind = 'OperationResult'
  static override view = operationView
  static override interrupt = 'after-step' as const

  async run(): Promise<OperationResult> {
    const context = await this.app()
    const {flags, ref} = context
    const lib = await this.lib(context)
    const options = {
      allow: flags.allow,
      allowRecreate: flags['allow-recreate'],
      wait: !flags['no-wait'],
      rerunTasks: flags['rerun-tasks'],
      ...driftOption(flags),
      ...operationOptions(flags),
    }
    return this.operate(
      () => planResume(lib, ref, options),
      agree => resume(lib, ref, options, agree),
      {
        dryRun: flags['dry-run'],
        hash: flags.plan,
        question: `Go on with ${ref.namespace}/${ref.name}?`,
      },
    )
  }
}
