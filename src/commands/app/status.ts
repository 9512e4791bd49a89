import {NamedAppCommand} from '../../cli/app-command.ts'
import {clusterFlags} from '../../cli/flags.ts'
import {appStatus} from '../../lib/app/index.ts'
import {type AppStatus, appStatusView} from '../../view/app/status.ts'

export default class AppStatusCommand extends NamedAppCommand<typeof AppStatusCommand, AppStatus> {
  static override summary = 'how an app stands, and why: objects, pods, bindings, and a verdict'
  static override examples = [{description: 'is it well?', command: 'berth app status news -n web'}]
  static override flags = clusterFlags
  static override resultKind = 'AppStatus'
  static override view = appStatusView

  async run(): Promise<AppStatus> {
    const {kube, ref, signal} = await this.app()
    return appStatus(kube, ref, signal)
  }
}
