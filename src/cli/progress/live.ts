import type {ProgressEvent} from '../../lib/progress.ts'
import {cut} from '../../view/table.ts'
import type {Terminal} from '../../view/terminal.ts'
import {duration, visible} from '../../view/words.ts'
import {lineOf} from './lines.ts'
import type {Listener} from './listener.ts'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const CLEAR_BELOW = '\u001b[0J'
const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'

interface RunningStep {
  title: string
  since: number
  waitingFor?: string
}

/** What stands still scrolls up, what runs turns below it: one line per running step, redrawn ten times a second, on a terminal only. */
export function liveDisplay(write: (text: string) => void, terminal: () => Terminal, verbose: boolean): Listener {
  const running = new Map<string, RunningStep>()
  let drawn = 0
  let timer: NodeJS.Timeout | undefined

  const erase = () => {
    if (drawn > 0) write(`\u001b[${drawn}A\r${CLEAR_BELOW}`)
    drawn = 0
  }
  const draw = () => {
    const {columns, paint} = terminal()
    const frame = FRAMES[Math.floor(Date.now() / 100) % FRAMES.length] ?? ''
    const lines = [...running.values()].map(({title, since, waitingFor}) => {
      const text = `${title}${waitingFor ? ` — ${waitingFor}` : ''}  ${duration(Date.now() - since).replace(/^\d+ms$/, '')}`
      return `${paint.cyan(frame)} ${cut(visible(text), columns - 3)}`
    })
    erase()
    write(lines.map(line => `${line}\n`).join(''))
    drawn = lines.length
  }
  const start = () => {
    if (timer) return
    write(HIDE_CURSOR)
    timer = setInterval(draw, 100)
    timer.unref()
  }
  const stop = () => {
    if (!timer) return
    clearInterval(timer)
    timer = undefined
    erase()
    write(SHOW_CURSOR)
  }

  return {
    hear(event) {
      remember(running, event)
      const line = event.type === 'step-started' ? undefined : lineOf(event, terminal().paint, verbose)
      erase()
      if (line !== undefined) write(`${line}\n`)
      if (running.size === 0) return stop()
      start()
      draw()
    },
    settle: stop,
  }
}

function remember(running: Map<string, RunningStep>, event: ProgressEvent): void {
  if (event.type === 'step-started') running.set(event.step, {title: event.title, since: Date.now()})
  if (event.type === 'step-done' || event.type === 'step-failed') running.delete(event.step)
  const step = event.type === 'step-waiting' ? running.get(event.step) : undefined
  if (step && event.type === 'step-waiting') step.waitingFor = event.on
}
