import {bytesOf, type LogSource, textOf, type WriteLine} from '../lib/logs/index.ts'
import {type LogLine, logPrefix} from '../view/app/logs.ts'
import {visible} from '../view/words.ts'
import {resultDocument} from './document.ts'
import type {Session} from './session.ts'
import {colourLevel} from './terminal.ts'

/** How `app logs` writes: a document a line for programs, bytes as they are into a pipe, and nothing that drives a terminal. */
export function lineWriter(
  {format, env, out}: Session,
  {prefix, timestamps}: {prefix: boolean; timestamps: boolean},
): (source: LogSource) => WriteLine {
  if (format !== undefined)
    return ({pod, container, component}) =>
      (at, bytes) => {
        const line: LogLine = {pod, container, component, at, message: textOf(bytes)}
        const document = JSON.stringify(resultDocument('LogLine', line, []))
        return bytesOf(format === 'yaml' ? `--- ${document}\n` : `${document}\n`)
      }
  const terminal = out()
  const colours = colourLevel(env, process.stdout) > 0
  const shown = process.stdout.isTTY
    ? (bytes: string) => bytesOf(visible(textOf(bytes).replace(/\r$/, ''), colours))
    : (bytes: string) => bytes
  return source => {
    const before = prefix ? logPrefix(source, terminal) : ''
    if (timestamps) return (time, bytes) => `${before}${time} ${shown(bytes)}\n`
    return (_time, bytes) => `${before}${shown(bytes)}\n`
  }
}
