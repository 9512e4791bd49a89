import {type Version, versionView} from '../view/version.ts'
import {machineFormatOf, resultDocument, serialize, serializeNow} from './document.ts'
import {unknownCommand} from './errors.ts'
import {expected, type Failure, failureOf} from './failure.ts'
import type {AnyCommand} from './instantiate.ts'
import {listenForInterrupts} from './interrupt.ts'
import {localPaths} from './local-paths.ts'
import type {Program} from './plugin.ts'
import {scrubArguments} from './scrub.ts'
import {openSession, type Session} from './session.ts'
import {tolerateClosedPipes, write} from './streams.ts'

/**
 * Runs one command line and leaves the process with the exit code of its outcome. The only place that exits; everything it prints on
 * stdout is the result: under `--json` one document, whatever happens.
 */
export async function main(program: Program, argv: string[], env: Record<string, string | undefined>): Promise<never> {
  const interrupts = listenForInterrupts()
  const {version} = program.packageJson
  const session = openSession({argv, version, env, interrupts, paths: localPaths(env), format: machineFormatOf(argv)})
  const run = new Run(session)
  process.on('uncaughtException', error => void run.fail(error))
  process.on('unhandledRejection', error => void run.fail(error))
  tolerateClosedPipes(() => {
    if (run.command?.interruption !== 'after-step') process.exit(0)
  })
  interrupts.onLeaving = reason => {
    session.listener.settle()
    const {document, text} = expected(reason, session.warnings)
    return session.format
      ? {stdout: serializeNow(document), stderr: ''}
      : {stdout: '', stderr: `${text(session.err())}\n`}
  }
  try {
    return process.exit(await dispatch(program, session, run))
  } catch (error) {
    return run.fail(error)
  }
}

async function dispatch(program: Program, session: Session, run: Run): Promise<number> {
  const {argv, version, format} = session
  const options = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  const firstFlag = options.findIndex(option => option.startsWith('-'))
  const words = firstFlag === -1 ? options : options.slice(0, firstFlag)
  if (options[0] === '--version' || options[0] === 'version') {
    const found: Version = {version, node: process.version, platform: `${process.platform}-${process.arch}`}
    return say(session, 'Version', found, versionView(found, session.out()))
  }
  if (options[0] === 'help') return help(program, session, words.slice(1))
  if (options.includes('--help') || options.includes('-h') || (argv.length === 0 && format === undefined))
    return help(program, session, words)

  const id = commandId(program, words)
  if (id === undefined) throw noSuchCommand(program, words, argv.length > 0)
  const {instantiate} = await import('./instantiate.ts')
  const command = await instantiate(program, id, argv.slice(id.split(':').length))
  command.session = session
  run.command = command
  return command.execute()
}

/** The longest run of words that is a command; what follows are its arguments. */
function commandId({manifest}: Program, words: string[]): string | undefined {
  return words
    .map((_, i) => words.slice(0, words.length - i).join(':'))
    .find(id => Object.hasOwn(manifest.commands, id))
}

async function help(program: Program, session: Session, words: string[]): Promise<number> {
  const [{helpFor}, {helpView}] = await Promise.all([import('./help.ts'), import('../view/help.ts')])
  const found = helpFor(program, commandId(program, words)?.split(':') ?? words)
  if (!found) throw noSuchCommand(program, words, false)
  return say(session, 'Help', found, helpView(found, session.out()))
}

async function say(session: Session, kind: string, result: unknown, text: string): Promise<number> {
  await write(
    process.stdout,
    session.format ? await serialize(resultDocument(kind, result, session.warnings), session.format) : `${text}\n`,
  )
  return 0
}

function noSuchCommand({manifest}: Program, words: string[], flagsFirst: boolean): Error {
  const known = Object.values(manifest.commands)
    .filter(({hidden}) => !hidden)
    .map(({id}) => id.replaceAll(':', ' '))
  return unknownCommand(words.slice(0, 2).join(' '), known, flagsFirst && words.length === 0)
}

/** What of a run a failure must know, whoever notices it. */
class Run {
  command: AnyCommand | undefined
  readonly #session: Session
  #failed = false

  constructor(session: Session) {
    this.#session = session
  }

  /** Tells of the failure, once, and leaves. */
  async fail(error: unknown): Promise<never> {
    if (this.#failed) return new Promise<never>(() => undefined)
    this.#failed = true
    const {argv, version, paths, warnings, interrupts, listener} = this.#session
    listener.settle()
    const verbose = argv.includes('--verbose') || argv.includes('-v')
    const words = this.command?.id?.split(':').length ?? 0
    const failure = await failureOf(error, {
      argv: scrubArguments(argv, words),
      version,
      stateDir: paths.stateDir,
      verbose,
      warnings,
      signal: interrupts.signal,
    })
    await this.#tell(failure, verbose)
    process.exit(failure.exitCode)
  }

  async #tell({document, text}: Failure, verbose: boolean): Promise<void> {
    const {format, err} = this.#session
    // JSON is YAML, too: where YAML cannot be written, nothing is lost.
    if (format) await write(process.stdout, await serialize(document, format).catch(() => serializeNow(document)))
    if (!format || verbose) await write(process.stderr, `${text(err())}\n`)
  }
}
