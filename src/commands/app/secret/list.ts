import {NamedAppCommand} from '../../../cli/app-command.ts'
import {clusterFlags} from '../../../cli/flags.ts'
import {listSecrets} from '../../../lib/app/index.ts'
import {type SecretList, secretListView} from '../../../view/app/secrets.ts'

export default class AppSecretList extends NamedAppCommand<typeof AppSecretList, SecretList> {
  static override summary = 'what secrets an app has, where they are from, and which can be rotated; no values'
  static override examples = [{description: 'which are there?', command: 'berth app secret list news -n web'}]
  static override flags = clusterFlags
  static override resultKind = 'SecretList'
  static override view = secretListView

  async run(): Promise<SecretList> {
    const context = await this.app()
    const {ref} = context
    return {app: ref, secrets: await listSecrets(await this.lib(context), ref)}
  }
}
