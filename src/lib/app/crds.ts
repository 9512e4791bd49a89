import type {AppRef, Lock, Revision} from '../anchor/index.ts'
import {annotation, formatRef, label, managedBy} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {applyObject, findObject, isConflict, isForbidden, mergePatch, refOf, watchObjects} from '../kube/index.ts'
import {diffObjects} from './diff.ts'
import {waitTimeout} from './errors.ts'
import {kindKey} from './identity.ts'
import {readiness} from './ready.ts'
import type {SealedObject} from './seal.ts'
import type {Compared} from './types.ts'

// A definition of a kind is the whole cluster's: no app owns it, uninstalling removes none, and every app that brought it is named on it.
const manager = 'berth.crds'
const crd = {apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition'}

const isOurs = ({metadata}: KubeObject): boolean => metadata.labels?.[label.managedBy] === managedBy

const versionsOf = (object: KubeObject): string[] =>
  ((object.spec as {versions?: {name: string}[]} | undefined)?.versions ?? []).map(({name}) => name)

function usersOf({metadata}: KubeObject): string[] {
  return (metadata.annotations?.[annotation.users] ?? '').split(',').filter(Boolean)
}

function asShared({metadata, ...object}: KubeObject, users: string[]): KubeObject {
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: {...metadata.labels, [label.managedBy]: managedBy},
      annotations: {...metadata.annotations, [annotation.users]: users.join(',')},
    },
  } as KubeObject
}

/** Those that someone else brought are theirs to upgrade. Of our own, none may lose a version that objects are stored in. */
function fault(desired: KubeObject, live: KubeObject): {code: string; message: string} | undefined {
  const {name} = desired.metadata
  const lacking = (wanted: string[], there: string[]) => wanted.filter(version => !there.includes(version))
  if (!isOurs(live)) {
    const missing = lacking(versionsOf(desired), versionsOf(live))
    const message = `the definition ${name}, which others made, has no version ${missing.join(', ')}`
    return missing.length === 0 ? undefined : {code: 'object.exists', message}
  }
  const {storedVersions = []} = (live.status ?? {}) as {storedVersions?: string[]}
  const lost = lacking(storedVersions, versionsOf(desired))
  const message = `the definition ${name} would lose version ${lost.join(', ')}, in which objects are stored`
  return lost.length === 0 ? undefined : {code: 'object.conflict', message}
}

/** What becomes of a definition. */
export async function compareCrd(kube: Kube, app: AppRef, {object, id}: SealedObject): Promise<Partial<Compared>> {
  const live = await findObject(kube, refOf(object))
  const users = [...new Set([...(live === undefined ? [] : usersOf(live)), formatRef(app)])]
  const shared = asShared(object, users)
  if (live === undefined) {
    await applyObject(kube, shared, {fieldManager: manager, dryRun: true})
    return {}
  }
  const wrong = fault(object, live)
  const way = {isNew: false, adopted: false, keep: []}
  if (wrong !== undefined) return {way, failed: {name: id, status: 'failed', ...wrong}}
  const about = {object: refOf(object), reversal: 'reversible' as const}
  if (!isOurs(live)) return {way, step: {do: 'keep', ...about, why: 'it is there, made by others'}}
  const applied = await applyObject(kube, shared, {fieldManager: manager, dryRun: true, force: true})
  const changes = diffObjects(live, applied.object)
  if (changes.length === 0) return {way, step: {do: 'keep', ...about, why: 'unchanged'}}
  return {way, step: {do: 'update', ...about, changes}}
}

/** Writes a definition, with this app among its users, and waits until the server knows its kind. */
export async function applyCrd(
  kube: Kube,
  app: AppRef,
  lock: Lock,
  {object}: SealedObject,
  {timeout, signal}: {timeout: number; signal: AbortSignal},
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const live = await findObject(kube, refOf(object))
    const wrong = live === undefined ? undefined : fault(object, live)
    if (wrong !== undefined) throw new UserError(wrong.code as 'object.conflict', {message: wrong.message})
    if (live !== undefined && !isOurs(live)) break
    const shared = asShared(object, [...new Set([...(live === undefined ? [] : usersOf(live)), formatRef(app)])])
    const {uid = '', resourceVersion = ''} = live?.metadata ?? {}
    const exact = live === undefined ? shared : {...shared, metadata: {...shared.metadata, uid, resourceVersion}}
    lock.assertHeld()
    try {
      await applyObject(kube, exact, {fieldManager: manager, force: live !== undefined})
      break
    } catch (error) {
      // Another app came or went meanwhile.
      if (!isConflict(error) || attempt >= 5) throw error
    }
  }
  await untilEstablished(kube, app, object.metadata.name, timeout, signal)
}

async function untilEstablished(kube: Kube, app: AppRef, name: string, timeout: number, stop: AbortSignal) {
  const over = AbortSignal.timeout(timeout)
  const signal = AbortSignal.any([over, stop])
  try {
    for await (const event of watchObjects(kube, crd, {fieldSelector: `metadata.name=${name}`, signal})) {
      const live = event.type === 'synced' ? event.objects[0] : event.object
      if (live !== undefined && readiness({...live, ...crd}).ready) return
    }
  } catch (error) {
    if (!over.aborted) throw error
  }
  stop.throwIfAborted()
  throw waitTimeout(app, timeout / 1000, `the definition ${name} to be established`)
}

/** Names of the definitions that a revision brings: they are no members, but have a hash like every object. */
export const crdsOf = (revision: Revision | undefined): string[] =>
  Object.keys(revision?.objects ?? {}).flatMap(id =>
    id.startsWith(`${kindKey(crd)}/`) ? [id.slice(kindKey(crd).length + 1)] : [],
  )

/** Takes an app out of the users of a definition, which stays. @returns what could not be done, for the user to know */
export async function leaveCrd(kube: Kube, app: AppRef, name: string): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      const live = await findObject(kube, {...crd, name})
      if (live === undefined || !isOurs(live) || !usersOf(live).includes(formatRef(app))) return undefined
      const users = usersOf(live).filter(user => user !== formatRef(app))
      const metadata = {
        resourceVersion: live.metadata.resourceVersion,
        annotations: {[annotation.users]: users.join(',')},
      }
      await mergePatch(kube, {...crd, name}, {metadata}, {fieldManager: manager})
      return undefined
    } catch (error) {
      if (isForbidden(error))
        return `the definition ${name} still names ${formatRef(app)} as a user: you may not change it`
      if (!isConflict(error) || attempt >= 5) throw error
    }
  }
}
