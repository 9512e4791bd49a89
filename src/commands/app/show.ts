import {AppCommand, appArg} from '../../cli/app-command.ts'
import {clusterFlags} from '../../cli/flags.ts'
import {showApp} from '../../lib/app/index.ts'
import {type AppShow, appShowView} from '../../view/app/show.ts'

export default class AppShowCommand extends AppCommand<typeof AppShowCommand, AppShow> {
  static override summary = 'what an app is: package, answers, addresses, who uses it, history'
  static override examples = [{description: 'what was it told?', command: '<%= config.bin %> app show news -n web'}]
  static override args = {app: appArg}
  static override flags = {...clusterFlags}
  static override resultKind = 'AppShow'
  static override view = appShowView
  static override interrupt = 'at-once' as const

  async run(): Promise<AppShow> {
    const context = await this.context()
    return showApp(context.kube, this.appRef(context.args.app, context), context.signal)
  }
}
