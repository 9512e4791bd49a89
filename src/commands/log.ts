import {string} from '@oclif/core/flags'
import {AppCommand} from '../cli/app-command.ts'
import {clusterFlags, durationFlag, listFlags} from '../cli/flags.ts'
import {given} from '../cli/given.ts'
import {operationLog} from '../lib/app/index.ts'
import {type OperationLog, operationLogView} from '../view/log.ts'

const {'all-namespaces': allNamespaces} = listFlags

export default class Log extends AppCommand<typeof Log, OperationLog> {
  static override summary = 'what berth did to apps, by whom, and how it went; the newest first'
  static override description =
    'Of each app the last ten operations; of apps that are gone, and of secrets that were shown, what Events tell for as long as the cluster keeps them (an hour, mostly).'
  static override examples = [
    {description: 'in every namespace, today', command: 'berth log -A --since 24h'},
    {description: 'of an app that is gone', command: 'berth log -n web --app news'},
  ]
  static override flags = {
    ...clusterFlags,
    'all-namespaces': allNamespaces,
    app: string({summary: 'only this app: NAME or NAMESPACE/NAME', helpValue: 'APP', exclusive: ['all-namespaces']}),
    since: durationFlag({summary: 'only what is not older than this'}),
  }
  static override resultKind = 'OperationLog'
  static override view = operationLogView

  async run(): Promise<OperationLog> {
    const context = await this.context()
    const {kube, flags, signal, report} = context
    const items = await operationLog(kube, {
      ...given({
        namespace: flags['all-namespaces'] ? undefined : kube.target.namespace,
        app: flags.app === undefined ? undefined : this.appRef(flags.app, context),
        since: flags.since === undefined ? undefined : Date.now() - flags.since,
      }),
      signal,
      report,
    })
    return {items}
  }
}
