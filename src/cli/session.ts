import packageJson from '../../package.json' with {type: 'json'}
import type {LocalPaths} from '../lib/config/index.ts'
import type {ProgressEvent, Report} from '../lib/progress.ts'
import type {Terminal} from '../view/terminal.ts'
import type {MachineFormat} from './document.ts'
import type {Interrupts} from './interrupt.ts'
import {type Listener, progressListener} from './progress/index.ts'
import {write} from './streams.ts'
import {isDumb, terminalOf} from './terminal.ts'

/** One run of berth: what belongs to the process and not to a command. */
export interface Session {
  argv: string[]
  version: string
  env: Record<string, string | undefined>
  paths: LocalPaths
  format: MachineFormat | undefined
  interrupts: Interrupts
  /** What the run warned of, for the document. */
  warnings: string[]
  /** Listens from the moment the flags are known; before, warnings are only remembered. */
  listener: Listener
  report: Report
  /** What stdout and stderr are like. */
  out: () => Terminal
  err: () => Terminal
}

export function openSession(start: Pick<Session, 'argv' | 'env' | 'paths' | 'format' | 'interrupts'>): Session {
  const {env, format} = start
  const err = () => terminalOf(process.stderr, env)
  const session: Session = {
    ...start,
    version: packageJson.version,
    warnings: [],
    out: () => terminalOf(process.stdout, env),
    err,
    listener: listenerFor({events: false, quiet: false, verbose: false}, err, format, env),
    report: (event: ProgressEvent) => {
      if (event.type === 'warning') session.warnings.push(event.message)
      session.listener.hear(event)
    },
  }
  return session
}

/** Once the flags are known: who listens to progress. */
export function listen(session: Session, flags: {events: boolean; quiet: boolean; verbose: boolean}): void {
  session.listener = listenerFor(flags, session.err, session.format, session.env)
}

function listenerFor(
  {events, quiet, verbose}: {events: boolean; quiet: boolean; verbose: boolean},
  terminal: () => Terminal,
  format: MachineFormat | undefined,
  env: Session['env'],
): Listener {
  const live = Boolean(process.stderr.isTTY) && !isDumb(env) && env.CI === undefined
  return progressListener(
    {events, quiet: quiet || format !== undefined, verbose, live, terminal},
    text => void write(process.stderr, text),
  )
}

/** While a person is asked no step is under way: Ctrl-C has none to wait for, and says of none. */
export async function whileAsking<T>({listener, interrupts}: Session, ask: () => Promise<T>): Promise<T> {
  const {notice} = interrupts
  listener.settle()
  interrupts.notice = undefined
  try {
    return await ask()
  } finally {
    interrupts.notice = notice
  }
}
