import {string} from '@oclif/core/args'
import {NamedAppCommand} from '../../../cli/app-command.ts'
import {clusterFlags, revealFlag} from '../../../cli/flags.ts'
import {getSecret} from '../../../lib/app/index.ts'
import {type ShownSecret, shownSecretView} from '../../../view/app/secrets.ts'

export default class AppSecretGet extends NamedAppCommand<typeof AppSecretGet, ShownSecret> {
  static override summary = 'one secret of an app; its value only with --reveal'
  static override description =
    'Whoever reveals a secret is recorded in an Event of the app first: kubectl get events shows it.'
  static override examples = [
    {description: 'to copy it', command: 'berth app secret get news password -n web --reveal'},
  ]
  static override args = {
    ...NamedAppCommand.args,
    name: string({description: 'the secret, as `app secret list` calls it', required: true}),
  }
  static override flags = {...clusterFlags, ...revealFlag}
  static override resultKind = 'ShownSecret'
  static override view = shownSecretView

  async run(): Promise<ShownSecret> {
    const context = await this.app()
    const {args, flags, ref} = context
    return getSecret(await this.lib(context), ref, args.name, flags.reveal)
  }
}
