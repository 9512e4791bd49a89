import type {Terminal} from '../../view/terminal.ts'
import {lineOf} from './lines.ts'
import {eventLines, type Listener, silent} from './listener.ts'
import {liveDisplay} from './live.ts'

export type {Listener} from './listener.ts'

export interface ProgressOptions {
  events: boolean
  /** `--json`, `-o yaml` or `--quiet`. */
  quiet: boolean
  verbose: boolean
  live: boolean
  terminal: () => Terminal
}

/** The listener that fits: `--events` is asked for and wins, silence under `--json`, live on a terminal, plain lines in a log. */
export function progressListener(
  {events, quiet, verbose, live, terminal}: ProgressOptions,
  write: (text: string) => void,
): Listener {
  if (events) return eventLines(write)
  if (quiet) return silent
  if (live) return liveDisplay(write, terminal, verbose)
  return {
    hear(event) {
      const line = lineOf(event, terminal().paint, verbose)
      if (line !== undefined) write(`${line}\n`)
    },
    settle: () => undefined,
  }
}
