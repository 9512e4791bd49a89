import {string} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {openInBrowser} from '../../cli/browser.ts'
import {clusterFlags} from '../../cli/flags.ts'
import {endpointUrl} from '../../lib/app/index.ts'
import {type AppOpened, appOpenedView} from '../../view/app/connected.ts'

export default class AppOpen extends NamedAppCommand<typeof AppOpen, AppOpened> {
  static override summary = "open an app's address in the browser, and print it"
  static override description = 'Without a display, with --url or --json, it is only printed.'
  static override examples = [
    {description: 'its page', command: 'berth app open news -n web'},
    {description: 'the address alone', command: 'curl "$(berth app open news -n web --url)"'},
  ]
  static override args = {
    ...NamedAppCommand.args,
    endpoint: string({description: 'the endpoint; needed where several are published'}),
  }
  static override flags = {...clusterFlags, url: boolean({summary: 'print the address, open nothing'})}
  static override resultKind = 'AppOpened'
  static override view = appOpenedView

  async run(): Promise<AppOpened> {
    const {kube, ref, args, flags, signal, report} = await this.app()
    const found = await endpointUrl(kube, ref, args.endpoint, signal)
    const opened =
      !flags.url && this.session.format === undefined && (await openInBrowser(found.url, this.session.env, report))
    return {...found, opened}
  }
}
