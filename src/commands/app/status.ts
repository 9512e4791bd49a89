import {boolean} from '@oclif/core/flags'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {clusterFlags} from '../../cli/flags.ts'
import {appStatus, watchStatus} from '../../lib/app/index.ts'
import {type AppStatus, appStatusView} from '../../view/app/status.ts'

export default class AppStatusCommand extends NamedAppCommand<typeof AppStatusCommand, AppStatus> {
  static override summary = 'how an app stands, and why: objects, pods, bindings, and a verdict'
  static override description =
    'The verdict is one line with the probable cause, and the next step as a command to paste. docs/troubleshooting.md shows what it says of the usual faults.'
  static override examples = [
    {description: 'is it well?', command: 'berth app status news -n web'},
    {description: 'until Ctrl-C, drawn anew at every change', command: 'berth app status news -n web --watch'},
    {description: 'one JSON document a line', command: 'berth app status news -n web --watch --json'},
  ]
  static override flags = {
    ...clusterFlags,
    watch: boolean({char: 'w', summary: 'go on until Ctrl-C, and show each change'}),
  }
  static override resultKind = 'AppStatus'
  static override view = appStatusView
  static override redraws = true

  async run(): Promise<AppStatus | AsyncIterable<AppStatus>> {
    const {kube, ref, flags, signal} = await this.app()
    return flags.watch ? watchStatus(kube, ref, signal) : appStatus(kube, ref, signal)
  }
}
