import {string as stringArg} from '@oclif/core/args'
import {AppCommand} from '../../../cli/app-command.ts'
import {askingFlags} from '../../../cli/flags.ts'
import {deleteDatabaseUser, findUser} from '../../../lib/binding/index.ts'
import {type DatabaseUserDeleted, databaseUserDeletedView} from '../../../view/database/user.ts'

export default class DatabaseUserDelete extends AppCommand<typeof DatabaseUserDelete, DatabaseUserDeleted> {
  static override summary = "drop a person's login; data that it made stays"
  static override examples = [{description: 'with what it has open', command: 'berth database user delete db/pg ann'}]
  static override args = {
    provider: stringArg({description: 'the server: an app that provides databases, or service:NAME', required: true}),
    name: stringArg({description: 'the name of the login', required: true}),
  }
  static override flags = askingFlags
  static override resultKind = 'DatabaseUserDeleted'
  static override view = databaseUserDeletedView

  async run(): Promise<DatabaseUserDeleted> {
    const context = await this.context()
    const {kube, args, flags, signal} = context
    const ref = this.providerRef(args.provider, context)
    const {database, access} = await findUser(kube, ref, args.name, signal)
    const result = {provider: ref, name: args.name, database, access, deleted: false}
    if (flags['dry-run']) return result
    await this.askAbout(
      databaseUserDeletedView,
      result,
      `Delete the login ${args.name}?`,
      'somebody may be using that login',
    )
    await deleteDatabaseUser(kube, ref, args.name, signal)
    return {...result, deleted: true}
  }
}
