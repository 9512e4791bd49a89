import {boolean} from '@oclif/core/flags'
import {BatchCommand, batchFlags} from '../../cli/batch-command.ts'
import {operationOptions} from '../../cli/flags.ts'
import {startApp, startRun} from '../../lib/app/index.ts'
import {UserError} from '../../lib/errors.ts'
import type {AppsOperated} from '../../view/app/operated.ts'

export default class AppStart extends BatchCommand<typeof AppStart> {
  static override summary = 'start stopped apps: what was there before comes back'
  static override description =
    'Waits until all is ready, and fails as soon as it cannot be, with the reason. What an app uses must run: --cascade starts it first.'
  static override examples = [
    {description: 'start an app', command: 'berth app start wiki -n web'},
    {description: 'and what it uses, first', command: 'berth app start wiki -n web --cascade'},
    {description: 'all of a namespace', command: 'berth app start --all -n web'},
  ]
  static override flags = {
    ...batchFlags,
    force: boolean({summary: 'although what it uses is stopped', exclusive: ['cascade']}),
    cascade: boolean({summary: 'start what it uses first'}),
  }

  async run(): Promise<AppsOperated> {
    const context = await this.context()
    const {flags} = context
    const options = {force: flags.force, wait: !flags['no-wait'], ...operationOptions(flags)}
    const start = (cascade: boolean) =>
      this.batch(context, {
        verb: 'start',
        first: 'providers',
        along: cascade ? 'stopped providers' : 'nobody',
        runOf: along => startRun({...options, along}),
        work: (lib, ref, along, agree) => startApp(lib, ref, {...options, along}, agree),
      })
    if (flags.cascade || !this.interactive) return start(flags.cascade)
    return start(false).catch(async error => {
      if (!(error instanceof UserError) || error.code !== 'app.stopped') throw error
      await this.confirmed({
        question: `${error.message}. Start that first?`,
        because: undefined,
        details: error.details,
      })
      return start(true)
    })
  }
}
