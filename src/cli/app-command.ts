import {string} from '@oclif/core/args'
import type {AppRef, PackageRef} from '../lib/anchor/index.ts'
import type {Lib, Outcome, Plan} from '../lib/app/index.ts'
import {clusterSettings} from '../lib/cluster/index.ts'
import {serverVersion, whoAmI} from '../lib/kube/index.ts'
import type {ResolvedPackage} from '../lib/repo/index.ts'
import {isTrusted} from '../lib/repo/index.ts'
import {type OperationResult, planView, riskOf} from '../view/app/plan.ts'
import type {CommandClass} from './base-command.ts'
import {ClusterCommand, type Context} from './cluster-command.ts'
import {wrongUsage} from './errors.ts'
import {localHolder} from './holder.ts'

/** What the engine's surroundings are made of. */
type Surroundings = Pick<Context<CommandClass>, 'kube' | 'settings' | 'signal' | 'report'>

/** The argument that names an app: `name` or `namespace/name`. */
export const appArg = string({description: 'the app: its name, or namespace/name', required: true})

/** The longest that a wait lasts, unless `--timeout` says otherwise. */
export const defaultTimeout = 10 * 60_000

interface OperateOptions {
  dryRun: boolean
  question: string
  /** Why a program must say `--yes`; harmless plans have none. */
  because?: string
}

/** The base of commands about one app. */
export abstract class AppCommand<C extends CommandClass, Result> extends ClusterCommand<C, Result> {
  static override interrupt: 'at-once' | 'after-step' = 'after-step'

  /** What the engine needs, from what the command line and this machine say. */
  protected async lib(context: Surroundings): Promise<Lib> {
    const {kube, settings, signal, report} = context
    const [version, who, cluster] = await Promise.all([
      serverVersion(kube, {signal}),
      whoAmI(kube, {signal}).catch(() => undefined),
      clusterSettings(context),
    ])
    return {
      kube,
      cluster: {...cluster, kubernetes: version.gitVersion.replace(/^v/, '')},
      holder: localHolder(who?.username ?? kube.target.user ?? 'unknown'),
      isTrusted: pkg => isTrusted(pkg, settings),
      signal,
      report,
      now: () => new Date(),
    }
  }

  /** `name` in the chosen namespace, or `namespace/name`. */
  protected appRef(text: string, context: Pick<Surroundings, 'kube'>): AppRef {
    const [first = '', second, ...more] = text.split('/')
    if (more.length > 0 || first === '' || second === '')
      throw wrongUsage(`"${text}" does not name an app: write NAME or NAMESPACE/NAME`, this.words)
    return second === undefined
      ? {namespace: context.kube.target.namespace, name: first}
      : {namespace: first, name: second}
  }

  /** Shows a plan, asks once, carries it out; under `--dry-run` the plan is the result. */
  protected async operate(
    plan: Plan,
    run: (hash: string) => Promise<Outcome>,
    options: OperateOptions,
  ): Promise<OperationResult> {
    if (options.dryRun) return {plan, outcome: null}
    if (this.interactive) {
      const terminal = this.session.err()
      this.session.listener.settle()
      process.stderr.write(`${planView({plan, outcome: null}, terminal)}\n`)
    }
    const because = options.because ?? riskOf(plan)
    await this.confirm({
      question: options.question,
      risky: because !== undefined,
      ...(because !== undefined && {because}),
      details: plan,
    })
    return {plan, outcome: await run(plan.hash)}
  }
}

/** How an app remembers the package it is made from. */
export function packageRef({package: pkg, origin}: ResolvedPackage): PackageRef {
  const {name, version, appVersion} = pkg.manifest
  return {
    name,
    version,
    digest: pkg.digest,
    ...(appVersion !== undefined && {appVersion}),
    ...(origin.repository !== undefined && {repository: origin.repository}),
  }
}
