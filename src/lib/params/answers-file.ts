import {type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments} from 'yaml'
import {type FieldError, UserError} from '../errors.ts'
import {fromPointer, isRecord, type Path, toPointer} from './json.ts'
import {limits} from './limits.ts'
import type {Answers} from './types.ts'

/** Where an answer stands in its file, 1-based, and how its scalar was written. */
export interface AnswerPosition {
  line: number
  column: number
  source?: string
}

/** Answers as a file has them, with the place of each. */
export interface AnswersFile {
  answers: Answers
  /** By JSON pointer. */
  positions: ReadonlyMap<string, AnswerPosition>
}

/**
 * Reads answers in YAML 1.2 or JSON. An empty file has none.
 * @param name what messages call the file: its path, or `standard input`
 * @throws UserError `params.invalid` with line and column
 */
export function readAnswersFile(text: string, name: string): AnswersFile {
  if (Buffer.byteLength(text) > limits.bytes) throw unreadable(name, 'is larger than 1 MiB')
  const counter = new LineCounter()
  // duplicate keys are found below: the library compares each key with all before it, 47 s for 60,000 of them
  const documents = parseAllDocuments(text.replace(/^\uFEFF/, ''), {lineCounter: counter, uniqueKeys: false})
  const [document, second] = Array.isArray(documents) ? documents : []
  if (document === undefined) return {answers: {}, positions: new Map()}
  const [error] = document.errors
  if (error !== undefined) {
    const {line, col} = counter.linePos(error.pos[0])
    throw unreadable(name, firstLine(error.message), {line, column: col})
  }
  if (second !== undefined) throw unreadable(name, 'holds more than one document: give one')
  const {positions, duplicate} = positionsOf(document, counter)
  if (duplicate !== undefined) throw unreadable(name, `the name ${duplicate.key} stands there twice`, duplicate.at)
  const answers = toValue(document, name)
  if (answers === null) return {answers: {}, positions: new Map()}
  if (!isRecord(answers)) throw unreadable(name, 'holds no object: write one parameter a line, name: value')
  return {answers, positions}
}

function toValue(document: Document, name: string): unknown {
  try {
    // aliases are expanded; this bounds bombs such as nine lines that make a billion entries
    return document.toJS({maxAliasCount: 100})
  } catch (cause) {
    throw unreadable(name, cause instanceof Error ? firstLine(cause.message) : String(cause), undefined, cause)
  }
}

/**
 * Puts line and column to the errors of answers that came from a file. Where a number or word stands unquoted for a text, says what to
 * write.
 */
export function locateErrors(
  errors: readonly FieldError[],
  positions: ReadonlyMap<string, AnswerPosition>,
): FieldError[] {
  return errors.map(error => {
    const exact = positions.get(error.field)
    const place = exact ?? nearest(error.field, positions)
    if (place === undefined) return error
    const {line, column} = place
    const unquoted = exact?.source !== undefined && error.code === 'type' && [error.expected].flat().includes('string')
    const message = unquoted ? `${error.message}: write ${JSON.stringify(exact.source)}, in quotes` : error.message
    return {...error, message, ...(unquoted && 'got' in error ? {got: exact.source} : {}), line, column}
  })
}

/** The innermost parent that stands in the file; the root is no place. */
function nearest(pointer: string, positions: ReadonlyMap<string, AnswerPosition>): AnswerPosition | undefined {
  const steps = fromPointer(pointer)
  const parents = steps.map((_, index) => toPointer(steps.slice(0, steps.length - index)))
  return parents.map(parent => positions.get(parent)).find(place => place !== undefined)
}

interface Places {
  positions: Map<string, AnswerPosition>
  duplicate: {key: string; at: {line: number; column: number}} | undefined
}

function positionsOf(document: Document, counter: LineCounter): Places {
  const positions = new Map<string, AnswerPosition>()
  let duplicate: Places['duplicate']
  visit(document.contents, [])
  return {positions, duplicate}

  function visit(node: unknown, path: Path): void {
    // what an alias repeats has no place of its own: the alias is its place
    if (path.length > limits.depth) return
    note(node, path)
    if (isMap(node)) {
      const seen = new Set<string>()
      for (const {key, value} of node.items) {
        const name = isScalar(key) ? String(key.value) : String(key)
        // a field is found at its name: a value on a later line, or none at all, would be a worse place
        visit(value, [...path, name])
        const at = note(key, [...path, name], isScalar(value) ? value.source : undefined)
        if (seen.has(name) && at !== undefined) duplicate ??= {key: name, at}
        seen.add(name)
      }
    } else if (isSeq(node)) {
      node.items.forEach((item, index) => {
        visit(item, [...path, index])
      })
    }
  }

  function note(node: unknown, path: Path, source?: string): {line: number; column: number} | undefined {
    const start = (node as Node | null)?.range?.[0]
    if (start === undefined) return undefined
    const {line, col} = counter.linePos(start)
    positions.set(toPointer(path), {line, column: col, ...(source === undefined ? {} : {source})})
    return {line, column: col}
  }
}

function firstLine(message: string): string {
  if (message.includes('call stack')) return 'is nested too deep'
  return (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '')
}

function unreadable(name: string, problem: string, at?: {line: number; column: number}, cause?: unknown): UserError {
  const place = at === undefined ? name : `${name}:${at.line}:${at.column}`
  return new UserError('params.invalid', {
    message: `the answers file cannot be read: ${place}: ${problem}`,
    details: [{field: '', code: 'syntax', message: problem, ...at}],
    cause,
  })
}
