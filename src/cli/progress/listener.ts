import type {ProgressEvent} from '../../lib/progress.ts'

/** One who hears what happens: the live display, `--events`, nobody. */
export interface Listener {
  hear(event: ProgressEvent): void
  /** Leaves stderr tidy, for a question or the result. It may be called again and again; hearing more goes on after it. */
  settle(): void
}

/** `--json` and `--quiet`. */
export const silent: Listener = {hear: () => undefined, settle: () => undefined}

/** `--events`: each event as one JSON object a line, with its time. */
export function eventLines(write: (text: string) => void): Listener {
  return {
    hear: event => write(`${JSON.stringify({time: new Date().toISOString(), ...event})}\n`),
    settle: () => undefined,
  }
}
