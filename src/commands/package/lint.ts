import {string} from '@oclif/core/args'
import {BerthCommand} from '../../cli/base-command.ts'
import {lint} from '../../lib/authoring/index.ts'
import {resolvePackage} from '../../lib/repo/index.ts'
import {type PackageLinted, packageLintedView} from '../../view/package/linted.ts'

export default class PackageLint extends BerthCommand<typeof PackageLint, PackageLinted> {
  static override summary = 'look for faults in a package: expressions, parameters, what it renders to'
  static override examples = [{description: 'the package of this folder', command: 'berth package lint .'}]
  static override args = {
    package: string({description: 'a folder, an archive, or the name of a package', required: true}),
  }
  static override resultKind = 'PackageLinted'
  static override view = packageLintedView

  async run(): Promise<PackageLinted> {
    const {args} = await this.input()
    const found = await resolvePackage(args.package, await this.settings())
    return lint(found.package)
  }
}
