import {NamedAppCommand} from '../../cli/app-command.ts'
import {clusterFlags, revealFlag} from '../../cli/flags.ts'
import {appOutputs} from '../../lib/app/index.ts'
import {type AppOutputs, appOutputsView} from '../../view/app/secrets.ts'

export default class AppOutputsCommand extends NamedAppCommand<typeof AppOutputsCommand, AppOutputs> {
  static override summary = 'what an app tells its users: a first login, an address'
  static override description = 'Secrets among them are shown with --reveal, which is recorded in an Event of the app.'
  static override examples = [{description: 'how do I log in?', command: 'berth app outputs news -n web --reveal'}]
  static override flags = {...clusterFlags, ...revealFlag}
  static override resultKind = 'AppOutputs'
  static override view = appOutputsView

  async run(): Promise<AppOutputs> {
    const context = await this.app()
    const {flags, ref} = context
    return {app: ref, outputs: await appOutputs(await this.lib(context), ref, flags.reveal)}
  }
}
