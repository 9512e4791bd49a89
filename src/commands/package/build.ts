import {resolve} from 'node:path'
import {string} from '@oclif/core/args'
import {string as stringFlag} from '@oclif/core/flags'
import {BerthCommand} from '../../cli/base-command.ts'
import {given} from '../../cli/given.ts'
import {buildPackage} from '../../lib/authoring/index.ts'
import {resolvePackage} from '../../lib/repo/index.ts'
import {type PackageBuilt, packageBuiltView} from '../../view/package/built.ts'

export default class PackageBuild extends BerthCommand<typeof PackageBuild, PackageBuilt> {
  static override summary = "write a package's archive; the same files give the same bytes"
  static override examples = [
    {description: 'into this folder, as name-1.2.3.tgz', command: 'berth package build ./wiki'},
    {
      description: 'for a repository',
      command: 'berth package build ./wiki --file /srv/packages/wiki-1.4.0.tgz',
    },
  ]
  static override args = {package: string({description: 'the folder', required: true})}
  static override flags = {
    file: stringFlag({summary: 'where to write it; otherwise name-version.tgz here', helpValue: 'FILE.tgz'}),
  }
  static override resultKind = 'PackageBuilt'
  static override view = packageBuiltView

  async run(): Promise<PackageBuilt> {
    const {args, flags} = await this.input()
    const {workDir} = this.session.paths
    const found = await resolvePackage(args.package, await this.settings())
    return buildPackage(found.package, {folder: workDir, ...given({file: flags.file && resolve(workDir, flags.file)})})
  }
}
