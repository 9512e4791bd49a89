import type {Digest, Package} from '../package/index.ts'

/** One version of a package that a repository offers. */
export interface PackageVersion {
  name: string
  version: string
  /** Where its bytes are, in the repository's own way: a path for a folder. */
  location: string
}

/** What `repo search` shows of a package: from its newest version. */
export interface PackageSummary extends PackageVersion {
  repository: string
  title?: string
  description?: string
  appVersion?: string
  /** All versions, newest first. */
  versions: string[]
}

/**
 * A repository as berth reads it. A folder is one; an HTTP, S3 or OCI repository answers the same three questions from its index,
 * where `digest` costs nothing.
 */
export interface PackageSource {
  /** Every version of every package, newest first within a name. @throws UserError `repo.invalid`, `repo.not-found` */
  list(): Promise<PackageVersion[]>
  /** The digest of the version's archive. */
  digest(version: PackageVersion): Promise<Digest>
  /** @throws UserError `package.invalid`, `package.archive-refused`, `package.integrity` */
  fetch(version: PackageVersion): Promise<Package>
}

/** What a person writes to name a package. */
export type PackageReference =
  /** `./folder`, `/folder`, `file.tgz`: absolute here. */
  | {from: 'path'; path: string}
  /** `name`, `name@1.2.3`, `name@^1.2`, `repo/name@…` */
  | {from: 'repository'; repository: string | undefined; name: string; range: string | undefined}

/** Where a package came from. */
export interface Origin {
  /** Undefined for a folder or file that the operator named himself. */
  repository?: string
  location: string
}

export interface ResolvedPackage {
  package: Package
  origin: Origin
}
