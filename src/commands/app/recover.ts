import {AppCommand, appArg} from '../../cli/app-command.ts'
import {clusterFlags} from '../../cli/flags.ts'
import {recover} from '../../lib/app/index.ts'
import {type AppRecovered, appRecoveredView} from '../../view/app/recovered.ts'

export default class AppRecover extends AppCommand<typeof AppRecover, AppRecovered> {
  static override summary = 'rebuild what berth knows about an app from its objects and Secrets'
  static override examples = [
    {description: 'after somebody deleted its ConfigMap', command: '<%= config.bin %> app recover news -n web'},
  ]
  static override args = {app: appArg}
  static override flags = {...clusterFlags}
  static override resultKind = 'AppRecovered'
  static override view = appRecoveredView

  async run(): Promise<AppRecovered> {
    const context = await this.context()
    return recover(await this.lib(context), this.appRef(context.args.app, context))
  }
}
