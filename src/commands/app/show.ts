import {NamedAppCommand} from '../../cli/app-command.ts'
import {clusterFlags} from '../../cli/flags.ts'
import {showApp} from '../../lib/app/index.ts'
import {type AppShow, appShowView} from '../../view/app/show.ts'

export default class AppShowCommand extends NamedAppCommand<typeof AppShowCommand, AppShow> {
  static override summary = 'what an app is: package, answers, addresses, who uses it, history'
  static override examples = [{description: 'what was it told?', command: 'berth app show news -n web'}]
  static override flags = clusterFlags
  static override resultKind = 'AppShow'
  static override view = appShowView

  async run(): Promise<AppShow> {
    const {kube, ref, signal} = await this.app()
    return showApp(kube, ref, signal)
  }
}
