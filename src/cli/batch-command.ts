import {string} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import type {AppRef} from '../lib/anchor/index.ts'
import {formatRef, listAnchors, sameApp} from '../lib/anchor/index.ts'
import type {Agree, Along, Lib, Outcome, Run} from '../lib/app/index.ts'
import {carryOutRun, levelsOfApps, planRun} from '../lib/app/index.ts'
import {type AppsOperated, appsOperatedView} from '../view/app/operated.ts'
import {listOf} from '../view/words.ts'
import {AppCommand} from './app-command.ts'
import type {CommandClass} from './base-command.ts'
import type {Context} from './cluster-command.ts'
import {wrongUsage} from './errors.ts'
import {listFlags, operationFlags} from './flags.ts'
import {given} from './given.ts'
import type {Interfaces} from './oclif.ts'

export const batchFlags = {
  ...operationFlags,
  ...listFlags,
  all: boolean({summary: 'every app of the namespace, with -A of the cluster'}),
  'no-wait': boolean({summary: 'end once everything is told to, done or not', helpGroup: 'PROGRESS'}),
}

export interface Batch {
  verb: 'stop' | 'start' | 'restart'
  /** Which of two apps of the call is done first, where one uses the other. */
  first: 'users' | 'providers'
  /** Who goes along with what was named. */
  along: Along
  runOf(along: AppRef[]): Run
  /** Where there is more to it than the run. */
  work?(lib: Lib, ref: AppRef, along: AppRef[], agree: Agree): Promise<Outcome>
}

/** The base of commands that change whether apps run: several in one call, in parallel where none waits for another. */
export abstract class BatchCommand<C extends CommandClass> extends AppCommand<C, AppsOperated> {
  static override args = {
    app: string({description: 'the apps: their names, or namespace/name', multiple: true}),
  }
  static override resultKind = 'AppsOperated'
  static override view = appsOperatedView
  static override interrupt = 'after-step' as const

  protected async batch(context: Context<C>, {verb, first, along, runOf, work}: Batch): Promise<AppsOperated> {
    const flags = context.flags as Interfaces.InferredFlags<typeof batchFlags>
    const [named, lib] = await Promise.all([this.#named(context), this.lib(context)])
    const found = await levelsOfApps(lib, named, along)
    const levels = first === 'users' ? found : found.reverse()
    const apps = levels.flat()
    const together = apps.map(({ref}) => ref)
    const run = runOf(together)
    const carryOut = (own: Lib, ref: AppRef, agree: Agree) =>
      work === undefined ? carryOutRun(own, ref, run, agree) : work(own, ref, together, agree)
    const title = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`
    const question = `${title} ${listOf(together.map(formatRef))}?`
    const [only] = apps
    if (only !== undefined && apps.length === 1) {
      const {ref} = only
      const {plan, outcome} = await this.operate(
        () => planRun(lib, ref, run),
        agree => carryOut(lib, ref, agree),
        {question, dryRun: flags['dry-run'], hash: flags.plan},
      )
      return {items: [{app: ref, plan, outcome, error: null}], hash: plan.hash}
    }
    const others = together.filter(ref => !named.some(other => sameApp(other, ref)))
    return this.operateAll(lib, levels, {
      first,
      plan: ref => planRun(lib, ref, run),
      work: carryOut,
      question,
      because:
        verb === 'stop' && others.length > 0 ? `it stops others, too: ${listOf(others.map(formatRef))}` : undefined,
      dryRun: flags['dry-run'],
      hash: flags.plan,
    })
  }

  /** What the command line names, or selects. */
  async #named(context: Context<C>): Promise<AppRef[]> {
    const {kube, signal, report} = context
    const {app: names = []} = context.args as {app?: string[]}
    const flags = context.flags as Interfaces.InferredFlags<typeof batchFlags>
    const {all, selector, 'all-namespaces': everywhere} = flags
    const selects = all || selector !== undefined
    if (names.length > 0 && (selects || everywhere))
      throw wrongUsage('name apps, or select them with --all or -l, not both', this.words)
    if (names.length === 0 && !selects) throw wrongUsage('name an app, or select some with --all or -l', this.words)
    if (names.length > 0) return names.map(name => this.appRef(name, context))
    const where = everywhere ? {} : {namespace: kube.target.namespace}
    const anchors = await listAnchors(kube, {...where, signal, ...given({labelSelector: selector})})
    for (const {ref} of anchors.filter(({phase}) => phase === 'corrupt'))
      report({
        type: 'warning',
        message: `${formatRef(ref)} is left out: what the cluster holds about it cannot be read`,
      })
    const readable = anchors.filter(({phase}) => phase !== 'corrupt').map(({ref}) => ref)
    if (readable.length === 0) report({type: 'warning', message: 'there are no such apps'})
    return readable
  }
}
