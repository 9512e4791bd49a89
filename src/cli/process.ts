import {harmless} from '../view/words.ts'
import {machineFormatOf, serialize} from './document.ts'
import {expected, failureOf} from './failure.ts'
import {listenForInterrupts} from './interrupt.ts'
import {localPaths} from './local-paths.ts'
import {scrubArguments} from './scrub.ts'
import {openSession, type Session} from './session.ts'
import {tolerateClosedPipes, write} from './streams.ts'

interface Start {
  argv: string[]
  env: Record<string, string | undefined>
  /** How many words of argv are the command: no secrets stand there. */
  commandWords: number
  /** Whether it may be left in the middle of what it does. */
  interrupt: 'at-once' | 'after-step'
}

/**
 * The process around the work: it leaves with the work's exit code, or with that of its failure. The only place that exits; under
 * `--json` stdout has one document, whatever happens.
 */
export async function runProcess(start: Start, work: (session: Session) => Promise<number>): Promise<never> {
  const {argv, env, interrupt} = start
  const interrupts = listenForInterrupts()
  if (interrupt === 'after-step') interrupts.notice = 'stopping after the present step; Ctrl-C again leaves at once'
  const session = openSession({argv, env, interrupts, paths: localPaths(env), format: machineFormatOf(argv)})
  let failed = false
  const fail = async (error: unknown): Promise<never> => {
    if (failed) return new Promise<never>(() => undefined)
    failed = true
    return process.exit(await tellFailure(error, session, start))
  }
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  tolerateClosedPipes(() => {
    if (interrupt === 'at-once') process.exit(0)
  })
  interrupts.onLeaving = reason => {
    session.listener.settle()
    const {document, text} = expected(reason, session.warnings)
    return session.format
      ? {stdout: serialize(document, session.format), stderr: ''}
      : {stdout: '', stderr: `${text(session.err())}\n`}
  }
  try {
    return process.exit(await work(session))
  } catch (error) {
    return fail(error)
  }
}

async function tellFailure(error: unknown, session: Session, {argv, commandWords}: Start): Promise<number> {
  const {version, paths, warnings, interrupts, listener, format, err} = session
  listener.settle()
  const verbose = argv.includes('--verbose') || argv.includes('-v')
  const {document, text, exitCode} = await failureOf(error, {
    argv: scrubArguments(argv, commandWords),
    version,
    stateDir: paths.stateDir,
    verbose,
    warnings,
    signal: interrupts.signal,
  })
  const told =
    format !== undefined &&
    (await write(process.stdout, serialize(document, format)).then(
      () => true,
      () => false,
    ))
  if (!told || verbose) await write(process.stderr, `${harmless(text(err()))}\n`).catch(() => undefined)
  return exitCode
}
