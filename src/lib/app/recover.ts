import type {AppRef, Member, Revision} from '../anchor/index.ts'
import {
  anchorName,
  findAnchor,
  formatRef,
  Lock,
  listRevisionSecrets,
  newAnchor,
  readPackageSecret,
  readRevisionSecret,
} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import {deleteObject, findObject} from '../kube/index.ts'
import {resolveFrozen} from './answers.ts'
import {renderDesired} from './desired.ts'
import {lockRequest} from './ending.ts'
import {untrusted} from './errors.ts'
import {isMember, refOf} from './identity.ts'
import {secretNamesOf} from './prepare.ts'
import {seal} from './seal.ts'
import type {Lib} from './types.ts'

export interface Recovered {
  app: AppRef
  package: Revision['package']
  revision: number
  /** Members that were found, and those that are gone. */
  found: string[]
  missing: string[]
}

/**
 * Rebuilds a lost or unreadable anchor from what else the app keeps: its newest revision Secret, its package, and its objects, each of
 * which must say of itself that it belongs here. Writes only the anchor.
 * @throws UserError `app.not-found` where nothing is left to recover from, `app.exists` where the anchor is well, `package.untrusted`
 */
export async function recover(lib: Lib, ref: AppRef): Promise<Recovered> {
  const broken = await isBroken(lib, ref)
  const [newest] = await listRevisionSecrets(lib.kube, ref)
  if (newest === undefined)
    throw new UserError('app.not-found', {
      message: `nothing is left of ${formatRef(ref)}: no revision Secret berth.${ref.name}.s.* in its namespace`,
      details: {app: formatRef(ref)},
    })
  if (newest.retained !== undefined)
    throw new UserError('app.not-found', {
      message: `${formatRef(ref)} was uninstalled and its data kept; there is no app to recover`,
      hint: `berth app install ${newest.retained.package} ${ref.name} -n ${ref.namespace} --adopt-data`,
    })
  const secrets = await readRevisionSecret(lib.kube, ref, newest.name)
  const {revision} = secrets
  if (!(await lib.isTrusted(revision.package))) throw untrusted(ref, revision.package)
  const pkg = await readPackageSecret(lib.kube, ref, revision.package.digest)
  const resolution = await resolveFrozen(ref, pkg.manifest, revision, secrets)
  const target = {
    ref,
    pkg,
    revision: revision.number,
    cluster: revision.cluster,
    scale: revision.scale,
    resolution,
    secretNames: secretNamesOf(resolution, revision.bindings),
  }
  const sealed = seal(renderDesired(target), secrets).filter(entry => entry.task === undefined)
  const looked = await Promise.all(
    sealed.map(async ({id, object}) => ({id, ref: refOf(object), live: await findObject(lib.kube, refOf(object))})),
  )
  const found = looked.filter(({ref: member, live}) => live !== undefined && isMember(ref, member, live))
  const inventory: Member[] = found.map(({live, ref: member}) => ({
    ...member,
    ...(live?.metadata.uid !== undefined && {uid: live.metadata.uid}),
  }))
  const current: Revision = {
    ...revision,
    inventory,
    objects: Object.fromEntries(sealed.map(({id, hash}) => [id, hash])),
  }
  if (broken)
    await deleteObject(lib.kube, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: ref.namespace,
      name: anchorName(ref.name),
    })
  const create = newAnchor(ref, lib.holder.identity.who, revision.package)
  const lock = await Lock.acquire(lib.kube, {...lockRequest(lib, ref, 'install'), create, patience: 'refuse'})
  await lock.release(anchor => ({...anchor, current, phase: 'running'}))
  const ids = new Set(found.map(({id}) => id))
  return {
    app: ref,
    package: revision.package,
    revision: revision.number,
    found: [...ids],
    missing: sealed.map(({id}) => id).filter(id => !ids.has(id)),
  }
}

/** @throws UserError `app.exists` where there is nothing to mend */
async function isBroken(lib: Lib, ref: AppRef): Promise<boolean> {
  try {
    const anchor = await findAnchor(lib.kube, ref, lib.signal)
    if (anchor === undefined) return false
    if (anchor.current === undefined && anchor.pending === undefined) return true
  } catch (error) {
    if (error instanceof UserError && error.code === 'app.corrupt') return true
    throw error
  }
  throw new UserError('app.exists', {
    message: `the anchor of ${formatRef(ref)} is there and readable: nothing to recover`,
    hint: `berth app status ${ref.name} -n ${ref.namespace}`,
  })
}
