import type {AppRef, Binding, Grant, Member, Revision} from '../anchor/index.ts'
import {
  anchorName,
  findAnchor,
  formatRef,
  Lock,
  listAnchors,
  listRevisionSecrets,
  newAnchor,
  readPackageSecret,
  readRevisionSecret,
  sameApp,
} from '../anchor/index.ts'
import {grantKey} from '../binding/index.ts'
import {UserError} from '../errors.ts'
import type {Kube} from '../kube/index.ts'
import {deleteObject, findObject, isForbidden, refOf} from '../kube/index.ts'
import {resolveFrozen} from './answers.ts'
import {renderDesired} from './desired.ts'
import {lockRequest} from './ending.ts'
import {untrusted} from './errors.ts'
import {isMember} from './identity.ts'
import {secretNamesOf} from './prepare.ts'
import {seal} from './seal.ts'
import {requireSecrets} from './secrets.ts'
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
  requireSecrets(ref, revision.secret, target.secretNames, secrets.values)
  const all = seal(renderDesired(target), secrets)
  const sealed = all.filter(entry => entry.task === undefined)
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
    objects: Object.fromEntries(all.map(({id, hash}) => [id, hash])),
  }
  const grants = await grantsOf(lib, ref, current)
  if (broken)
    await deleteObject(lib.kube, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: ref.namespace,
      name: anchorName(ref.name),
    })
  const create = newAnchor(ref, lib.holder.identity.who, revision.package)
  const lock = await Lock.acquire(lib.kube, {...lockRequest(lib, ref, 'install'), create, patience: 'refuse'})
  await lock.release(anchor => ({...anchor, current, grants, phase: 'running'}))
  const ids = new Set(found.map(({id}) => id))
  return {
    app: ref,
    package: revision.package,
    revision: revision.number,
    found: [...ids],
    missing: sealed.map(({id}) => id).filter(id => !ids.has(id)),
  }
}

/** Who uses the app, by what its users say: their anchors name their providers. */
async function grantsOf({kube, now}: Lib, ref: AppRef, {provides}: Revision): Promise<Record<string, Grant>> {
  const apps = await listAnchors(kube, {}).catch(error => {
    if (isForbidden(error)) return listAnchors(kube, {namespace: ref.namespace})
    throw error
  })
  const grants: Record<string, Grant> = {}
  for (const {ref: consumer} of apps.filter(app => Object.values(app.bindings).includes(formatRef(ref)))) {
    for (const [parameter, binding] of await bindingsOf(kube, consumer)) {
      const {provider, request} = binding
      if (!('app' in provider) || !sameApp(provider.app, ref) || provides[provider.endpoint] === undefined) continue
      const use = {consumer, parameter, endpoint: provider.endpoint, interface: binding.interface, request}
      grants[grantKey(use)] = {...use, state: 'granted', since: now().toISOString()}
    }
  }
  return grants
}

/** One user that cannot be read does not stand in the way of the rest. */
async function bindingsOf(kube: Kube, consumer: AppRef): Promise<[string, Binding][]> {
  try {
    const anchor = await findAnchor(kube, consumer)
    const revision = anchor?.current ?? (anchor?.pending?.kind === 'install' ? anchor.pending.target : undefined)
    return Object.entries(revision?.bindings ?? {})
  } catch (error) {
    if (error instanceof UserError && error.code === 'app.corrupt') return []
    throw error
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
