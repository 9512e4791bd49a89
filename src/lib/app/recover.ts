import type {Anchor, AppRef, Binding, Grant, Member, Revision} from '../anchor/index.ts'
import {
  anchorName,
  changeOf,
  findAnchor,
  formatRef,
  isCorrupt,
  isUnreadable,
  Lock,
  listAnchors,
  listRetained,
  listRevisionSecrets,
  newAnchor,
  readRevisionSecret,
  sameApp,
} from '../anchor/index.ts'
import {grantKey} from '../binding/index.ts'
import {UserError} from '../errors.ts'
import {deleteObject, findObject, isForbidden, refOf} from '../kube/index.ts'
import {lockRequest} from './ending.ts'
import {findWorkloads, haltStep, stopsOf, type Workload} from './halt.ts'
import {isCrd, isMember} from './identity.ts'
import {readBack} from './journaled.ts'
import type {Lib} from './types.ts'

export interface Recovered {
  app: AppRef
  package: Revision['package']
  revision: number
  /** What it was when it was lost, as far as its objects tell. */
  desired: Anchor['desired']
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
  const {revision} = await readRevisionSecret(lib.kube, ref, newest.name)
  const {sealed: all, target} = await readBack(lib, ref, revision)
  const sealed = all.filter(entry => entry.task === undefined && !isCrd(entry.object))
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
  const workloads = await findWorkloads(lib, {ref, current}, stopsOf(target.pkg.manifest))
  const desired: Anchor['desired'] = isAtRest(workloads, current) ? 'stopped' : 'running'
  if (broken)
    await deleteObject(lib.kube, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: ref.namespace,
      name: anchorName(ref.name),
    })
  // Whole from its first write: one that knows of no revision is what an abort clears away, secrets and all.
  const create = {...newAnchor(ref, lib.holder.identity.who, revision.package), current, grants, desired}
  const lock = await Lock.acquire(lib.kube, {...lockRequest(lib, ref, 'install'), create, patience: 'refuse'})
  await lock.release(anchor => ({...anchor, current, grants, desired, phase: desired}))
  const ids = new Set(found.map(({id}) => id))
  return {
    app: ref,
    package: revision.package,
    revision: revision.number,
    desired,
    found: [...ids],
    missing: sealed.map(({id}) => id).filter(id => !ids.has(id)),
  }
}

/** Nothing of it runs, and something should: a start brings back what `app scale` or its package said, for what a stop kept is lost. */
const isAtRest = (workloads: Workload[], {scale}: Revision): boolean =>
  workloads.every(each => haltStep(each, each.rest) === undefined) &&
  workloads.some(({component}) => scale[component ?? ''] !== 0)

/** Who uses the app, by what its users say: their anchors name their providers, and so does what was kept of those that are gone. */
async function grantsOf({kube, now}: Lib, ref: AppRef, {provides}: Revision): Promise<Record<string, Grant>> {
  const orHere = async <T>(list: (options: {namespace?: string}) => Promise<T>): Promise<T> =>
    list({}).catch(error => {
      if (isForbidden(error)) return list({namespace: ref.namespace})
      throw error
    })
  const [apps, kept] = await Promise.all([
    orHere(options => listAnchors(kube, options)),
    orHere(options => listRetained(kube, options)),
  ])
  const users = apps.filter(app => Object.values(app.bindings).includes(formatRef(ref)))
  const uses = await Promise.all([
    ...kept.map(async ({ref: consumer, secret}) => ({
      consumer,
      state: 'retained' as const,
      bindings: await orNone(async () => (await readRevisionSecret(kube, consumer, secret)).revision.bindings),
    })),
    ...users.map(async ({ref: consumer}) => ({
      consumer,
      state: 'granted' as const,
      bindings: await orNone(async () => bindingsOf(await findAnchor(kube, consumer))),
    })),
  ])
  const grants: Record<string, Grant> = {}
  for (const {consumer, state, bindings} of uses)
    for (const [parameter, {provider, request, interface: kind}] of Object.entries(bindings)) {
      if (!('app' in provider) || !sameApp(provider.app, ref) || provides[provider.endpoint] === undefined) continue
      const use = {consumer, parameter, endpoint: provider.endpoint, interface: kind, request}
      grants[grantKey(use)] = {...use, state, since: now().toISOString()}
    }
  return grants
}

/** While it changes it uses both what it had and what it shall have. */
const bindingsOf = (anchor: Anchor | undefined): Record<string, Binding> => ({
  ...anchor?.current?.bindings,
  ...(anchor && changeOf(anchor)?.target.bindings),
})

/** One user that cannot be read does not stand in the way of the rest. */
async function orNone(read: () => Promise<Record<string, Binding>>): Promise<Record<string, Binding>> {
  try {
    return await read()
  } catch (error) {
    if (isUnreadable(error)) return {}
    throw error
  }
}

/** @throws UserError `app.exists` where there is nothing to mend */
async function isBroken(lib: Lib, ref: AppRef): Promise<boolean> {
  let locked = false
  try {
    const anchor = await findAnchor(lib.kube, ref, lib.signal)
    if (anchor === undefined) return false
    if (anchor.current === undefined && anchor.pending === undefined) return true
    locked = anchor.operation !== undefined && anchor.pending === undefined
  } catch (error) {
    if (isCorrupt(error)) return true
    throw error
  }
  throw new UserError('app.exists', {
    message: `the anchor of ${formatRef(ref)} is there and readable: nothing to recover`,
    hint: `berth app ${locked ? 'abort' : 'status'} ${ref.name} -n ${ref.namespace}`,
  })
}
