import {join} from 'node:path'
import {writeAtomically} from '../config/index.ts'
import type {Digest, Package} from '../package/index.ts'
import {lint} from './lint.ts'

export interface BuiltPackage {
  name: string
  version: string
  digest: Digest
  /** Absolute. */
  file: string
  /** Of the archive, in bytes. */
  size: number
  /** How many files are in it. */
  files: number
  /** How many warnings `package lint` has. */
  warnings: number
}

/**
 * Writes a package's archive. The same files give the same bytes, whenever and wherever.
 * @param file where to, absolute; `<name>-<version>.tgz` in `folder` when left out
 * @throws UserError `package.invalid` when lint finds an error
 */
export async function buildPackage(
  pkg: Package,
  {file, folder}: {file?: string; folder: string},
): Promise<BuiltPackage> {
  const {name, version, digest, findings} = await lint(pkg)
  const target = file ?? join(folder, `${name}-${version}.tgz`)
  await writeAtomically(target, pkg.archive, 0o644)
  return {
    name,
    version,
    digest,
    file: target,
    size: pkg.archive.length,
    files: pkg.files.size,
    warnings: findings.length,
  }
}
