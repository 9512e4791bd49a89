import type {Path} from './json.ts'
import {isForbiddenKey, limits} from './limits.ts'

/** A step of a flag's path: a field, an index of a list, or one past its end. */
export type SetStep = string | number | {append: true}

/** `--set` was written in a way that cannot be read. The flag's caller turns it into a usage error. */
export class PathSyntaxError extends Error {}

/** Splits `a.b[0]=text` at its first unescaped `=`. */
export function splitAssignment(text: string): {path: SetStep[]; value: string} {
  const {path, end} = readPath(text)
  if (end === text.length) throw new PathSyntaxError('has no =: write name=value')
  return {path, value: text.slice(end + 1)}
}

/**
 * Reads `smtp.host`, `list[0]`, `list[+]`, `labels.a\.b`. A backslash takes the next character as it is: dots, brackets, `=` and
 * backslashes in names need it.
 */
export function parseSetPath(text: string): SetStep[] {
  const {path, end} = readPath(text)
  if (end < text.length) throw new PathSyntaxError('has a = in its name: write \\= for one')
  return path
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

/** The steps up to an unescaped `=`, or to the end. */
function readPath(text: string): {path: SetStep[]; end: number} {
  const part = /\[(?<index>0|[1-9]\d{0,6}|\+)\]|(?<dot>\.?)(?<name>(?:\\.|[^\\.[\]=])+)/sy
  const path: SetStep[] = []
  let end = 0
  while (end < text.length && text[end] !== '=') {
    const {index, dot, name} = part.exec(text)?.groups ?? {}
    // names after the first have their dot; an index comes after a name
    const placed = name === undefined ? index !== undefined && path.length > 0 : (dot === '.') === path.length > 0
    if (!placed) throw unreadable(text, end)
    path.push(name === undefined ? stepOf(index) : readName(name))
    end = part.lastIndex
  }
  if (path.length === 0) throw new PathSyntaxError('names no parameter')
  if (path.length > limits.depth) throw new PathSyntaxError(`is deeper than ${limits.depth} levels`)
  return {path, end}
}

function stepOf(index: string | undefined): SetStep {
  return index === '+' ? {append: true} : Number(index)
}

function readName(escaped: string): string {
  const name = escaped.replace(/\\(.)/gs, '$1')
  if (isForbiddenKey(name)) throw new PathSyntaxError(`may not use the name ${name}`)
  return name
}

function unreadable(text: string, at: number): PathSyntaxError {
  const where = `cannot be read from its character ${at + 1}, ${text[at]}`
  return new PathSyntaxError(`${where}: write name.field, name[0] or name[+], and \\ before a dot or bracket in a name`)
}
