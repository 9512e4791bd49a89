import type {BuiltPackage} from '../../lib/authoring/index.ts'
import {pairs} from '../table.ts'
import type {View} from '../terminal.ts'
import {bytes, count} from '../words.ts'

export type PackageBuilt = BuiltPackage

export const packageBuiltView: View<PackageBuilt> = ({name, version, digest, file, size, files, warnings}, terminal) =>
  pairs(
    [
      ['package', `${name} ${version}`],
      ['file', file],
      ['size', `${bytes(size)}, ${count(files, 'file')}`],
      ['digest', digest],
      ['lint', warnings === 0 ? undefined : terminal.paint.yellow(count(warnings, 'warning'))],
    ],
    terminal,
  )
