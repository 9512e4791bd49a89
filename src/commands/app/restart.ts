import {string} from '@oclif/core/flags'
import {BatchCommand, batchFlags} from '../../cli/batch-command.ts'
import {operationOptions} from '../../cli/flags.ts'
import {restartRun} from '../../lib/app/index.ts'
import type {AppsOperated} from '../../view/app/operated.ts'

export default class AppRestart extends BatchCommand<typeof AppRestart> {
  static override summary = 'make the pods of apps anew, a few at a time, as their packages update them'
  static override examples = [
    {description: 'all pods of an app', command: 'berth app restart wiki -n web'},
    {description: 'those of one component', command: 'berth app restart wiki -n web --component worker'},
  ]
  static override flags = {
    ...batchFlags,
    component: string({summary: 'only this component', helpValue: 'NAME', multiple: true}),
  }

  async run(): Promise<AppsOperated> {
    const context = await this.context()
    const {flags} = context
    const options = {wait: !flags['no-wait'], ...operationOptions(flags)}
    return this.batch(context, {
      verb: 'restart',
      first: 'providers',
      along: 'nobody',
      runOf: () => restartRun(options, flags.component),
    })
  }
}
