import {boolean, integer, string} from '@oclif/core/flags'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {clusterFlags, durationFlag} from '../../cli/flags.ts'
import {given} from '../../cli/given.ts'
import {lineWriter} from '../../cli/log-lines.ts'
import {appLogs} from '../../lib/logs/index.ts'
import {type LogLine, logLineView} from '../../view/app/logs.ts'

export default class AppLogs extends NamedAppCommand<typeof AppLogs, LogLine> {
  static override summary = 'the logs of all pods of an app as one, in the order of time'
  static override description =
    'Following (-f), containers that restart and pods that come are followed, too. On a terminal control characters of the log are shown and not obeyed, but for colours; into a pipe bytes go as they are. With --json one document a line.'
  static override examples = [
    {
      description: 'what went wrong in the last ten minutes?',
      command: "berth app logs news -n web --since 10m --grep 'error|fatal'",
    },
    {
      description: 'follow, from the last 20 lines of each container',
      command: 'berth app logs news -n web -f --tail 20',
    },
  ]
  static override flags = {
    ...clusterFlags,
    follow: boolean({char: 'f', summary: 'go on with what comes, until Ctrl-C', exclusive: ['previous']}),
    since: durationFlag({summary: 'only what is not older than this'}),
    tail: integer({summary: 'only so many last lines of each container', helpValue: 'LINES', min: 0}),
    grep: string({char: 'g', summary: 'only lines that match (RE2)', helpValue: 'PATTERN'}),
    component: string({summary: 'only this component', helpValue: 'NAME'}),
    container: string({char: 'c', summary: 'only containers of this name', helpValue: 'NAME'}),
    previous: boolean({char: 'p', summary: 'of the runs before the last restarts'}),
    timestamps: boolean({summary: 'with the time of each line'}),
    'no-prefix': boolean({summary: 'without the name of the pod before each line'}),
  }
  static override resultKind = 'LogLine'
  static override view = logLineView

  async run(): Promise<AsyncIterable<Uint8Array>> {
    const {kube, ref, flags, signal, report} = await this.app()
    const {follow, since, tail, grep, component, container, previous, timestamps} = flags
    return appLogs(kube, ref, {
      follow,
      ...given({tail, grep, component, container, previous: previous || undefined}),
      ...(since !== undefined && {sinceSeconds: Math.max(1, Math.ceil(since / 1000))}),
      write: lineWriter(this.session, {prefix: !flags['no-prefix'], timestamps}),
      signal,
      report,
    })
  }
}
