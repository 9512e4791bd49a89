import {Command} from '@oclif/core/command'
import type {Asking} from '../lib/cluster/index.ts'
import type {ClusterSettings, LocalSettings} from '../lib/config/index.ts'
import type {Kube} from '../lib/kube/index.ts'
import type {Report} from '../lib/progress.ts'
import type {Names, View} from '../view/terminal.ts'
import {type Confirmation, confirm} from './confirm.ts'
import {wrongUsage} from './errors.ts'
import {type Format, globalFlags} from './flags.ts'
import {given} from './given.ts'
import type {Interfaces} from './oclif.ts'
import {printResult} from './output.ts'
import {translateParseError} from './parse-errors.ts'
import {listen, type Session} from './session.ts'
import {isInteractive} from './terminal.ts'

/** What a command hands to its base, for the types of its flags and arguments. */
export type CommandClass = typeof Command & {flags: object; args: object}

/** What every command has at hand, without a cluster. */
export interface Input<C extends CommandClass> {
  flags: Interfaces.InferredFlags<C['flags'] & typeof globalFlags>
  args: Interfaces.InferredArgs<C['args']>
  /** Aborted by Ctrl-C and SIGTERM; its reason is an error to throw. */
  signal: AbortSignal
  report: Report
}

/** The same with a connection. It fits every function of lib that takes `{kube, settings, signal, report}`. */
export interface Context<C extends CommandClass> extends Input<C> {
  kube: Kube
  /** What this machine says; what counts on the cluster is {@link BerthCommand.clusterSettings}. */
  settings: LocalSettings
}

/** Flags that the base itself reads, where a command has them. */
interface KnownFlags {
  json?: boolean
  output?: Format
  quiet?: boolean
  verbose?: boolean
  events?: boolean
  yes?: boolean
  context?: string
  kubeconfig?: string
  namespace?: string
}

/**
 * The base of every command: `run` returns data, and the base prints it, as a document or through the command's view. What it throws
 * ends in the error table's exit code.
 */
export abstract class BerthCommand<C extends CommandClass, Result> extends Command {
  static override baseFlags = globalFlags
  /** The document's `kind`, and the name of the result's type in `src/view`. */
  static resultKind: string
  /** What a person reads. @see View */
  static view: View<never>
  /** What `-o name` prints; without it the command refuses `-o name`. */
  static names: Names<never> | undefined
  /**
   * What Ctrl-C means: `at-once` leaves as soon as it comes (nothing is half done); `after-step` waits until `run` has stopped by itself,
   * which its signal asks it to.
   */
  static interrupt: 'at-once' | 'after-step' = 'at-once'

  session!: Session
  exitCode = 0
  #flags: KnownFlags = {}
  #kube: Kube | undefined

  abstract override run(): Promise<Result | AsyncIterable<Result>>

  protected get words(): string {
    return (this.id ?? '').replaceAll(':', ' ')
  }

  /** The parsed command line. */
  protected async input(): Promise<Input<C>> {
    const type = this.ctor as CommandClass
    const definition = {
      args: withoutStdin(type.args),
      flags: oneValueEach(type.flags),
      baseFlags: oneValueEach(globalFlags),
      strict: type.strict,
    }
    const {flags, args} = await this.parse(definition).catch((error: unknown) => {
      throw translateParseError(error, this.words, [
        ...Object.keys(type.flags ?? {}),
        ...Object.keys(globalFlags),
        'help',
      ])
    })
    // oclif leaves a boolean flag that was not given undefined, though its type says false.
    for (const [name, flag] of Object.entries({...definition.flags, ...definition.baseFlags}))
      if ((flag as {type?: string}).type === 'boolean') (flags as Record<string, unknown>)[name] ??= false
    this.#flags = flags as KnownFlags
    const {events = false, quiet = false, verbose = false, output} = this.#flags
    if (output === 'name' && !this.type.names) throw wrongUsage('this command has no names to print', this.words)
    listen(this.session, {events, quiet, verbose})
    return {
      flags: flags as Input<C>['flags'],
      args: args as Input<C>['args'],
      signal: this.session.interrupts.signal,
      report: this.session.report,
    }
  }

