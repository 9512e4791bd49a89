import type {TestedPackage} from '../../lib/authoring/index.ts'
import type {View} from '../terminal.ts'
import {count} from '../words.ts'

export type PackageTested = TestedPackage

export const packageTestedView: View<PackageTested> = ({name, version, tests, passed, removed}, {paint}) => {
  const mark = (good: boolean) => (good ? paint.green('✔') : paint.red('✖'))
  const failed = tests.filter(test => !test.passed)
  return [
    ...tests.flatMap(test => [
      `${mark(test.passed)} ${paint.bold(test.name)}${test.from === null ? '' : ` from ${test.from}`} ${paint.dim(`${test.seconds.toFixed(1)} s`)}`,
      ...test.steps.map(step => `  ${mark(step.passed)} ${step.title}${step.message ? `: ${step.message}` : ''}`),
    ]),
    ...removed.map(namespace => paint.dim(`removed ${namespace}, which a killed run had left`)),
    `${mark(passed)} ${name} ${version}: ${passed ? count(tests.length, 'test') : `${failed.length} of ${count(tests.length, 'test')} failed`}`,
  ].join('\n')
}
