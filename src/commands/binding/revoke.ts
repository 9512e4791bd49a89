import {string} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {askingFlags} from '../../cli/flags.ts'
import {planRevocation, revoke} from '../../lib/binding/index.ts'
import {type BindingRevoked, bindingRevokedView} from '../../view/binding/revoked.ts'

export default class BindingRevoke extends NamedAppCommand<typeof BindingRevoke, BindingRevoked> {
  static override summary = 'take away what a provider made for an app; its data is kept unless you say otherwise'
  static override description =
    'It takes rights in the namespace of the provider alone. Where data is kept, the login gets a password that nobody has; connections that are open stay so until they are closed. berth binding refresh gives it back.'
  static override examples = [
    {description: 'the app has gone, its database stays', command: 'berth binding revoke web/news database -n db'},
    {
      description: 'with the database, though the app runs with it',
      command: 'berth binding revoke web/news database -n db --delete-data --force',
    },
  ]
  static override args = {
    ...NamedAppCommand.args,
    parameter: string({description: 'the parameter that is bound', required: true}),
  }
  static override flags = {
    ...askingFlags,
    'delete-data': boolean({summary: 'delete what was made, with all data in it'}),
    force: boolean({summary: 'although the app runs with it'}),
  }
  static override resultKind = 'BindingRevoked'
  static override view = bindingRevokedView

  async run(): Promise<BindingRevoked> {
    const {kube, flags, ref, args, signal, report} = await this.app()
    const use = {consumer: ref, parameter: args.parameter}
    const options = {deleteData: flags['delete-data'], force: flags.force, signal, report}
    const planned = await planRevocation(kube, use, kube.target.namespace, options)
    const result = {...planned.revocation, revoked: false}
    if (flags['dry-run']) return result
    await this.askAbout(
      bindingRevokedView,
      result,
      `Revoke ${args.parameter} of ${ref.namespace}/${ref.name}?`,
      'an app loses its login',
    )
    await revoke(kube, planned, signal)
    return {...result, revoked: true}
  }
}
