import {string as stringArg} from '@oclif/core/args'
import {AppCommand} from '../../../cli/app-command.ts'
import {clusterFlags, revealFlag} from '../../../cli/flags.ts'
import {passwordFlag, passwordFrom} from '../../../cli/password-flag.ts'
import {revealMade} from '../../../lib/app/index.ts'
import {rotateDatabaseUser} from '../../../lib/binding/index.ts'
import {type DatabaseUser, databaseUserView} from '../../../view/database/user.ts'

export default class DatabaseUserRotate extends AppCommand<typeof DatabaseUserRotate, DatabaseUser> {
  static override summary = "give a person's login another password; the former is shut at once"
  static override description = "An app's login is rotated by berth binding rotate, without an interruption."
  static override examples = [
    {description: 'generated, into its Secret', command: 'berth database user rotate db/pg ann'},
    {description: 'and shown', command: 'berth database user rotate db/pg ann --reveal'},
  ]
  static override args = {
    provider: stringArg({description: 'the server: an app that provides databases, or service:NAME', required: true}),
    name: stringArg({description: 'the name of the login', required: true}),
  }
  static override flags = {...clusterFlags, ...passwordFlag, ...revealFlag}
  static override resultKind = 'DatabaseUser'
  static override view = databaseUserView

  async run(): Promise<DatabaseUser> {
    const context = await this.context()
    const {kube, args, flags, signal} = context
    const ref = this.providerRef(args.provider, context)
    const password = passwordFrom(flags, this.session.env, this.words)
    const {name} = args
    const {row, password: made} = await rotateDatabaseUser(kube, ref, name, {password, signal})
    const shown = await revealMade(await this.lib(context), ref, {name: `the login ${name}`, value: made}, flags.reveal)
    return {...row, password: shown}
  }
}
