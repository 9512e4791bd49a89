import {boolean, string as stringFlag} from '@oclif/core/flags'
import {AppCommand, appArg, defaultTimeout} from '../../cli/app-command.ts'
import {clusterFlags, planFlags, waitFlags} from '../../cli/flags.ts'
import {given} from '../../cli/given.ts'
import {planResume, resume} from '../../lib/app/index.ts'
import type {OperationResult} from '../../view/app/plan.ts'
import {operationView} from '../../view/app/plan.ts'

export default class AppResume extends AppCommand<typeof AppResume, OperationResult> {
  static override summary = 'go on with an operation that was interrupted or failed'
  static override examples = [
    {description: 'after the reason is mended', command: '<%= config.bin %> app resume news -n web'},
  ]
  static override args = {app: appArg}
  static override flags = {
    ...clusterFlags,
    ...planFlags,
    ...waitFlags,
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

  async run(): Promise<OperationResult> {
    const context = await this.context()
    const {args, flags} = context
    const lib = await this.lib(context)
    const ref = this.appRef(args.app, context)
    const options = {
      allow: flags.allow,
      wait: !flags['no-wait'],
      timeout: flags.timeout ?? defaultTimeout,
      rerunTasks: flags['rerun-tasks'],
      ...given({planHash: flags.plan}),
    }
    return this.operate(await planResume(lib, ref, options), () => resume(lib, ref, options), {
      dryRun: flags['dry-run'],
      question: `Go on with ${ref.namespace}/${ref.name}?`,
    })
  }
}