  /** The parsed command line, a connection to the cluster that it chooses (nothing is asked of it yet), and what this machine says. */
  protected async context(): Promise<Context<C>> {
    const input = await this.input()
    const {connect} = await import('../lib/kube/index.ts')
    const {kubeconfig, context, namespace} = this.#flags
    const [settings, kube] = await Promise.all([
      this.settings(),
      connect({...given({kubeconfig, context, namespace}), env: this.session.env, signal: input.signal}),
    ])
    this.#kube = kube
    return {...input, kube, settings}
  }

  /** What counts on the cluster: up to three requests, so only for commands that need domain or classes. */
  protected async clusterSettings(asking: Asking): Promise<ClusterSettings> {
    const {clusterSettings} = await import('../lib/cluster/index.ts')
    return clusterSettings(asking)
  }

  /** What this machine says: repositories, defaults, paths. @throws UserError `config.invalid` */
  protected async settings(): Promise<LocalSettings> {
    const {readSettings} = await import('../lib/config/index.ts')
    return readSettings(this.session.paths)
  }

  /** May the command ask? Never with `--yes`, never for a program. */
  protected get interactive(): boolean {
    return !this.#flags.yes && this.session.format === undefined && isInteractive(this.session.env)
  }

  /** Asks for a yes as cli.md has it. @throws UserError `confirmation.required` */
  protected async confirm(confirmation: Confirmation): Promise<void> {
    this.session.listener.settle()
    await confirm(confirmation, {
      yes: this.#flags.yes ?? false,
      interactive: this.interactive,
      signal: this.session.interrupts.signal,
    })
  }

  /** Prints the result and then exits with this code: the verdict of a check, not a failure of the command. */
  protected verdict(exitCode: 0 | 6 | 8): void {
    this.exitCode = exitCode
  }

  /** Runs and prints: called by `main` only. */
  async execute(): Promise<number> {
    const {interrupts} = this.session
    interrupts.notice =
      this.type.interrupt === 'after-step' ? 'stopping after the present step; Ctrl-C again leaves at once' : undefined
    try {
      const result = await (this.type.interrupt === 'at-once'
        ? orInterrupted(this.run(), interrupts.signal)
        : this.run())
      this.session.listener.settle()
      await printResult(result, {
        kind: this.type.resultKind,
        view: this.type.view,
        names: this.type.names,
        session: this.session,
        output: this.#flags.output,
      })
      return this.exitCode
    } finally {
      this.session.listener.settle()
      this.#kube?.close()
    }
  }

  get interruption(): 'at-once' | 'after-step' {
    return this.type.interrupt
  }

  private get type(): typeof BerthCommand {
    return this.constructor as typeof BerthCommand
  }
}

async function orInterrupted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  const {promise: interrupted, reject} = Promise.withResolvers<never>()
  const leave = () => reject(signal.reason as Error)
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, {once: true})
  try {
    return await Promise.race([running, interrupted])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

/** oclif reads a missing argument from stdin, if something comes within 10 ms: a race that no command wants. */
function withoutStdin(args: object): Interfaces.ArgInput {
  return Object.fromEntries(
    Object.entries(args ?? {}).map(([name, arg]: [string, object]) => [name, {...arg, ignoreStdin: true}]),
  ) as Interfaces.ArgInput
}

/** oclif lets a repeatable flag swallow all arguments after it: here each `--set` takes one. */
function oneValueEach(flags: object): Interfaces.FlagInput {
  return Object.fromEntries(
    Object.entries(flags ?? {}).map(([name, flag]: [string, object]) => [
      name,
      'multiple' in flag && flag.multiple ? {...flag, multipleNonGreedy: true} : flag,
    ]),
  ) as Interfaces.FlagInput
}
