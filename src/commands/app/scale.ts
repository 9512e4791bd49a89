import {string} from '@oclif/core/args'
import {wrongUsage} from '../../cli/errors.ts'
import {operationFlags} from '../../cli/flags.ts'
import {changeFlags} from '../../cli/install-flags.ts'
import {ScaleCommand} from '../../cli/scale-command.ts'
import type {ScaleResult} from '../../view/app/scale.ts'

export default class AppScale extends ScaleCommand<typeof AppScale> {
  static override summary = 'how many pods the components of an app have; sets it'
  static override description =
    'Without COMPONENT=N it shows them, their bounds, and who chose. Of a stopped app it changes what a start brings. Where an autoscaler chooses, set its bounds instead: `app autoscale`.'
  static override examples = [
    {description: 'how many are there?', command: 'berth app scale site -n web'},
    {description: 'three pods of one, two of another', command: 'berth app scale shop -n web web=3 worker=2'},
  ]
  static override args = {
    ...ScaleCommand.args,
    counts: string({description: 'COMPONENT=N, for each that changes', multiple: true}),
  }
  static override flags = {...operationFlags, ...changeFlags}

  async run(): Promise<ScaleResult> {
    const context = await this.app()
    const counts = (context.args.counts as string[] | undefined) ?? []
    if (counts.length === 0) return this.shown(context)
    const said = counts.map(text => {
      const [, component, count] = /^([a-z][a-z0-9-]*)=(\d{1,4})$/.exec(text) ?? []
      if (component === undefined || count === undefined)
        throw wrongUsage(`"${text}" says no count: write COMPONENT=N, such as web=3`, this.words)
      return [component, Number(count)] as const
    })
    const scale = Object.fromEntries(said)
    const twice = said.find(([name], i) => said.findIndex(([other]) => other === name) < i)
    if (twice !== undefined) throw wrongUsage(`${twice[0]} is said twice`, this.words)
    return this.change(await this.running(context), {scale}, 'Scale')
  }
}
