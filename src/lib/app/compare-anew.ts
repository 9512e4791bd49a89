import {isDeepStrictEqual} from 'node:util'
import type {AppRef} from '../anchor/index.ts'
import {fieldManager} from '../anchor/index.ts'
import {RemoteError} from '../errors.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {createObject, deleteObject, findObject, isForbidden, refOf} from '../kube/index.ts'
import {type Growth, growClaims, outgrown} from './claims.ts'
import {podTemplateOf} from './desired.ts'
import {diffObjects} from './diff.ts'
import {isClaim, isCrd, isMember, isSet} from './identity.ts'
import type {SealedObject} from './seal.ts'
import type {Compared, FailedCheck, Way} from './types.ts'

/**
 * What becomes of an object that the server has refused to change: made anew, where only that helps. A StatefulSet whose pods and volumes
 * fit the new one hands them over, and nothing stops; anything else is lost for a moment, with what hangs on it, and that has to be allowed.
 * @returns undefined where the object is at fault, or is a volume: data is not made anew
 */
export async function compareAnew(
  kube: Kube,
  app: AppRef,
  sealed: SealedObject,
  {kept, mayRecreate}: {kept: string[]; mayRecreate: boolean},
): Promise<Compared | undefined> {
  const {id, object, component} = sealed
  const ref = refOf(object)
  if (isClaim(ref) || isCrd(ref)) return undefined
  const live = await findObject(kube, ref)
  const {uid} = live?.metadata ?? {}
  if (live === undefined || uid === undefined || !isMember(app, ref, live)) return undefined
  const anew = await tryNew(kube, app, object)
  if (anew === undefined) return undefined
  const loses = lossOf(live, anew, kept)
  const claims = isSet(live) ? await outgrown(kube, app, object) : []
  const changes = diffObjects(live, {...anew, metadata: live.metadata}).filter(({field}) => field !== 'spec.replicas')
  const {replicas} = (live.spec ?? {}) as {replicas?: number}
  const way: Way = {
    isNew: true,
    adopted: false,
    keep: [],
    anew: {uid, handsOver: loses === undefined, ...(replicas !== undefined && {replicas})},
  }
  const failed =
    (await obstacle(kube, sealed, uid, claims)) ??
    (loses === undefined || mayRecreate ? undefined : immutable(sealed, changes, loses))
  return {
    id,
    step: {
      do: 'recreate',
      object: ref,
      ...(component !== undefined && {component}),
      changes,
      grows: claims.map(({claim}) => claim.name),
      ...(loses !== undefined && {loses}),
      reversal: loses === undefined ? 'reversible' : 'compensable',
    },
    way,
    ...(failed !== undefined && {failed}),
  }
}

/** What stands in the way of making it anew: volumes of a class that lets none grow, a right to delete that is missing. */
async function obstacle(
  kube: Kube,
  {id, object}: SealedObject,
  uid: string,
  claims: Growth[],
): Promise<FailedCheck | undefined> {
  const tries: [string, () => Promise<unknown>][] = [
    [`the volumes of ${id} cannot grow`, () => growClaims(kube, claims, {dryRun: true})],
    [`${id} cannot be deleted, to be made anew`, () => deleteObject(kube, refOf(object), {uid, dryRun: true})],
  ]
  for (const [what, attempt] of tries) {
    try {
      await attempt()
    } catch (error) {
      if (!hasAnswered(error)) throw error
      const code = isForbidden(error) ? error.code : 'preflight.failed'
      const remedy = error.hint.join(' && ')
      return {name: id, status: 'failed', code, message: `${what}: ${error.message}`, ...(remedy && {remedy})}
    }
  }
  return undefined
}

const hasAnswered = (error: unknown): error is RemoteError => error instanceof RemoteError && error.status !== undefined

/** Would the server take it, were there none? Under a name of its own, and without doing it. */
async function tryNew(kube: Kube, app: AppRef, object: KubeObject): Promise<KubeObject | undefined> {
  const metadata = {...object.metadata, name: 'berth-dry-run'}
  try {
    return await createObject(kube, {...object, metadata}, {fieldManager: fieldManager(app), dryRun: true})
  } catch (error) {
    if (hasAnswered(error)) return undefined // what it said of the change counts
    throw error
  }
}

interface SetSpec {
  selector?: unknown
  volumeClaimTemplates?: {metadata: {name: string}}[]
}

const claimNames = ({spec}: KubeObject): string[] =>
  ((spec as SetSpec | undefined)?.volumeClaimTemplates ?? []).map(({metadata}) => metadata.name).sort()

/** What is lost on the way, in words; undefined where the new object takes over all that hangs on the former. */
function lossOf(live: KubeObject, anew: KubeObject, kept: string[]): string | undefined {
  const [was, will] = [claimNames(live), claimNames(anew)]
  const unused = was.filter(name => !will.includes(name))
  const selectors = [live, anew].map(({spec}) => (spec as SetSpec | undefined)?.selector)
  const fits = isSet(live) && isDeepStrictEqual(was, will) && isDeepStrictEqual(selectors[0], selectors[1])
  if (fits && kept.length === 0) return undefined
  const words = [
    ...(podTemplateOf(live) === undefined || fits
      ? []
      : [live.kind === 'Job' ? 'it runs once more' : 'its pods stop before new ones are made']),
    ...(unused.length > 0 ? [`its volumes ${unused.join(', ')} stay and are not used any more`] : []),
    ...(live.kind === 'Service' ? ['its address in the cluster, and every connection to it'] : []),
    ...(kept.length > 0 ? [`what others set in it: ${kept.join(', ')}`] : []),
  ]
  return words.length > 0 ? words.join('; ') : 'what others may have written into it'
}

const immutable = ({id, object}: SealedObject, changes: {field: string}[], loses: string): FailedCheck => ({
  name: id,
  status: 'failed',
  code: 'object.immutable',
  message: `${object.kind} ${object.metadata.name} cannot be changed in place (${changes.map(({field}) => field).join(', ')}). Made anew, it loses: ${loses}`,
  remedy: '--allow-recreate   make it anew',
})
