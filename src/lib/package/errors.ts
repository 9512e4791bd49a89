import {UserError} from '../errors.ts'
import {describePosition, ExpressionError, type Position, type Problem} from '../expr/index.ts'
import type {Finding} from './types.ts'

/** Every fault of a package at once: the first in the message, all (but no more than anyone reads) in details. */
export function invalidPackage(findings: Finding[]): UserError {
  const [first] = findings
  if (first === undefined) throw new TypeError('a package without findings is valid')
  const more = findings.length === 1 ? '' : ` (and ${findings.length - 1} more)`
  return new UserError('package.invalid', {
    message: `${describePosition(first.position)}: ${first.message}${more}`,
    details: findings.slice(0, 200),
    ...(first.fix === undefined ? {} : {hint: first.fix}),
  })
}

export function archiveRefused(reason: string, hint?: string): UserError {
  return new UserError('package.archive-refused', {
    message: `the package archive is refused: ${reason}`,
    ...(hint === undefined ? {} : {hint}),
  })
}

export function digestMismatch(expected: string, actual: string): UserError {
  return new UserError('package.integrity', {
    message: `the package archive has the digest ${actual}, expected was ${expected}`,
    details: {expected, actual},
    hint: 'berth repo update   fetch the index again; if it stays, tell the repository: the archive was changed after it was published',
  })
}

/** A fault that stops a render. `fix` says what to write. */
export function templateFailed(position: Position, rule: string, message: string, fix?: string): ExpressionError {
  return new ExpressionError('template.failed', {position, rule, message, ...(fix === undefined ? {} : {fix})})
}

export function finding(
  severity: Finding['severity'],
  rule: string,
  position: Position,
  message: string,
  fix?: string,
): Finding {
  return {severity, rule, position, message, ...(fix === undefined ? {} : {fix})}
}

export function findingOf({rule, position, message, expression, fix}: Problem): Finding {
  const quoted =
    expression === undefined || message.includes(expression.trim())
      ? ''
      : ` in: ${expression.replace(/\s+/g, ' ').trim().slice(0, 120)}`
  return finding('error', rule, position, `${message}${quoted}`, fix)
}

/** Faults of parsing as findings; anything else is thrown on. */
export function collect(findings: Finding[], work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    findings.push(findingOf(error.problem))
  }
}
