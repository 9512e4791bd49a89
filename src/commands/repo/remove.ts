import {string} from '@oclif/core/args'
import {BerthCommand} from '../../cli/base-command.ts'
import {removeRepository} from '../../lib/repo/index.ts'
import {type RepositoryRemoved, repositoryRemovedView} from '../../view/repo/removed.ts'

export default class RepoRemove extends BerthCommand<typeof RepoRemove, RepositoryRemoved> {
  static override summary = 'forget a repository; what was installed from it stays'
  static override examples = [{description: 'forget it', command: 'berth repo remove mine'}]
  static override args = {name: string({description: 'its name', required: true})}
  static override resultKind = 'RepositoryRemoved'
  static override view = repositoryRemovedView

  async run(): Promise<RepositoryRemoved> {
    const {args} = await this.input()
    return removeRepository(args.name, await this.settings())
  }
}
