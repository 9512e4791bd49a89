import {string} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {NamedAppCommand} from '../../cli/app-command.ts'
import {operationFlags, operationOptions} from '../../cli/flags.ts'
import {changeFlags, changeOptions, driftOption} from '../../cli/install-flags.ts'
import {SettingsCommand} from '../../cli/settings-command.ts'
import {type AppRef, formatRef, sameApp} from '../../lib/anchor/index.ts'
import {consumersOf, type Lib, planUpdate, renewRequest, rotationOf, update} from '../../lib/app/index.ts'
import {type RotateResult, rotateView} from '../../view/app/rotated.ts'

export default class AppRotate extends SettingsCommand<typeof AppRotate, RotateResult> {
  static override summary = 'make a secret of an app anew, as its package says that it can be done'
  static override description =
    'The pods that use it are restarted, or the task runs that its package has for it. The old value is kept until the new one is in use.'
  static override examples = [
    {description: 'a new password', command: 'berth app rotate cache password -n web'},
    {description: 'a new certificate, of which its users are told', command: 'berth app rotate pg tls -n db --roll'},
  ]
  static override args = {
    ...NamedAppCommand.args,
    name: string({description: 'the secret, as `app secret list` calls it', required: true}),
  }
  static override flags = {
    ...operationFlags,
    ...changeFlags,
    roll: boolean({summary: 'then refresh the apps that use it, which would not trust another certificate'}),
  }
  static override resultKind = 'RotateResult'
  static override view = rotateView
  static override interrupt = 'after-step' as const

  async run(): Promise<RotateResult> {
    const app = await this.running()
    const {flags, args, lib, ref, present, around} = app
    const rotate = rotationOf(ref, present, args.name)
    const options = {...operationOptions(flags), ...driftOption(flags)}
    const request = {...app, rotate, options: changeOptions(flags, around.read)}
    const how = {
      dryRun: flags['dry-run'],
      hash: flags.plan,
      question: `Make ${args.name} of ${formatRef(ref)} anew?`,
    }
    const users = flags.roll ? await consumersOf(lib, ref) : []
    if (users.length === 0) {
      const operated = await this.operate(
        () => planUpdate(lib, request),
        agree => update(lib, request, agree),
        how,
      )
      return {app: ref, ...operated, error: null, users: []}
    }
    const requestFor = async (own: Lib, each: AppRef) => {
      const parameters = users.find(user => sameApp(user.ref, each))?.parameters
      return parameters === undefined ? request : renewRequest(own, each, {verb: 'ensure', parameters, ...options})
    }
    const consumers = users.map(user => user.ref)
    const levels = [[{ref, users: consumers}], consumers.map(each => ({ref: each, users: []}))]
    const {items, hash} = await this.operateAll(lib, levels, {
      first: 'providers',
      plan: async each => planUpdate(lib, await requestFor(lib, each)),
      work: async (own, each, agree) => update(own, await requestFor(own, each), agree),
      because: undefined,
      ...how,
    })
    const [own, ...rolled] = items
    if (own === undefined) throw new Error('the app itself is not among them')
    return {...own, plan: {...own.plan, hash}, users: rolled}
  }
}
