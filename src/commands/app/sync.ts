import {string} from '@oclif/core/flags'
import {readerFor} from '../../cli/answers.ts'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {operationFlags} from '../../cli/flags.ts'
import {changeFlags, changeOptions} from '../../cli/install-flags.ts'
import {planUpdate, refreshRequest, update} from '../../lib/app/index.ts'
import {type OperationResult, operationView} from '../../view/app/plan.ts'

export default class AppSync extends NamedAppCommand<typeof AppSync, OperationResult> {
  static override summary = 'bring an app back to what berth made it: deleted objects, fields that others set'
  static override description =
    'Takes back every field that the package sets and another has changed since, unless a rule leaves it to others. Rules are kept with ' +
    'the app, and hold for every change of it; a package has its own. `app plan APP --check` tells without changing anything.'
  static override examples = [
    {description: 'after somebody edited its objects', command: 'berth app sync news -n web'},
    {
      description: 'leave one field to others from now on',
      command: "berth app sync news -n web --ignore 'Service/news-web:metadata.labels.team'",
    },
  ]
  static override flags = {
    ...operationFlags,
    ...changeFlags,
    ignore: string({
      summary: 'leave a field to others from now on, as a plan names it',
      helpValue: 'KIND[/NAME]:FIELD',
      multiple: true,
      default: [],
    }),
    'no-ignore': string({
      summary: 'take such a rule back',
      helpValue: 'KIND[/NAME]:FIELD',
      multiple: true,
      default: [],
    }),
  }
  static override resultKind = 'OperationResult'
  static override view = operationView
  static override interrupt = 'after-step' as const

  async run(): Promise<OperationResult> {
    const context = await this.app()
    const {flags, ref, settings} = context
    const lib = await this.lib(context)
    const read = readerFor(settings.paths.workDir, this.session.env)
    const options = {onDrift: 'take' as const, ...changeOptions(flags, read)}
    const rules = {add: flags.ignore, remove: flags['no-ignore']}
    const request = await refreshRequest(lib, ref, options, rules)
    return this.operate(
      () => planUpdate(lib, request),
      agree => update(lib, request, agree),
      {dryRun: flags['dry-run'], hash: flags.plan, question: `Sync ${ref.namespace}/${ref.name}?`, idle: true},
    )
  }
}
