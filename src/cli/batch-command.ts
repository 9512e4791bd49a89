import {string} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import type {AppRef} from '../lib/anchor/index.ts'
import {formatRef, listAnchors, sameApp} from '../lib/anchor/index.ts'
import type {Along, Lib, Ordered, Plan, Run} from '../lib/app/index.ts'
import {carryOutRun, hashOfPlans, insistOn, levelsOfApps, planRun} from '../lib/app/index.ts'
import {BerthError} from '../lib/errors.ts'
import {type AppOperated, type AppsOperated, appsOperatedView, plansView} from '../view/app/operated.ts'
import {listOf} from '../view/words.ts'
import {AppCommand} from './app-command.ts'
import type {CommandClass} from './base-command.ts'
import type {Context} from './cluster-command.ts'
import {confirm} from './confirm.ts'
import {wrongUsage} from './errors.ts'
import {listFlags, operationFlags} from './flags.ts'
import {given} from './given.ts'
import type {Interfaces} from './oclif.ts'
import {whileAsking} from './session.ts'
import {isDumb} from './terminal.ts'

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
}

/** The base of commands that change whether apps run: several in one call, in parallel where none waits for another. */
export abstract class BatchCommand<C extends CommandClass> extends AppCommand<C, AppsOperated> {
  static override args = {
    app: string({description: 'the apps: their names, or namespace/name', multiple: true}),
  }
  static override resultKind = 'AppsOperated'
  static override view = appsOperatedView
  static override interrupt = 'after-step' as const

  protected async batch(context: Context<C>, {verb, first, along, runOf}: Batch): Promise<AppsOperated> {
    const flags = context.flags as Interfaces.InferredFlags<typeof batchFlags>
    const [named, lib] = await Promise.all([this.#named(context), this.lib(context)])
    const found = await levelsOfApps(lib, named, along)
    const levels = first === 'users' ? found : found.reverse()
    const apps = levels.flat()
    const run = runOf(apps.map(({ref}) => ref))
    const title = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`
    const question = `${title} ${listOf(apps.map(({ref}) => formatRef(ref)))}?`
    const [only] = apps
    if (only !== undefined && apps.length === 1) {
      const {ref} = only
      const {plan, outcome} = await this.operate(
        () => planRun(lib, ref, run),
        agree => carryOutRun(lib, ref, run, agree),
        {question, dryRun: flags['dry-run'], hash: flags.plan},
      )
      return {items: [{app: ref, plan, outcome, error: null}], hash: plan.hash}
    }
    const plans = await Promise.all(apps.map(({ref}) => planRun(lib, ref, run)))
    const hash = hashOfPlans(plans)
    const planned = plans.map((plan): AppOperated => ({app: plan.app, plan, outcome: null, error: null}))
    const [plan] = plans
    if (flags.plan !== undefined && plan !== undefined) insistOn(flags.plan, plan, hash)
    if (flags['dry-run'] || plans.every(({changes}) => !changes)) return {items: planned, hash}
    const others = apps.filter(({ref}) => !named.some(other => sameApp(other, ref)))
    await this.#confirm(question, verb, others, plans)
    const items = await inOrder(lib, levels, first, planned, (each, ref, {hash: agreed}) =>
      carryOutRun(each, ref, run, now => insistOn(agreed, now)),
    )
    if (items.some(({error}) => error !== null)) this.verdict(6)
    return {items, hash}
  }

  async #confirm(question: string, verb: string, others: Ordered[], plans: Plan[]): Promise<void> {
    const {listener, err, interrupts, env} = this.session
    listener.settle()
    if (this.interactive) process.stderr.write(`${plansView(plans, err())}\n`)
    const because =
      others.length > 0 ? `it ${verb}s others, too: ${listOf(others.map(({ref}) => formatRef(ref)))}` : undefined
    const how = {yes: this.agreed, interactive: this.interactive, dumb: isDumb(env), signal: interrupts.signal}
    await whileAsking(this.session, () => confirm({question, because, details: plans}, how))
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

/** Does each app once those are done that it waits for; where one of them failed, it is left as it is. */
export async function inOrder(
  lib: Lib,
  levels: Ordered[][],
  first: 'users' | 'providers',
  planned: AppOperated[],
  work: (lib: Lib, ref: AppRef, plan: Plan) => Promise<NonNullable<AppOperated['outcome']>>,
): Promise<AppOperated[]> {
  const items: AppOperated[] = []
  const apps = levels.flat()
  const waitsFor = ({ref, users}: Ordered) =>
    first === 'users' ? users : apps.filter(each => each.users.some(user => sameApp(user, ref))).map(each => each.ref)
  for (const level of levels) {
    const done = await Promise.all(
      level.map(async (each): Promise<AppOperated> => {
        const {ref} = each
        const {plan = null} = planned.find(({app}) => sameApp(app, ref)) ?? {}
        const item = {app: ref, plan, outcome: null, error: null}
        const failed = items.find(({app, error}) => error !== null && waitsFor(each).some(other => sameApp(other, app)))
        if (failed !== undefined)
          return {
            ...item,
            error: {code: 'operation.failed', message: `left as it is, because ${formatRef(failed.app)} failed`},
          }
        if (plan === null || !plan.changes) return item
        try {
          return {...item, outcome: await work(inTheNameOf(lib, ref), ref, plan)}
        } catch (error) {
          if (!(error instanceof BerthError) || lib.signal.aborted) throw error
          return {...item, error: {code: error.code, message: error.message}}
        }
      }),
    )
    items.push(...done)
  }
  return items
}

/** Steps of several apps at a time say whose they are. */
const inTheNameOf = (lib: Lib, ref: AppRef): Lib => ({
  ...lib,
  report: event => {
    if (!('step' in event)) return lib.report(event)
    const named = {...event, step: `${formatRef(ref)} ${event.step}`}
    lib.report('title' in named ? {...named, title: `${formatRef(ref)}: ${named.title}`} : named)
  },
})
