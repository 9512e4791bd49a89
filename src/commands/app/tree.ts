import {NamedAppCommand} from '../../cli/app-command.ts'
import {clusterFlags} from '../../cli/flags.ts'
import {appTree} from '../../lib/app/index.ts'
import {type AppTree, appTreeView} from '../../view/app/tree.ts'

export default class AppTreeCommand extends NamedAppCommand<typeof AppTreeCommand, AppTree> {
  static override summary = 'what an app consists of, down to pods and what they read; whom it uses, who uses it'
  static override examples = [{description: 'as a tree', command: 'berth app tree news -n web'}]
  static override flags = clusterFlags
  static override resultKind = 'AppTree'
  static override view = appTreeView

  async run(): Promise<AppTree> {
    const {kube, ref, signal} = await this.app()
    return {tree: await appTree(kube, ref, signal)}
  }
}
