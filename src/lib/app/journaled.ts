import type {AppRef, Revision, RevisionSecrets} from '../anchor/index.ts'
import {readPackageSecret, readRevisionSecret} from '../anchor/index.ts'
import {resolveFrozen} from './answers.ts'
import type {Target} from './desired.ts'
import {renderDesired, secretNamesOf} from './desired.ts'
import {renderedDifferently, untrusted} from './errors.ts'
import type {SealedObject} from './seal.ts'
import {seal, withUnknown} from './seal.ts'
import {requireSecrets} from './secrets.ts'
import type {Lib} from './types.ts'

/** A revision read back from what the cluster keeps of it. */
export interface ReadBack {
  target: Target
  secrets: RevisionSecrets
  sealed: SealedObject[]
}

/**
 * Reads what a revision names and checks that it is what it says: bytes by their digest, the digest by trust, every object by its keyed
 * hash. What stands in the namespace may have been written by whoever may edit it.
 * @param unfinished its bindings are not provisioned yet: then some secrets, and with them the hashes, are not there
 * @throws UserError `package.untrusted`, `package.integrity`, `app.corrupt`
 */
export async function readBack(lib: Lib, ref: AppRef, revision: Revision, unfinished = false): Promise<ReadBack> {
  if (!(await lib.isTrusted(revision.package))) throw untrusted(ref, revision.package)
  const [pkg, secrets] = await Promise.all([
    readPackageSecret(lib.kube, ref, revision.package.digest),
    readRevisionSecret(lib.kube, ref, revision.secret),
  ])
  const resolution = await resolveFrozen(ref, pkg, revision, secrets)
  const target: Target = {ref, pkg, revision, resolution}
  const names = secretNamesOf(target)
  const own = secretNamesOf({...target, revision: {...revision, bindings: {}}})
  requireSecrets(ref, revision.secret, unfinished ? own : names, secrets.values)
  const sealed = seal(renderDesired(target), unfinished ? withUnknown(secrets, names) : secrets)
  return {target, secrets, sealed}
}

/** @throws UserError `app.corrupt` where what is rendered is not what the revision says */
export function requireSame({target: {ref, revision}, sealed}: ReadBack): void {
  const different = sealed.filter(({id, hash}) => revision.objects[id] !== hash).map(({id}) => id)
  if (different.length > 0 || sealed.length !== Object.keys(revision.objects).length)
    throw renderedDifferently(ref, different)
}
