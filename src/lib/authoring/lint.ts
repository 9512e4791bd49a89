import {type Digest, type Finding, lintPackage, type Package} from '../package/index.ts'
import {faulty} from './errors.ts'

export interface LintedPackage {
  name: string
  version: string
  digest: Digest
  /** Warnings: with errors lint fails. */
  findings: Finding[]
}

/** Looks for faults without a cluster. @throws UserError `package.invalid` with every finding when one of them is an error */
export async function lint(pkg: Package): Promise<LintedPackage> {
  const {manifest, digest} = pkg
  const findings = await lintPackage(pkg)
  if (findings.some(({severity}) => severity === 'error')) throw faulty(manifest, findings)
  return {name: manifest.name, version: manifest.version, digest, findings}
}
