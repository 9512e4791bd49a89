import {Ansis} from 'ansis'
import type {Terminal} from '../view/terminal.ts'

type Environment = Record<string, string | undefined>
type Stream = {isTTY?: boolean; columns?: number}

/**
 * How many colours to write to a stream: 0 none, 1 sixteen, 2 256, 3 all. NO_COLOR wins (https://no-color.org), then FORCE_COLOR as
 * Node and npm read it, then TERM=dumb, then whether it is a terminal.
 */
export function colourLevel(env: Environment, stream: Stream): 0 | 1 | 2 | 3 {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 0
  const forced = env.FORCE_COLOR
  if (forced !== undefined) {
    if (forced === '0' || forced === 'false') return 0
    return forced === '2' ? 2 : forced === '3' ? 3 : 1
  }
  if (isDumb(env) || !stream.isTTY) return 0
  return env.COLORTERM === 'truecolor' || env.COLORTERM === '24bit' ? 3 : env.TERM?.includes('256') ? 2 : 1
}

/** What a view may know of the place it is shown at. Without a terminal lines are as long as they are: nothing is cut in a pipe. */
export function terminalOf(stream: Stream, env: Environment, wide = false): Terminal {
  const paint = new Ansis(colourLevel(env, stream))
  const {bold, dim, red, green, yellow, cyan} = paint
  const columns = Number(env.COLUMNS) || (stream.isTTY ? stream.columns || 80 : Number.POSITIVE_INFINITY)
  return {columns, wide, quiet: false, now: Date.now(), paint: {bold, dim, red, green, yellow, cyan}}
}

/** A terminal that has no cursor to move: an editor's shell, a serial line. It is asked line by line, and nothing turns. */
export const isDumb = (env: Environment): boolean => env.TERM === 'dumb'

/** May berth ask? Only where both sides of a conversation are a person's terminal. */
export const isInteractive = (): boolean => Boolean(process.stdin.isTTY && process.stderr.isTTY)
