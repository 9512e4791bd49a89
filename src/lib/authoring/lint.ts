import type {Kube} from '../kube/index.ts'
import {type CheckObject, type Digest, type Finding, lintPackage, type Package} from '../package/index.ts'
import {checkObject} from './check-object.ts'
import {clusterShapes} from './cluster-shapes.ts'
import {faulty} from './errors.ts'
import type {Shapes} from './shapes.ts'
import {testCases} from './test-cases.ts'

export interface LintedPackage {
  name: string
  version: string
  digest: Digest
  /** Warnings: with errors lint fails. */
  findings: Finding[]
  /** What `--fix` has mended, as it was found. */
  fixed: Finding[]
}

/**
 * Looks for faults. What a package renders to is held against the kinds of a Kubernetes that berth knows, or against a cluster's.
 * @throws UserError `package.invalid` with every finding when one of them is an error, or with those in `tests/`
 */
export async function lint(pkg: Package, check?: CheckObject): Promise<LintedPackage> {
  const {manifest, digest} = pkg
  const findings = await lintPackage(pkg, check ?? (await knownKinds()))
  if (findings.some(({severity}) => severity === 'error')) throw faulty(manifest, findings)
  testCases(pkg)
  return {name: manifest.name, version: manifest.version, digest, findings, fixed: []}
}

/** By the kinds of Kubernetes alone. They are a file of their own, read only here. */
export async function knownKinds(): Promise<CheckObject> {
  const {default: shapes} = await import('./kubernetes.json', {with: {type: 'json'}})
  return object => checkObject(object, shapes as Shapes)
}

/** By all that a cluster serves, custom resources included. */
export async function servedKinds(kube: Kube, signal: AbortSignal): Promise<CheckObject> {
  const shapes = await clusterShapes(kube, () => true, signal)
  return object => checkObject(object, shapes)
}
