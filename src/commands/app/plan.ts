import {answerFlags, clusterFlags} from '../../cli/flags.ts'
import {installFlags, installOptions} from '../../cli/install-flags.ts'
import {PackageCommand} from '../../cli/package-command.ts'
import {planInstall} from '../../lib/app/index.ts'
import {type OperationResult, operationView} from '../../view/app/plan.ts'

export default class AppPlan extends PackageCommand<typeof AppPlan, OperationResult> {
  static override summary = 'show what an install would do, and change nothing'
  static override examples = [
    {
      description: 'plan, approve, apply: the install insists on this plan by its hash',
      command:
        'berth app plan miniflux news -n web --set database=app:db/pg --json\nberth app install miniflux news -n web --set database=app:db/pg --plan HASH --yes',
    },
  ]
  static override flags = {...clusterFlags, ...answerFlags, ...installFlags}
  static override resultKind = 'OperationResult'
  static override view = operationView

  async run(): Promise<OperationResult> {
    const context = await this.context()
    const chosen = await this.choose(context)
    const options = installOptions(context.flags, chosen.around.read)
    return {plan: await planInstall(chosen.lib, {...chosen, options}), outcome: null}
  }
}
