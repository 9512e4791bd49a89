import type {ProgressEvent} from '../../lib/progress.ts'
import type {Paint} from '../../view/terminal.ts'
import {harmless} from '../../view/words.ts'

/** An event as one line for a person; undefined for what is only told by the live display or with `--verbose`. */
export function lineOf(event: ProgressEvent, paint: Paint, verbose: boolean): string | undefined {
  const line = said(event, paint, verbose)
  return line === undefined ? undefined : harmless(line)
}

function said(event: ProgressEvent, paint: Paint, verbose: boolean): string | undefined {
  switch (event.type) {
    case 'step-started':
      return `${paint.dim('…')} ${event.title}`
    case 'step-waiting':
      return verbose ? paint.dim(`  ${event.on}`) : undefined
    case 'step-done':
      return `${paint.green('✔')} ${event.title}${event.outcome ? paint.dim(` ${event.outcome}`) : ''}`
    case 'step-failed':
      return `${paint.red('✘')} ${event.title}: ${event.message}`
    case 'warning':
      return `${paint.yellow('warning')} ${event.message}`
    case 'log':
      return `${paint.dim(`${event.source} |`)} ${event.line}`
    case 'detail':
      return verbose ? paint.dim(event.message) : undefined
    default:
      return event satisfies never
  }
}
