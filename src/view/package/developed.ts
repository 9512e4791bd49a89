import type {DevelopedPackage} from '../../lib/authoring/index.ts'
import {changeLine} from '../app/plan.ts'
import type {View} from '../terminal.ts'
import {count} from '../words.ts'
import {findingLines} from './linted.ts'

export type PackageDeveloped = DevelopedPackage

export const packageDevelopedView: View<PackageDeveloped> = ({fault, findings, objects, changes}, terminal) => {
  const {paint, now} = terminal
  const marks = {added: paint.green('+'), removed: paint.red('-'), changed: paint.yellow('~')}
  const time = paint.dim(new Date(now).toTimeString().slice(0, 8))
  const verdict = fault === null ? `${paint.green('✔')} ${count(objects, 'object')}` : `${paint.red('✖')} ${fault}`
  return [
    ...changes.flatMap(({object, change, fields}) => [
      `${marks[change]} ${object}`,
      ...fields.map(field => `    ${changeLine(field)}`),
    ]),
    ...findings.map(finding => findingLines(finding, terminal)),
    `${time} ${verdict}${findings.length > 0 ? `, ${count(findings.length, 'finding')}` : ''}`,
  ].join('\n')
}
