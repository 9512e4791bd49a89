import {isRecord} from '../json.ts'
import {parseQuantity} from '../quantity.ts'
import {readSource, type Source} from '../source.ts'
import type {ParamSchema} from '../types.ts'
import type {Kind} from './kind.ts'
import {exactly} from './secret-answer.ts'
import {textConstraints} from './text.ts'

/** Answers are kept in an object of 1 MiB, together. */
const mostBytes = 256 * 1024
const defaultSize = '64Ki'

/**
 * The content of a file that the user has: what templates see is its text, or with `contentEncoding: base64` its bytes in base64, as
 * `binaryData` takes them. The content is kept with the answers, so that no later command needs the file.
 */
export const file: Kind = {
  name: 'file',
  widget: 'file',
  words: ['maxSize'],
  // text, and base64, too
  example: 'c2FtcGxl',
  schema: param => ({
    'x-berth-expected': `the file's content${isBinary(param) ? ' in base64' : ''}, or {$file: path}`,
    anyOf: [{type: 'string', ...textConstraints(param)}, exactly({$file: {type: 'string', minLength: 1}})],
  }),
  type: () => ({t: 'string'}),
  print: answer => (isRecord(answer) ? JSON.stringify(answer) : `(${Buffer.byteLength(String(answer))} bytes)`),
  faults: ({maxSize = defaultSize, contentEncoding}) => [
    ...((parseQuantity(String(maxSize)) ?? mostBytes + 1) <= mostBytes
      ? []
      : ['maxSize must be an amount up to 256Ki']),
    ...(contentEncoding === undefined || contentEncoding === 'base64' ? [] : ['contentEncoding can only be base64']),
  ],
  async resolve({path, param, answer, context}) {
    if (answer === undefined) return {value: null}
    const wrong = (code: string, message: string) => ({value: null, faults: [{path, code, message}]})
    let content: Buffer = Buffer.from(isRecord(answer) ? '' : String(answer), isBinary(param) ? 'base64' : 'utf8')
    if (isRecord(answer)) {
      const found = await readSource(answer as Source, context.read)
      if ('problem' in found) return wrong('unreadable', found.problem)
      content = found.content
    } else if (isBinary(param) && content.toString('base64') !== answer) {
      return wrong('contentEncoding', "must be the file's content in base64: give the file itself with --set-file")
    }
    const most = Math.min(parseQuantity(String(param.maxSize ?? defaultSize)) ?? 0, mostBytes)
    if (content.length > most) return wrong('maxSize', `has ${content.length} bytes, ${most} are allowed`)
    const problem = contentProblem(content, param)
    if (problem !== undefined) return wrong('contentMediaType', problem)
    const value = content.toString(isBinary(param) ? 'base64' : 'utf8')
    return {value, stored: {answer: value}}
  },
}

function isBinary({contentEncoding}: ParamSchema): boolean {
  return contentEncoding === 'base64'
}

/** How files of some types begin. */
const beginnings: Readonly<Record<string, string>> = {
  'image/png': '89504e470d0a1a0a',
  'image/jpeg': 'ffd8ff',
  'image/gif': '47494638',
  'application/pdf': '25504446',
  'application/zip': '504b0304',
  'application/gzip': '1f8b',
}

/** A mistaken file is noticed here, not by the app that cannot read it. */
function contentProblem(content: Buffer, param: ParamSchema): string | undefined {
  const type = String(param.contentMediaType)
  if (!content.toString('hex', 0, 8).startsWith(beginnings[type] ?? '')) return `is no ${type}`
  if (!isBinary(param) && !content.equals(Buffer.from(content.toString()))) return 'is not text in UTF-8'
  if (type !== 'application/json') return undefined
  try {
    JSON.parse(content.toString())
    return undefined
  } catch {
    // the parser's own message quotes the text
    return 'is no JSON'
  }
}
