import {string as stringArg} from '@oclif/core/args'
import {custom} from '@oclif/core/flags'
import {AppCommand} from '../../../cli/app-command.ts'
import {clusterFlags, revealFlag} from '../../../cli/flags.ts'
import {passwordFlag, passwordFrom} from '../../../cli/password-flag.ts'
import {revealMade} from '../../../lib/app/index.ts'
import {createDatabaseUser, type DatabaseAccess} from '../../../lib/binding/index.ts'
import {type DatabaseUser, databaseUserView} from '../../../view/database/user.ts'

export default class DatabaseUserCreate extends AppCommand<typeof DatabaseUserCreate, DatabaseUser> {
  static override summary = 'make a login for a person to one database, or give one that is there another access'
  static override description =
    'The password is generated, and stands in a Secret beside the server; apps have logins of their own. A login opens one database, tables that come later included.'
  static override examples = [
    {
      description: 'to look',
      command: 'berth database user create db/pg web_news_database_1a2b3c4d ann --access read --reveal',
    },
    {
      description: 'with a password of your own',
      command: 'berth database user create db/pg shop ann --access write --password-env ANN_PASSWORD',
    },
  ]
  static override args = {
    provider: stringArg({description: 'the server: an app that provides databases, or service:NAME', required: true}),
    database: stringArg({description: 'the database, as `database list` calls it', required: true}),
    name: stringArg({description: 'the name of the login', required: true}),
  }
  static override flags = {
    ...clusterFlags,
    access: custom<DatabaseAccess>({
      summary: 'read: look; write: change rows as well; owner: change tables, too',
      options: ['read', 'write', 'owner'],
      helpValue: 'read|write|owner',
      required: true,
    })(),
    ...passwordFlag,
    ...revealFlag,
  }
  static override resultKind = 'DatabaseUser'
  static override view = databaseUserView

  async run(): Promise<DatabaseUser> {
    const context = await this.context()
    const {kube, args, flags, signal} = context
    const ref = this.providerRef(args.provider, context)
    const password = passwordFrom(flags, this.session.env, this.words)
    const {name, database} = args
    const {row, password: made} = await createDatabaseUser(
      kube,
      ref,
      {name, database, access: flags.access, password},
      signal,
    )
    const shown = await revealMade(await this.lib(context), ref, {name: `the login ${name}`, value: made}, flags.reveal)
    return {...row, password: shown}
  }
}
