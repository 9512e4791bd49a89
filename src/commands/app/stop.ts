import {boolean} from '@oclif/core/flags'
import {BatchCommand, batchFlags} from '../../cli/batch-command.ts'
import {operationOptions} from '../../cli/flags.ts'
import {stopRun} from '../../lib/app/index.ts'
import type {AppsOperated} from '../../view/app/operated.ts'

export default class AppStop extends BatchCommand<typeof AppStop> {
  static override summary = 'stop apps: their pods go, data and settings stay'
  static override description =
    'How many pods each part has is remembered, and brought back by `app start`. A stopped app can be configured; it stays stopped.'
  static override examples = [
    {description: 'stop an app', command: 'berth app stop wiki -n web'},
    {description: 'and everything that uses it, in order', command: 'berth app stop pg -n db --cascade'},
    {description: 'all of a namespace', command: 'berth app stop --all -n web'},
  ]
  static override flags = {
    ...batchFlags,
    force: boolean({summary: 'although others use it', exclusive: ['cascade']}),
    cascade: boolean({summary: 'stop those first that use it'}),
  }

  async run(): Promise<AppsOperated> {
    const context = await this.context()
    const {flags} = context
    const options = {force: flags.force, wait: !flags['no-wait'], ...operationOptions(flags)}
    return this.batch(context, {
      verb: 'stop',
      first: 'users',
      along: flags.cascade ? 'running users' : 'nobody',
      runOf: along => stopRun({...options, along}),
    })
  }
}
