import {packageRef} from '../../cli/app-command.ts'
import {answerFlags, clusterFlags} from '../../cli/flags.ts'
import {installFlags, installOptions} from '../../cli/install-flags.ts'
import {PackageCommand, packageArgs} from '../../cli/package-command.ts'
import {planInstall} from '../../lib/app/index.ts'
import type {OperationResult} from '../../view/app/plan.ts'
import {operationView} from '../../view/app/plan.ts'

export default class AppPlan extends PackageCommand<typeof AppPlan, OperationResult> {
  static override summary = 'show what an install would do, and change nothing'
  static override examples = [
    {
      description: 'plan, approve, apply: the install insists on this plan by its hash',
      command:
        '<%= config.bin %> app plan miniflux news -n web --set database=app:db/pg --json\n<%= config.bin %> app install miniflux news -n web --set database=app:db/pg --plan HASH --yes',
    },
  ]
  static override args = packageArgs
  static override flags = {...clusterFlags, ...answerFlags, ...installFlags}
  static override resultKind = 'OperationResult'
  static override view = operationView
  static override interrupt = 'at-once' as const

  async run(): Promise<OperationResult> {
    const context = await this.context()
    const {lib, ref, resolved, answers, around} = await this.choose(context, context.args, context.flags)
    const options = installOptions(context.flags, around.read)
    const plan = await planInstall(lib, {ref, pkg: resolved.package, origin: packageRef(resolved), answers, options})
    return {plan, outcome: null}
  }
}
