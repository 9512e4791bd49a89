import type {AppRef} from '../lib/anchor/index.ts'
import type {ChangeRequest} from '../lib/app/index.ts'
import {planUpdate, readScales, update} from '../lib/app/index.ts'
import type {Kube} from '../lib/kube/index.ts'
import {type ScaleResult, scaleView} from '../view/app/scale.ts'
import type {CommandClass} from './base-command.ts'
import type {Context} from './cluster-command.ts'
import type {operationFlags} from './flags.ts'
import {type changeFlags, changeOptions} from './install-flags.ts'
import type {Interfaces} from './oclif.ts'
import {type Running, SettingsCommand} from './settings-command.ts'

/** The base of commands about how many pods an app has. A change of it is a change of the app like any other, with a revision. */
export abstract class ScaleCommand<C extends CommandClass> extends SettingsCommand<C, ScaleResult> {
  static override resultKind = 'ScaleResult'
  static override view = scaleView
  static override interrupt = 'after-step' as const

  protected async shown({kube, ref, signal}: {kube: Kube; ref: AppRef; signal: AbortSignal}): Promise<ScaleResult> {
    return {app: ref, components: await readScales({kube, signal}, ref), plan: null, outcome: null}
  }

  protected async change(
    app: Context<C> & Running,
    asked: Pick<ChangeRequest, 'scale' | 'autoscale'>,
    verb: string,
  ): Promise<ScaleResult> {
    const {lib, ref, around} = app
    const flags = app.flags as Interfaces.InferredFlags<typeof operationFlags & typeof changeFlags>
    const request = {...app, ...asked, options: changeOptions(flags, around.read)}
    const {plan, outcome} = await this.operate(
      () => planUpdate(lib, request),
      agree => update(lib, request, agree),
      {dryRun: flags['dry-run'], hash: flags.plan, question: `${verb} ${ref.namespace}/${ref.name}?`},
    )
    return {...(await this.shown({...lib, ref})), plan, outcome}
  }
}
