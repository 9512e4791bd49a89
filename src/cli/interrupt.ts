import {writeSync} from 'node:fs'
import {UserError} from '../lib/errors.ts'

/** Why a run was stopped: the reason of its AbortSignal. Exit code 130 after Ctrl-C, 143 after SIGTERM. */
export class Interrupted extends UserError {
  readonly exitCode: number

  constructor(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP') {
    super('operation.interrupted', {message: name === 'SIGINT' ? 'interrupted' : `stopped by ${name}`})
    this.exitCode = name === 'SIGINT' ? 130 : name === 'SIGTERM' ? 143 : 129
  }
}

/** Listens for Ctrl-C and friends. The first stops after the present step, the second at once. */
export interface Interrupts {
  signal: AbortSignal
  /** Called before leaving at once, with the document or line still owed to stdout and stderr. */
  onLeaving: (reason: Interrupted) => {stdout: string; stderr: string}
  /** Said on stderr at the first Ctrl-C, where a step must be finished first. */
  notice: string | undefined
}

export function listenForInterrupts(): Interrupts {
  const controller = new AbortController()
  const interrupts: Interrupts = {
    signal: controller.signal,
    notice: undefined,
    onLeaving: () => ({stdout: '', stderr: ''}),
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const reason = new Interrupted(name)
      if (controller.signal.aborted) {
        const {stdout, stderr} = interrupts.onLeaving(reason)
        writeNow(1, stdout)
        writeNow(2, stderr)
        // By the signal itself, not by process.exit: that waits for Node's threads, and one of them may hang in a file system.
        process.removeAllListeners(name)
        process.kill(process.pid, name)
        return
      }
      if (interrupts.notice) writeNow(2, `\n${interrupts.notice}\n`)
      controller.abort(reason)
    })
  }
  return interrupts
}

function writeNow(fd: number, text: string): void {
  if (text === '') return
  try {
    writeSync(fd, text)
  } catch {
    // The reader is gone, and so are we.
  }
}
