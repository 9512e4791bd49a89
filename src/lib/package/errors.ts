import {UserError} from '../errors.ts'
import {describePosition, ExpressionError, type Position, type Problem} from '../expr/index.ts'
import {fromPointer, type SchemaFault} from '../params/index.ts'
import {type Finding, finding, positionOf, type YamlNode} from '../yaml/index.ts'

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

export function findingOf({rule, position, message, expression, fix}: Problem): Finding {
  const quoted =
    expression === undefined || message.includes(expression.trim())
      ? ''
      : ` in: ${expression.replace(/\s+/g, ' ').trim().slice(0, 120)}`
  return finding('error', rule, position, `${message}${quoted}`, fix)
}

/** Faults of a declaration of parameters, at their places below `within` in a file. */
export function parameterFindings(
  faults: readonly SchemaFault[],
  root: YamlNode,
  within: readonly string[],
): Finding[] {
  const findings = faults.map(({pointer, rule, message}) => {
    const path = fromPointer(pointer)
    const name = path.filter(step => step !== 'properties').join('.')
    return finding('error', `parameter-${rule}`, positionOf(root, [...within, ...path]), `${name} ${message}`)
  })
  return inOrder(findings)
}

/** As an editor goes through them; none twice. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const distinct = [...new Map(findings.map(entry => [JSON.stringify(entry), entry])).values()]
  return distinct.sort(({position: a}, {position: b}) =>
    a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1,
  )
}

/** Notes and outputs are shown: message and fix. */
export const shownSecret = ['a secret in a text that is shown', 'name the parameter instead: secret: password'] as const
