import {BerthCommand} from '../../cli/base-command.ts'
import {type RepoList, repoListNames, repoListView} from '../../view/repo/list.ts'

export default class RepoListCommand extends BerthCommand<typeof RepoListCommand, RepoList> {
  static override summary = 'list the repositories that packages come from'
  static override examples = [{description: 'what is configured', command: 'berth repo list'}]
  static override resultKind = 'RepoList'
  static override view = repoListView
  static override names = repoListNames

  async run(): Promise<RepoList> {
    await this.input()
    const {repositories} = await this.settings()
    return {items: repositories}
  }
}
