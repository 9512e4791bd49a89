import type {AppRef, OnDrift, PendingChange} from '../anchor/index.ts'
import {applySetId, fieldManager, label, scaleManager, stateManager, stopManager} from '../anchor/index.ts'
import {RemoteError} from '../errors.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {
  applyObject,
  findObject,
  isConflict,
  isForbidden,
  isManagerConflict,
  isNotFound,
  isUnknownKind,
  refOf,
  withGroup,
} from '../kube/index.ts'
import {compareAnew} from './compare-anew.ts'
import {compareCrd} from './crds.ts'
import {diffObjects} from './diff.ts'
import {type Conflict, conflictsOf, driftRule, isIgnored, plainField, without} from './drift.ts'
import {countedBy, isCrd, isMember, replicasOf} from './identity.ts'
import type {SealedObject} from './seal.ts'
import type {Compared, FailedCheck, FieldChange, Lack, Way} from './types.ts'

export interface CompareOptions {
  mayAdopt(id: string): boolean
  onDrift: OnDrift | undefined
  /** Rules for fields that are left to others. */
  ignore: readonly string[]
  /** Objects that lose something in being made anew. */
  mayRecreate(id: string): boolean
  pending: Pick<PendingChange, 'anew'> | undefined
  /** What keeps the app at rest stays over what it says. */
  stopped: boolean
}

const asNew: Way = {isNew: true, adopted: false, keep: []}

/**
 * Holds one desired object against the cluster by dry runs on the server: what would be made, what would change, whether it is ours to
 * change. Writes nothing.
 */
export async function compareObject(
  kube: Kube,
  app: AppRef,
  sealed: SealedObject,
  options: CompareOptions,
): Promise<Compared> {
  const ref = refOf(sealed.object)
  const about = {object: ref, ...(sealed.component !== undefined && {component: sealed.component})}
  const create: Compared = {id: sealed.id, step: {do: 'create', ...about, reversal: 'reversible'}, way: asNew}
  const journaled = options.pending?.anew?.[sealed.id]
  let left: string[] = []
  try {
    if (isCrd(sealed.object)) return {...create, ...(await compareCrd(kube, app, sealed))}
    const first = await tryApply(kube, app, sealed.object)
    const live = first.applied?.created ? undefined : await findObject(kube, ref)
    const {uid = '', resourceVersion = '', deletionTimestamp} = live?.metadata ?? {}
    // What was being made anew when somebody pulled the plug: it is gone, or on its way.
    if (journaled !== undefined && (live === undefined || (uid === journaled.uid && deletionTimestamp !== undefined)))
      return {...create, way: {...asNew, anew: {...journaled, handsOver: false}}}
    if (live === undefined) return create
    const adopted = !isMember(app, ref, live)
    const owner = live.metadata.labels?.[label.partOf]
    const foreign = owner !== undefined && owner !== applySetId(app)
    if (adopted && (foreign || !options.mayAdopt(sealed.id))) return {...create, failed: taken(sealed, foreign)}
    const {conflicts} = first
    const rule = ({field, manager}: Conflict) => {
      if (adopted || [stateManager, scaleManager(app)].includes(manager)) return 'take'
      if (manager === stopManager(app)) return options.stopped ? 'keep' : 'take'
      return isIgnored(options.ignore, sealed.object, field) ? 'keep' : driftRule(field, options.onDrift)
    }
    left = conflicts.filter(each => rule(each) === 'keep').map(({field}) => field)
    const lessened = without(sealed.object, left)
    const refused = conflicts.filter(each => rule(each) === 'fail' || (left.includes(each.field) && !lessened))
    if (refused.length > 0) return {...create, failed: driftedAway(sealed, refused)}
    const over = conflicts.length > left.length ? {uid, resourceVersion} : undefined
    // Said by the app's manager in making it anew, and to be its own manager's: dropped before, it would become 1.
    const {replicas} = (live.spec ?? {}) as {replicas?: number}
    const count = countedBy(live) === fieldManager(app) ? replicas : undefined
    const way: Way = {
      isNew: false,
      adopted,
      keep: left,
      ...(over !== undefined && {over}),
      ...(count !== undefined && {count}),
    }
    const applied = first.applied ?? (await applyObject(kube, asWritten(sealed.object, way), dryRun(app, way)))
    const others = conflicts.filter(({manager}) => ![scaleManager(app), stopManager(app)].includes(manager))
    const differing = diffObjects(live, applied.object)
    const changes = withDrift(
      count === undefined ? differing : differing.filter(({field}) => field !== 'spec.replicas'),
      others,
    )
    const step: Compared['step'] =
      changes.length === 0
        ? {do: 'keep', ...about, why: 'unchanged', reversal: 'reversible'}
        : {do: 'update', ...about, changes, reversal: 'reversible'}
    return {id: sealed.id, step, way, ...(sealed.replicas !== undefined && {replicas: replicasOf(live)})}
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    const anew =
      error.status === 422
        ? await compareAnew(kube, app, sealed, {kept: left, mayRecreate: options.mayRecreate(sealed.id)})
        : undefined
    return anew ?? {...create, ...judge(sealed, error)}
  }
}

