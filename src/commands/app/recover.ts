import {NamedAppCommand} from '../../cli/app-command.ts'
import {clusterFlags} from '../../cli/flags.ts'
import {recover} from '../../lib/app/index.ts'
import {type AppRecovered, appRecoveredView} from '../../view/app/recovered.ts'

export default class AppRecover extends NamedAppCommand<typeof AppRecover, AppRecovered> {
  static override summary = 'rebuild what berth knows about an app from its objects and Secrets'
  static override examples = [
    {description: 'after somebody deleted its ConfigMap', command: 'berth app recover news -n web'},
  ]
  static override flags = clusterFlags
  static override resultKind = 'AppRecovered'
  static override interrupt = 'after-step' as const
  static override view = appRecoveredView

  async run(): Promise<AppRecovered> {
    const context = await this.app()
    return recover(await this.lib(context), context.ref)
  }
}
