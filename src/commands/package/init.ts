import {resolve} from 'node:path'
import {string} from '@oclif/core/args'
import {string as stringFlag} from '@oclif/core/flags'
import {BerthCommand} from '../../cli/base-command.ts'
import {createPackage} from '../../lib/authoring/index.ts'
import {type PackageCreated, packageCreatedView} from '../../view/package/created.ts'

export default class PackageInit extends BerthCommand<typeof PackageInit, PackageCreated> {
  static override summary = 'begin a package: a small one that works, to change into yours'
  static override examples = [{description: 'in the folder wiki', command: 'berth package init wiki'}]
  static override args = {name: string({description: 'its name', required: true})}
  static override flags = {
    dir: stringFlag({summary: 'the folder, new or empty; otherwise the name', helpValue: 'FOLDER'}),
  }
  static override resultKind = 'PackageCreated'
  static override view = packageCreatedView

  async run(): Promise<PackageCreated> {
    const {args, flags} = await this.input()
    return createPackage(args.name, resolve(this.session.paths.workDir, flags.dir ?? args.name))
  }
}
