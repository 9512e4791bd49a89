import {askAnswers} from '../../cli/chosen.ts'
import {answerFlags, operationFlags} from '../../cli/flags.ts'
import {installFlags, installOptions} from '../../cli/install-flags.ts'
import {PackageCommand} from '../../cli/package-command.ts'
import {install, planInstall, takeSuggested} from '../../lib/app/index.ts'
import {type OperationResult, operationView} from '../../view/app/plan.ts'

export default class AppInstall extends PackageCommand<typeof AppInstall, OperationResult> {
  static override summary = 'install a package as an app'
  static override examples = [
    {
      description: 'ask what is needed, show the plan, install',
      command: 'berth app install miniflux',
    },
    {
      description: 'from a script',
      command: 'berth app install miniflux news -n web --set database=app:db/pg --yes --json',
    },
    {
      description: 'with a database of its own, installed first',
      command: 'berth app install miniflux news -n web --set database=new:postgres --yes',
    },
    {
      description: 'a folder, with answers from a file',
      command: 'berth app install ./mypackage -f answers.yaml',
    },
  ]
  static override flags = {...operationFlags, ...answerFlags, ...installFlags}
  static override resultKind = 'OperationResult'
  static override view = operationView
  static override interrupt = 'after-step' as const

  async run(): Promise<OperationResult> {
    const context = await this.context()
    const {flags} = context
    const chosen = await this.choose(context)
    const {lib, ref, pkg, around} = chosen
    const {name, title} = pkg.manifest
    const given = new Set(Object.keys(chosen.answers.answers))
    const answers = this.interactive
      ? await askAnswers(chosen, this.session, ({field}) => !given.has(field.split('/')[1] ?? ''))
      : this.agreed
        ? await takeSuggested(lib, around, chosen.answers)
        : chosen.answers
    const options = installOptions(flags, around.read)
    const request = {...chosen, answers, options}
    return this.operate(
      () => planInstall(lib, request),
      agree =>
        install(lib, request, async plan => {
          await agree(plan)
          await lib.trust(chosen.origin)
        }),
      {
        dryRun: flags['dry-run'],
        hash: flags.plan,
        question: `Install ${title ?? name} as ${ref.namespace}/${ref.name}?`,
      },
    )
  }
}
