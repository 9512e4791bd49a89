import {parse} from '@oclif/core/parser'
import type {LocalSettings} from '../lib/config/index.ts'
import {readSettings} from '../lib/config/index.ts'
import type {Report} from '../lib/progress.ts'
import type {Names, View} from '../view/terminal.ts'
import {wrongUsage} from './errors.ts'
import {type Format, globalFlags} from './flags.ts'
import type {Example} from './manifest.ts'
import type {Interfaces} from './oclif.ts'
import {printResult} from './output.ts'
import {translateParseError} from './parse-errors.ts'
import {runProcess} from './process.ts'
import {listen, type Session} from './session.ts'
import {isInteractive} from './terminal.ts'

/** What a command hands to its base, for the types of its flags and arguments. */
export interface CommandClass {
  flags: object
  args: object
}

/** What every command has at hand, without a cluster. */
export interface Input<C extends CommandClass> {
  flags: Interfaces.InferredFlags<C['flags'] & typeof globalFlags>
  args: Interfaces.InferredArgs<C['args']>
  /** Aborted by Ctrl-C and SIGTERM; its reason is an error to throw. */
  signal: AbortSignal
  report: Report
}

/** Flags that the base itself reads, where a command has them. */
interface KnownFlags {
  output?: Format
  quiet?: boolean
  verbose?: boolean
  events?: boolean
  yes?: boolean
}

/**
 * The base of every command: `run` returns data, and the base prints it, as a document or through the command's view. What it throws
 * ends in the error table's exit code. Flags, arguments and their parser are oclif's; its own `Command` and `Config`, made for plugins
 * on a disk, would cost as much start-up time as all of ours.
 */
export abstract class BerthCommand<C extends CommandClass, Result> {
  static summary: string
  static description?: string
  static examples: Example[]
  static args: Interfaces.ArgInput = {}
  static flags: Interfaces.FlagInput = {}
  /** The document's `kind`, and the name of the result's type in `src/view`. */
  static resultKind: string
  /** What a person reads. @see View */
  static view: View<never>
  /** What `-o name` prints; without it the command refuses `-o name`. */
  static names: Names<never> | undefined
  /** Of what it prints again and again, a terminal shows the newest only. */
  static redraws = false
  /**
   * What Ctrl-C means: `at-once` leaves as soon as it comes (nothing is half done); `after-step` waits until `run` has stopped by itself,
   * which its signal asks it to.
   */
  static interrupt: 'at-once' | 'after-step' = 'at-once'

  protected readonly session: Session
  /** `app list` */
  protected readonly words: string
  #exitCode = 0
  #flags: KnownFlags = {}

  constructor(words: string, session: Session) {
    this.words = words
    this.session = session
  }

  /** Runs the command of this id in a process of its own, which ends with it. */
  static main(id: string, argv: string[], env: Record<string, string | undefined>): Promise<never> {
    // `as`: what is called is one of the commands, and none of them is abstract.
    // biome-ignore lint/complexity/noThisInStatic: the command, not its base
    const Type = this as unknown as new (words: string, session: Session) => BerthCommand<CommandClass, unknown>
    const words = id.split(':')
    // biome-ignore lint/complexity/noThisInStatic: the command's own, not the base's
    const start = {argv, env, commandWords: words.length, interrupt: this.interrupt}
    return runProcess(start, session => new Type(words.join(' '), session).#execute())
  }

  /** A stream is printed item by item; bytes in it are printed as they are. */
  protected abstract run(): Promise<Result | AsyncIterable<Result | Uint8Array>>

  /** Gives back what the command holds, however it ends. */
  protected close(): void {
    // without a cluster, nothing
  }

  /** The parsed command line. */
  protected async input(): Promise<Input<C>> {
    const own = oneValueEach({...globalFlags, ...this.#type.flags})
    const argv = this.session.argv.slice(this.words.split(' ').length)
    const {flags, args} = await parse(argv, {args: withoutStdin(this.#type.args), flags: own}).catch(
      (error: unknown) => {
        throw translateParseError(error, this.words, [...Object.keys(own), 'help'])
      },
    )
    // oclif leaves a boolean flag that was not given undefined, though its type says false.
    for (const [name, {type}] of Object.entries(own)) if (type === 'boolean') flags[name] ??= false
    this.#flags = flags as KnownFlags
    const {events = false, quiet = false, verbose = false, output} = this.#flags
    if (output === 'name' && !this.#type.names) throw wrongUsage('this command has no names to print', this.words)
    listen(this.session, {events, quiet, verbose})
    // `as`: the parser's result has the types of what it was given, which is the command's own.
    return {flags, args, signal: this.session.interrupts.signal, report: this.session.report} as Input<C>
  }

  /** What this machine says: repositories, defaults, paths. @throws UserError `config.invalid` */
  protected settings(): Promise<LocalSettings> {
    return readSettings(this.session.paths)
  }

  /** May the command ask? Never with `--yes`, never for a program. */
  protected get interactive(): boolean {
    return !this.agreed && this.session.format === undefined && isInteractive()
  }

  /** Was `--yes` given? */
  protected get agreed(): boolean {
    return this.#flags.yes ?? false
  }

  /** Prints the result and then exits with this code: the verdict of a check, not a failure of the command. */
  protected verdict(exitCode: 0 | 6 | 8): void {
    this.#exitCode = exitCode
  }

  async #execute(): Promise<number> {
    const {interrupt, resultKind: kind, view, names, redraws} = this.#type
    const {signal} = this.session.interrupts
    try {
      const result = await (interrupt === 'at-once' ? orInterrupted(this.run(), signal) : this.run())
      this.session.listener.settle()
      const {output, quiet = false} = this.#flags
      await printResult(result, {kind, view, names, redraws, session: this.session, output, quiet})
      return this.#exitCode
    } finally {
      this.session.listener.settle()
      this.close()
    }
  }

  get #type(): typeof BerthCommand {
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
function withoutStdin(args: Interfaces.ArgInput): Interfaces.ArgInput {
  return Object.fromEntries(Object.entries(args).map(([name, arg]) => [name, {...arg, ignoreStdin: true}]))
}

/** oclif lets a repeatable flag swallow all arguments after it: here each `--set` takes one. */
function oneValueEach(flags: Interfaces.FlagInput): Interfaces.FlagInput {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      'multiple' in flag && flag.multiple ? {...flag, multipleNonGreedy: true} : flag,
    ]),
  )
}
