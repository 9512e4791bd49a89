import {string} from '@oclif/core/args'
import {type AppRef, serviceOf, serviceProvider} from '../lib/anchor/index.ts'
import type {Agree, Lib, Ordered, Outcome, Plan} from '../lib/app/index.ts'
import {hashOfPlans, insistOn} from '../lib/app/index.ts'
import {clusterSettings} from '../lib/cluster/index.ts'
import {serverVersion, whoAmI} from '../lib/kube/index.ts'
import {isTrusted, trustDigest} from '../lib/repo/index.ts'
import {type AppOperated, type AppsOperated, plansView} from '../view/app/operated.ts'
import {type OperationResult, planView, riskOf, warningsOf} from '../view/app/plan.ts'
import type {View} from '../view/terminal.ts'
import {harmless} from '../view/words.ts'
import type {CommandClass} from './base-command.ts'
import type {ChosenPackage} from './choose-package.ts'
import {ClusterCommand, type Context} from './cluster-command.ts'
import {type Confirmation, confirm} from './confirm.ts'
import {wrongUsage} from './errors.ts'
import {localHolder} from './holder.ts'
import {inOrder} from './in-order.ts'
import {whileAsking} from './session.ts'
import {isDumb} from './terminal.ts'

export interface Operating {
  question: string
  dryRun: boolean
  /** Only the plan of this hash is carried out. */
  hash: string | undefined
  /** Most likely there is nothing to do: look first, so that nothing is written, not even a lock. */
  idle?: boolean
}

/** The same for several apps. */
export interface OperatingAll extends Omit<Operating, 'idle'> {
  first: 'users' | 'providers'
  plan(ref: AppRef): Promise<Plan>
  work(lib: Lib, ref: AppRef, agree: Agree): Promise<Outcome>
  /** What a person has not named, and shall agree to. */
  because: string | undefined
}

/** The base of commands about apps. */
export abstract class AppCommand<C extends CommandClass, Result> extends ClusterCommand<C, Result> {
  readonly #warned = new Set<string>()

  /**
   * What the engine needs, from what the command line and this machine say.
   * @param named ask the server who we are: a lock says who holds it
   */
  protected async lib(
    {kube, settings, signal, report}: Omit<Context<CommandClass>, 'args' | 'flags'>,
    named = true,
  ): Promise<Lib> {
    const [version, who, cluster] = await Promise.all([
      serverVersion(kube, {signal}),
      named ? whoAmI(kube, {signal}).catch(() => undefined) : undefined,
      clusterSettings({kube, settings, signal, report}),
    ])
    // forms ask again after each answer
    const packages = new Map<string, Promise<ChosenPackage>>()
    const find = async (text: string) => (await import('./choose-package.ts')).suggestedPackage(text, settings)
    return {
      kube,
      cluster: {...cluster, kubernetes: version.gitVersion.replace(/^v/, '')},
      holder: localHolder(who?.username ?? kube.target.user ?? 'unknown'),
      isTrusted: pkg => isTrusted(pkg, settings),
      trust: ({digest, name, version}) => trustDigest({digest, name, version}, settings),
      findPackage: text => {
        const found = packages.get(text) ?? find(text)
        packages.set(text, found)
        return found
      },
      signal,
      report,
      now: () => new Date(),
    }
  }

  /** `name` in the chosen namespace, or `namespace/name`. */
  protected appRef(text: string, context: Pick<Context<CommandClass>, 'kube'>): AppRef {
    const ref = this.providerRef(text, context)
    if (serviceOf(ref) === undefined) return ref
    throw wrongUsage(`${text} is a service outside, and no app`, this.words)
  }

  /** The same, or `service:name` and `service:namespace/name`. */
  protected providerRef(text: string, {kube}: Pick<Context<CommandClass>, 'kube'>): AppRef {
    const service = text.startsWith('service:')
    const [first = '', second, ...more] = text.replace(/^service:/, '').split('/')
    if (more.length > 0 || first === '' || second === '')
      throw wrongUsage(`"${text}" does not name an app: write NAME or NAMESPACE/NAME`, this.words)
    const ref =
      second === undefined ? {namespace: kube.target.namespace, name: first} : {namespace: first, name: second}
    return service ? serviceProvider(ref) : ref
  }

