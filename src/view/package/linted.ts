import type {LintedPackage} from '../../lib/authoring/index.ts'
import type {Finding} from '../../lib/package/index.ts'
import type {Terminal, View} from '../terminal.ts'
import {count} from '../words.ts'

export type PackageLinted = LintedPackage

export const packageLintedView: View<PackageLinted> = ({name, version, findings}, terminal) =>
  [
    ...findings.map(finding => findingLines(finding, terminal)),
    `${terminal.paint.green('✔')} ${name} ${version}: no faults${findings.length > 0 ? `, ${count(findings.length, 'warning')}` : ''}`,
  ].join('\n')

/** A finding as compilers print it, so that editors find the place. */
export function findingLines(
  {severity, rule, position, message, fix}: Finding,
  {paint}: Pick<Terminal, 'paint'>,
): string {
  const place = `${position.file}:${position.line}:${position.column}`
  const word = severity === 'error' ? paint.red('error') : paint.yellow('warning')
  return `${place} ${word} ${message} ${paint.dim(`(${rule})`)}${fix ? `\n  ${paint.cyan('→')} ${fix}` : ''}`
}
