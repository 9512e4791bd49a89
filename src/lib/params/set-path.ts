import type {Path} from './json.ts'
import {isForbiddenKey, limits} from './limits.ts'

/** A step of a flag's path: a field, an index of a list, or one past its end. */
export type SetStep = string | number | {append: true}

/** `--set` was written in a way that cannot be read. The flag's caller turns it into a usage error. */
export class PathSyntaxError extends Error {}

/** Splits `a.b[0]=text` at its first unescaped `=`. */
export function splitAssignment(text: string): {path: SetStep[]; value: string} {
  const end = endOfPath(text)
  if (end === undefined) throw new PathSyntaxError('has no =: write name=value')
  return {path: parseSetPath(text.slice(0, end)), value: text.slice(end + 1)}
}

/**
 * Reads `smtp.host`, `list[0]`, `list[+]`, `labels.a\.b`. A backslash takes the next character as it is: dots, brackets, `=` and
 * backslashes in names need it.
 */
export function parseSetPath(text: string): SetStep[] {
  const steps: SetStep[] = []
  let at = 0
  while (at < text.length) {
    if (text[at] === '[') {
      const close = text.indexOf(']', at)
      steps.push(readIndex(text.slice(at + 1, close < 0 ? text.length : close), close >= 0))
      at = close + 1
      if (at < text.length && text[at] !== '.' && text[at] !== '[') {
        throw new PathSyntaxError(`has ${JSON.stringify(text[at])} after ], where . or [ may stand`)
      }
      if (text[at] === '.') at = past(text, at)
    } else {
      const {name, end} = readName(text, at)
      steps.push(name)
      at = text[end] === '.' ? past(text, end) : end
    }
  }
  if (steps.length === 0) throw new PathSyntaxError('names no parameter')
  if (typeof steps[0] !== 'string') throw new PathSyntaxError('begins with an index: begin with a name')
  if (steps.length > limits.depth) throw new PathSyntaxError(`is deeper than ${limits.depth} levels`)
  return steps
}

/** The text that {@link parseSetPath} reads as these steps. */
export function printSetPath(steps: readonly SetStep[]): string {
  return steps
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`
      if (typeof step === 'object') return '[+]'
      return (index === 0 ? '' : '.') + step.replace(/[\\.[\]=]/g, '\\$&')
    })
    .join('')
}

/** The path for messages: where something is appended has no index yet. */
export function plainPath(path: readonly SetStep[]): Path {
  return path.map(step => (typeof step === 'object' ? '-' : step))
}

function endOfPath(text: string): number | undefined {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '=') return at
  }
  return undefined
}

function past(text: string, dot: number): number {
  if (dot + 1 === text.length) throw new PathSyntaxError('ends with a dot')
  return dot + 1
}

function readName(text: string, start: number): {name: string; end: number} {
  let name = ''
  let at = start
  for (; at < text.length && text[at] !== '.' && text[at] !== '['; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === ']') throw new PathSyntaxError('has a ] without its [: write \\] for one in a name')
    name += text[at] ?? ''
  }
  if (name === '') throw new PathSyntaxError('has an empty name')
  if (isForbiddenKey(name)) throw new PathSyntaxError(`may not use the name ${name}`)
  return {name, end: at}
}

function readIndex(text: string, closed: boolean): SetStep {
  if (!closed) throw new PathSyntaxError('has a [ without its ]')
  if (text === '+') return {append: true}
  if (!/^(0|[1-9]\d{0,6})$/.test(text)) {
    throw new PathSyntaxError(`has the index [${text}]: write a number from 0, or [+] to append`)
  }
  return Number(text)
}
