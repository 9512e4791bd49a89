import {AppCommand, appArg} from '../../cli/app-command.ts'
import {clusterFlags} from '../../cli/flags.ts'
import {appStatus} from '../../lib/app/index.ts'
import {type AppStatus, appStatusView} from '../../view/app/status.ts'

export default class AppStatusCommand extends AppCommand<typeof AppStatusCommand, AppStatus> {
  static override summary = 'how an app stands, and why: objects, pods, bindings, and a verdict'
  static override examples = [{description: 'is it well?', command: '<%= config.bin %> app status news -n web'}]
  static override args = {app: appArg}
  static override flags = {...clusterFlags}
  static override resultKind = 'AppStatus'
  static override view = appStatusView
  static override interrupt = 'at-once' as const

  async run(): Promise<AppStatus> {
    const context = await this.context()
    return appStatus(context.kube, this.appRef(context.args.app, context), context.signal)
  }
}
