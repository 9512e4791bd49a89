import type {CreatedPackage} from '../../lib/authoring/index.ts'
import type {View} from '../terminal.ts'

export type PackageCreated = CreatedPackage

export const packageCreatedView: View<PackageCreated> = ({folder, files}, {paint}) =>
  [
    `Wrote ${paint.bold(folder)}:`,
    ...files.map(file => `  ${file}`),
    '',
    `berth package lint ${folder}`,
    `berth package render ${folder}`,
  ].join('\n')