  /** Says what a plan or an outcome warns of, each once; what was shown is said. */
  protected warn(messages: string[], shown = false): void {
    for (const message of new Set(messages)) {
      if (!shown && !this.#warned.has(message)) this.session.report({type: 'warning', message})
      this.#warned.add(message)
    }
  }

  /** Asks, as `confirm` does. @throws UserError `confirmation.required` */
  protected async confirmed(confirmation: Confirmation): Promise<void> {
    const {interrupts, env} = this.session
    const how = {yes: this.agreed, interactive: this.interactive, dumb: isDumb(env), signal: interrupts.signal}
    await whileAsking(this.session, () => confirm(confirmation, how))
  }

  /** What a person is asked about. Where nobody is asked, the result says it. */
  #show<T>(view: View<T>, plan: T): void {
    const {listener, err} = this.session
    listener.settle()
    if (this.interactive) process.stderr.write(`${harmless(view(plan, err()))}\n`)
  }

  /** Shows what will be done, as the result would, and asks. @throws UserError `confirmation.required` */
  protected async askAbout<T>(view: View<T>, plan: T, question: string, because: string | undefined): Promise<void> {
    this.#show(view, plan)
    await this.confirmed({question, because, details: plan})
  }

  /**
   * Shows the plan, asks once, carries it out; under `--dry-run` the plan is the result. Where nobody is asked, the plan is made only
   * under the lock, and refused there if it is risky or not the one that `--plan` names. @throws UserError `confirmation.required`
   */
  protected async operate(
    plan: () => Promise<Plan>,
    run: (agree: Agree) => Promise<Outcome>,
    {question, dryRun, hash, idle = false}: Operating,
  ): Promise<OperationResult> {
    let agreed: Plan | undefined
    const agree = async (found: Plan) => {
      if (hash !== undefined) insistOn(hash, found)
      if (agreed !== undefined) return insistOn(agreed.hash, found)
      this.warn(warningsOf(found), this.interactive)
      await this.confirmed({question, because: riskOf(found), details: found})
      agreed = found
    }
    if (dryRun || idle || this.interactive) {
      const found = await plan()
      if (dryRun || !found.changes) return {plan: found, outcome: null}
      this.#show(planView, {plan: found, outcome: null})
      await agree(found)
    }
    const outcome = await run(agree)
    if (agreed === undefined) throw new Error('carried out without a plan')
    this.warn(outcome.warnings)
    return {plan: agreed, outcome}
  }

  /** The same for several apps: all plans are shown and agreed to at once, then each is carried out when those are done that it waits for. */
  protected async operateAll(
    lib: Lib,
    levels: Ordered[][],
    {first, plan, work, question, because, dryRun, hash}: OperatingAll,
  ): Promise<AppsOperated> {
    const plans = await Promise.all(levels.flat().map(({ref}) => plan(ref)))
    const [one] = plans
    const all = hashOfPlans(plans)
    const planned = plans.map((each): AppOperated => ({app: each.app, plan: each, outcome: null, error: null}))
    if (hash !== undefined && one !== undefined) insistOn(hash, one, all)
    if (dryRun || plans.every(({changes}) => !changes)) return {items: planned, hash: all}
    this.#show(plansView, plans)
    this.warn(plans.flatMap(warningsOf), this.interactive)
    const risk = because ?? plans.map(riskOf).find(each => each !== undefined)
    await this.confirmed({question, because: risk, details: plans})
    const items = await inOrder(lib, levels, first, planned, (own, ref, agreed) =>
      work(own, ref, found => insistOn(agreed.hash, found)),
    )
    this.warn(items.flatMap(({outcome}) => outcome?.warnings ?? []))
    if (items.some(({error}) => error !== null)) this.verdict(6)
    return {items, hash: all}
  }
}

/** The base of commands about an app that is there. */
export abstract class NamedAppCommand<C extends CommandClass, Result> extends AppCommand<C, Result> {
  static override args = {app: string({description: 'the app: its name, or namespace/name', required: true})}

  /** What the command line says, and the app that it names. */
  protected async app(): Promise<Context<C> & {ref: AppRef}> {
    const context = await this.context()
    const {app} = context.args as {app: string}
    return {...context, ref: this.appRef(app, context)}
  }
}
