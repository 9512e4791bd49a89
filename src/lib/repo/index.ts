/** Where packages come from: repositories, references to packages, and whom the operator trusts. Knows no cluster. */
export {addRepository, removeRepository} from './change.ts'
export {parseReference} from './reference.ts'
export {findFormer, resolvePackage} from './resolve.ts'
export {findNewer, searchPackages} from './search.ts'
export {isTrusted, type Trusted, trustDigest} from './trust.ts'
export type {Origin, PackageReference, PackageSource, PackageSummary, PackageVersion, ResolvedPackage} from './types.ts'
