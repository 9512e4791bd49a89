import {string} from '@oclif/core/args'
import {BerthCommand} from '../../cli/base-command.ts'
import {addRepository} from '../../lib/repo/index.ts'
import {type RepositoryAdded, repositoryAddedView} from '../../view/repo/added.ts'

export default class RepoAdd extends BerthCommand<typeof RepoAdd, RepositoryAdded> {
  static override summary = 'add a repository: a folder of packages and of archives'
  static override examples = [{description: 'the packages of this folder', command: 'berth repo add mine ./packages'}]
  static override args = {
    name: string({description: 'what it is called here', required: true}),
    location: string({description: 'the folder', required: true}),
  }
  static override resultKind = 'RepositoryAdded'
  static override view = repositoryAddedView

  async run(): Promise<RepositoryAdded> {
    const {args} = await this.input()
    return addRepository(args, await this.settings())
  }
}
