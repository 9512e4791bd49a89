import {string} from '@oclif/core/args'
import {BerthCommand} from '../../cli/base-command.ts'
import {searchPackages} from '../../lib/repo/index.ts'
import {type PackageList, packageListNames, packageListView} from '../../view/repo/search.ts'

export default class RepoSearch extends BerthCommand<typeof RepoSearch, PackageList> {
  static override summary = 'find packages in the repositories'
  static override examples = [
    {description: 'all there are', command: 'berth repo search'},
    {description: 'with this in their name, title or description', command: 'berth repo search feed'},
  ]
  static override args = {term: string({description: 'in its name, title or description'})}
  static override resultKind = 'PackageList'
  static override view = packageListView
  static override names = packageListNames

  async run(): Promise<PackageList> {
    const {args, report} = await this.input()
    return {items: await searchPackages(args.term, await this.settings(), report)}
  }
}
