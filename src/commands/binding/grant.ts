import {string} from '@oclif/core/args'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {askingFlags} from '../../cli/flags.ts'
import {findRequests, grantRequest} from '../../lib/binding/index.ts'
import {type BindingsGranted, bindingsGrantedView} from '../../view/binding/granted.ts'

export default class BindingGrant extends NamedAppCommand<typeof BindingGrant, BindingsGranted> {
  static override summary = 'have made at a provider what an app requests that may not have it made itself'
  static override description =
    'It takes rights in both namespaces: in the pods of the provider, and on the Secrets of the app. What is made is put into a Secret of the app, which then goes on by berth app resume.'
  static override examples = [
    {description: 'all that it requests', command: 'berth binding grant web/news'},
    {description: 'from a script', command: 'berth binding grant web/news database --yes'},
  ]
  static override args = {
    ...NamedAppCommand.args,
    parameter: string({description: 'the parameter that is bound; all that are requested without'}),
  }
  static override flags = askingFlags
  static override resultKind = 'BindingsGranted'
  static override view = bindingsGrantedView

  async run(): Promise<BindingsGranted> {
    const {kube, flags, ref, args, signal, report} = await this.app()
    const asked = await findRequests(kube, ref, args.parameter, signal)
    const result = {bindings: asked.map(({wanted}) => wanted), granted: false}
    if (flags['dry-run']) return result
    await this.askAbout(
      bindingsGrantedView,
      result,
      `Grant that to ${ref.namespace}/${ref.name}?`,
      'it gives an app a login at a provider',
    )
    for (const each of asked) await grantRequest(kube, each, {signal, report, now: new Date()})
    return {...result, granted: true}
  }
}
