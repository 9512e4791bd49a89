import {string} from '@oclif/core/args'
import {integer} from '@oclif/core/flags'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {clusterFlags, operationFlags} from '../../cli/flags.ts'
import {connectEndpoint} from '../../lib/app/index.ts'
import {type AppConnected, appConnectedView} from '../../view/app/connected.ts'

export default class AppConnect extends NamedAppCommand<typeof AppConnect, AppConnected> {
  static override summary = "reach an app's endpoint at a port of this machine, until Ctrl-C"
  static override description =
    'Prints the address first. Each connection goes to a pod that is ready; where that pod goes, its connections end and the next goes to another.'
  static override examples = [
    {description: 'its only endpoint, at its own port number if that is free', command: 'berth app connect pg -n db'},
    {description: 'one of several, at a port of your choice', command: 'berth app connect news web --port 8080 -n web'},
  ]
  static override args = {
    ...NamedAppCommand.args,
    endpoint: string({description: 'the endpoint; needed where it has several'}),
  }
  static override flags = {
    ...clusterFlags,
    events: operationFlags.events,
    port: integer({summary: 'the port of this machine; 0 for any', helpValue: 'PORT', min: 0, max: 65_535}),
  }
  static override resultKind = 'AppConnected'
  static override view = appConnectedView

  async run(): Promise<AsyncIterable<AppConnected>> {
    const {kube, ref, args, flags, signal, report} = await this.app()
    return connectEndpoint(kube, ref, {endpoint: args.endpoint, port: flags.port, signal, report})
  }
}
