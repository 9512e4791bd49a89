import {UserError} from '../errors.ts'
import {maskSecrets} from './secrets.ts'
import type {Locator, Position, Problem} from './types.ts'

/**
 * An expression or template that cannot be parsed (`package.invalid`) or evaluated (`template.failed`): `problem` says where, and what
 * to write. The same object is the only entry of `details`.
 */
export class ExpressionError extends UserError {
  readonly problem: Problem

  constructor(code: 'package.invalid' | 'template.failed', found: Problem) {
    // Values are quoted in messages: a token among them says the secret's name, and nothing that could be used again.
    const problem = maskSecrets(found)
    super(code, {
      message: describeProblem(problem),
      details: [problem],
      ...(problem.fix === undefined ? {} : {hint: problem.fix}),
    })
    this.problem = problem
  }
}

/** `resources/app.yaml:12:9: message (in: expression)` */
function describeProblem({position, message, expression}: Problem): string {
  const inside = expression === undefined ? '' : `\n  in: ${shorten(expression)}`
  return `${describePosition(position)}: ${message}${inside}`
}

/** A problem at an offset of an expression. */
export function problemAt(
  {source, locate}: {source: string; locate: Locator},
  rule: string,
  at: number,
  message: string,
  fix?: string,
): Problem {
  return {position: locate(at), rule, message, expression: source, ...(fix === undefined ? {} : {fix})}
}

export function describePosition({file, line, column}: Position): string {
  return `${file}:${line}:${column}`
}

/** Offsets in a text that stands on one line of the file; later lines of the text get column 1. */
export function inlineLocator(text: string, position: Position): Locator {
  return offset => {
    const before = text.slice(0, offset)
    const lines = before.split('\n')
    const last = lines.at(-1) ?? ''
    if (lines.length === 1) return {...position, column: position.column + last.length}
    return {...position, line: position.line + lines.length - 1, column: last.length + 1}
  }
}

function shorten(expression: string): string {
  const line = expression.replace(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 117)}...` : line
}
