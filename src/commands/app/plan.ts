import {boolean} from '@oclif/core/flags'
import {readerFor} from '../../cli/answers.ts'
import type {Context} from '../../cli/cluster-command.ts'
import {wrongUsage} from '../../cli/errors.ts'
import {answerFlags, clusterFlags} from '../../cli/flags.ts'
import {installFlags, installOptions} from '../../cli/install-flags.ts'
import {PackageCommand} from '../../cli/package-command.ts'
import {planInstall, planUpdate, refreshRequest, refuseLocked} from '../../lib/app/index.ts'
import {type OperationResult, operationView} from '../../view/app/plan.ts'

export default class AppPlan extends PackageCommand<typeof AppPlan, OperationResult> {
  static override summary =
    'show what an install would do, or with --check whether an app is as it shall be; change nothing'
  static override examples = [
    {
      description: 'plan, approve, apply: the install insists on this plan by its hash',
      command:
        'berth app plan miniflux news -n web --set database=app:db/pg --json\nberth app install miniflux news -n web --set database=app:db/pg --plan HASH --yes',
    },
    {
      description: 'has somebody changed the objects of an app? (exit 8: yes)',
      command: 'berth app plan news -n web --check',
    },
  ]
  static override flags = {
    ...clusterFlags,
    ...answerFlags,
    ...installFlags,
    check: boolean({summary: 'PACKAGE names an app: exit 8 where `app sync` would change something'}),
  }
  static override resultKind = 'OperationResult'
  static override view = operationView

  async run(): Promise<OperationResult> {
    const context = await this.context()
    if (context.flags.check) return this.#check(context)
    const chosen = await this.choose(context)
    const options = installOptions(context.flags, chosen.around.read)
    return {plan: await planInstall(chosen.lib, {...chosen, options}), outcome: null}
  }

  async #check(context: Context<typeof AppPlan>): Promise<OperationResult> {
    const {args, flags, settings} = context
    if (args.app !== undefined) throw wrongUsage('with --check name the app alone', this.words)
    const lib = await this.lib(context)
    const options = installOptions(flags, readerFor(settings.paths.workDir, this.session.env))
    const ref = this.appRef(args.package, context)
    await refuseLocked(lib, ref)
    const plan = await planUpdate(lib, await refreshRequest(lib, ref, {onDrift: 'take', ...options}))
    if (plan.changes) this.verdict(8)
    return {plan, outcome: null}
  }
}
