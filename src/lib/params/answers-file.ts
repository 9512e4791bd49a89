import {type FieldError, UserError} from '../errors.ts'
import type {Position} from '../expr/index.ts'
import {parseYamlFile, plainValue, type YamlNode} from '../yaml/index.ts'
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
  const {documents, findings} = parseYamlFile(name, text.replace(/^\uFEFF/, ''))
  const [wrong] = findings.filter(({severity}) => severity === 'error')
  if (wrong !== undefined) throw unreadable(name, wrong.message, wrong.position)
  const [document, second] = documents
  if (second !== undefined) throw unreadable(name, 'holds more than one document: give one', second.position)
  if (document === undefined) return {answers: {}, positions: new Map()}
  const found = answersOf(document)
  if (found === undefined) throw unreadable(name, 'holds no object: write one parameter a line, name: value')
  return found
}

/** Answers that are part of another file; undefined where the node is no object. */
export function answersOf(node: YamlNode): AnswersFile | undefined {
  const answers = plainValue(node)
  return isRecord(answers) ? {answers, positions: positionsOf(node)} : undefined
}

function positionsOf(document: YamlNode): Map<string, AnswerPosition> {
  const positions = new Map<string, AnswerPosition>()
  visit(document, [], document.position)
  return positions

  function visit(node: YamlNode, path: Path, {line, column}: Position): void {
    positions.set(toPointer(path), {line, column, ...(node.kind === 'scalar' ? {source: node.source} : {})})
    if (path.length > limits.depth) return
    if (node.kind === 'list')
      for (const [index, item] of node.items.entries()) visit(item, [...path, index], item.position)
    // a field is found at its name: a value on a later line, or none at all, would be a worse place
    if (node.kind === 'map')
      for (const {key, keyPosition, value} of node.entries) visit(value, [...path, key], keyPosition)
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

function unreadable(name: string, problem: string, at?: Position): UserError {
  const place = at === undefined ? name : `${name}:${at.line}:${at.column}`
  const position = at === undefined ? {} : {line: at.line, column: at.column}
  return new UserError('params.invalid', {
    message: `the answers file cannot be read: ${place}: ${problem}`,
    details: [{field: '', code: 'syntax', message: problem, ...position}],
  })
}
