import type {Names, View} from '../view/terminal.ts'
import {resultDocument, serialize} from './document.ts'
import type {Format} from './flags.ts'
import type {Session} from './session.ts'
import {write} from './streams.ts'

interface Printing {
  kind: string
  view: View<never>
  names: Names<never> | undefined
  session: Session
  output: Format | undefined
}

/** One document, or one a line for a command that watches. */
export async function printResult(result: unknown, printing: Printing): Promise<void> {
  if (!isStream(result)) return write(process.stdout, await textOf(result, printing, false))
  for await (const item of result)
    await write(process.stdout, item instanceof Uint8Array ? item : await textOf(item, printing, true))
}

async function textOf(
  result: unknown,
  {kind, view, names, session, output}: Printing,
  oneLine: boolean,
): Promise<string> {
  if (session.format) return serialize(resultDocument(kind, result, session.warnings), session.format, oneLine)
  // `as`: the base cannot know the result's type that the command's own statics agree on.
  if (output === 'name' && names) return lines((names as Names<unknown>)(result).join('\n'))
  return lines((view as View<unknown>)(result, {...session.out(), wide: output === 'wide'}))
}

const lines = (text: string) => (text === '' ? '' : `${text}\n`)

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value