const dryRun = (app: AppRef, {over}: Pick<Way, 'over'>) => ({
  fieldManager: fieldManager(app),
  dryRun: true,
  force: over !== undefined,
})

/** The object as an apply sends it: without what is kept, and naming the one it may take fields from. */
export function asWritten(object: KubeObject, {keep, over}: Pick<Way, 'keep' | 'over'>): KubeObject {
  const lessened = without(object, keep) ?? object
  return over === undefined ? lessened : {...lessened, metadata: {...lessened.metadata, ...over}}
}

/** A dry run, or who owns which fields that it would set. */
async function tryApply(kube: Kube, app: AppRef, object: KubeObject) {
  try {
    return {applied: await applyObject(kube, object, dryRun(app, {})), conflicts: []}
  } catch (error) {
    if (!isManagerConflict(error)) throw error
    return {applied: undefined, conflicts: conflictsOf(error)}
  }
}

/** Says in each change whose value it replaces. */
function withDrift(changes: FieldChange[], conflicts: {manager: string; field: string}[]): FieldChange[] {
  const managers = new Map(conflicts.map(({manager, field}) => [plainField(field), manager]))
  return changes.map(change => {
    const drift = managers.get(change.field)
    return drift === undefined ? change : {...change, drift}
  })
}

function judge(sealed: SealedObject, error: RemoteError): Pick<Compared, 'failed' | 'unverified' | 'lacks'> {
  const {id, object} = sealed
  const {namespace} = object.metadata
  const fail = (code: string, message: string, remedy?: string) => ({
    failed: {name: id, status: 'failed' as const, code, message, ...(remedy !== undefined && {remedy})},
  })
  const unverified = (why: string) => ({
    unverified: {name: id, status: 'unverified' as const, message: `${id}: ${why}`},
  })
  // As values: as type guards they would leave nothing of the error's type for what follows.
  const [conflict, unknownKind, missing, forbidden] = [
    isConflict(error),
    isUnknownKind(error),
    isNotFound(error),
    isForbidden(error),
  ] as boolean[]
  if (conflict) return fail('object.conflict', `${id}: ${error.message}`)
  if (unknownKind) return unverified('its kind is not in the cluster yet')
  if (error.code === 'namespace.not-found' || (missing && namespace !== undefined))
    return fail('namespace.not-found', `namespace ${namespace} does not exist`, '--create-namespace')
  const lacks = forbidden ? lackOf(error) : undefined
  if (lacks !== undefined) return {lacks}
  if (forbidden || error.code === 'quota.exceeded') return fail(error.code, `${id}: ${error.message}`, error.hint[0])
  // A placeholder stands where an output of a binding will: the server may find that invalid, and be right only now.
  if (error.status === 422 && /: known (after provisioning|once it is made)>/.test(JSON.stringify(object)))
    return unverified('can be checked only once its bindings are provisioned and its keys are made')
  if (['cluster.unreachable', 'cluster.unavailable', 'cluster.unauthorized'].includes(error.code)) throw error
  return fail('preflight.failed', `${id}: ${error.message}`)
}

/** Undefined where it is another refusal than one of a right that can be named. */
function lackOf({details}: RemoteError): Lack | undefined {
  const {rule, verb, resource, group, namespace} = details as Record<string, string | undefined>
  return rule === undefined
    ? undefined
    : {verb: verb ?? '', resource: withGroup(resource ?? '', group ?? ''), namespace}
}

const placeOf = ({kind, metadata: {name, namespace}}: KubeObject): string =>
  `${kind} ${name}${namespace === undefined ? '' : ` in namespace ${namespace}`}`

const taken = ({id, object}: SealedObject, byApp: boolean): FailedCheck => ({
  name: id,
  status: 'failed',
  ...(byApp
    ? {
        code: 'object.owned-by-app',
        message: `${placeOf(object)} belongs to another app`,
        remedy: 'give one of the two apps another name',
      }
    : {
        code: 'object.exists',
        message: `${placeOf(object)} exists and was not made by this app`,
        remedy: '--adopt   take it over',
      }),
})

const driftedAway = ({id, object}: SealedObject, conflicts: {manager: string; field: string}[]): FailedCheck => ({
  name: id,
  status: 'failed',
  code: 'object.conflict',
  message: `${placeOf(object)}: ${conflicts.map(({manager, field}) => `${field.slice(1)} was set by ${manager}`).join(', ')}`,
  remedy: '--on-drift=keep   leave it, or --on-drift=take   set it back',
})
