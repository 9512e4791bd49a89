import {cut} from '../view/table.ts'
import type {Names, View} from '../view/terminal.ts'
import {harmless} from '../view/words.ts'
import {resultDocument, serialize} from './document.ts'
import type {Format} from './flags.ts'
import type {Session} from './session.ts'
import {write} from './streams.ts'
import {isDumb} from './terminal.ts'

interface Printing {
  kind: string
  view: View<never>
  names: Names<never> | undefined
  redraws: boolean
  session: Session
  output: Format | undefined
  quiet: boolean
}

/** One document, or one a line for a command that watches. */
export async function printResult(result: unknown, printing: Printing): Promise<void> {
  if (!isStream(result)) return write(process.stdout, await textOf(result, printing, false))
  const redraw = printing.redraws && canRedraw(printing.session)
  let drawn = ''
  for await (const item of result) {
    const text = item instanceof Uint8Array ? item : await textOf(item, printing, true)
    if (!redraw || typeof text !== 'string') await write(process.stdout, text)
    else {
      const shown = fitting(text)
      await write(process.stdout, `${erasing(drawn)}${shown}`)
      drawn = shown
    }
  }
}

const canRedraw = ({format, env}: Session): boolean =>
  Boolean(process.stdout.isTTY) && format === undefined && !isDumb(env)

/** As many whole lines as the terminal has, each within its width: what has scrolled out cannot be drawn over. */
function fitting(text: string): string {
  const {columns = 80, rows = 24} = process.stdout
  const all = text.trimEnd().split('\n')
  return lines(
    all
      .slice(0, rows - 1)
      .map(line => cut(line, columns))
      .join('\n'),
  )
}

const erasing = (drawn: string): string => (drawn === '' ? '' : `\u001b[${drawn.split('\n').length - 1}A\r\u001b[0J`)

async function textOf(
  result: unknown,
  {kind, view, names, session, output, quiet}: Printing,
  oneLine: boolean,
): Promise<string> {
  if (session.format) return serialize(resultDocument(kind, result, session.warnings), session.format, oneLine)
  // `as`: the base cannot know the result's type that the command's own statics agree on.
  if (output === 'name' && names) return lines((names as Names<unknown>)(result).join('\n'))
  const text = (view as View<unknown>)(result, {...session.out(), wide: output === 'wide', quiet})
  // To a program a secret goes as it is.
  return lines(process.stdout.isTTY ? harmless(text) : text)
}

const lines = (text: string) => (text === '' ? '' : `${text}\n`)

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value
