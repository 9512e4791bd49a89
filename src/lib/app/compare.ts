import type {AppRef} from '../anchor/index.ts'
import {applySetId, fieldManager, label} from '../anchor/index.ts'
import {RemoteError} from '../errors.ts'
import type {Kube} from '../kube/index.ts'
import {applyObject, findObject, isConflict, isForbidden, isNotFound, isUnknownKind, refOf} from '../kube/index.ts'
import {diffObjects} from './diff.ts'
import {isMember} from './identity.ts'
import type {Check, DesiredObject, Step} from './types.ts'

/** A failed check with the code that its error shall have, were it the only one. */
export type FailedCheck = Check & {code: string}

export interface Compared {
  step: Extract<Step, {do: 'create' | 'update' | 'keep'}>
  /** What speaks against writing this object. */
  failed: FailedCheck | undefined
  unverified: Check | undefined
}

/**
 * Holds one desired object against the cluster by a dry run on the server: what would be made, what would change, whether it is ours
 * to change. Writes nothing.
 */
export async function compareObject(
  kube: Kube,
  app: AppRef,
  desired: DesiredObject,
  options: {adopt: boolean},
): Promise<Compared> {
  const object = refOf(desired.object)
  const component = desired.component === undefined ? {} : {component: desired.component}
  const create = {do: 'create' as const, object, ...component, reversal: 'reversible' as const}
  try {
    const applied = await applyObject(kube, desired.object, {fieldManager: fieldManager(app), dryRun: true})
    if (applied.created) return {step: create, failed: undefined, unverified: undefined}
    const live = await findObject(kube, object)
    if (live === undefined) return {step: create, failed: undefined, unverified: undefined}
    if (!isMember(app, object, live) && !options.adopt)
      return {step: create, failed: taken(app, desired, live.metadata.labels?.[label.partOf]), unverified: undefined}
    const changes = diffObjects(live, applied.object)
    if (changes.length === 0)
      return {
        step: {do: 'keep', object, ...component, why: 'unchanged', reversal: 'reversible'},
        failed: undefined,
        unverified: undefined,
      }
    return {
      step: {do: 'update', object, ...component, changes, reversal: 'reversible'},
      failed: undefined,
      unverified: undefined,
    }
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    if (error.code === 'object.conflict') {
      // Others own fields of it. Whose it is says more than which fields those are.
      const live = await findObject(kube, object)
      if (live !== undefined && !isMember(app, object, live)) {
        const failed = taken(app, desired, live.metadata.labels?.[label.partOf])
        if (failed.code === 'object.owned-by-app' || !options.adopt)
          return {step: create, failed, unverified: undefined}
      }
    }
    return {step: create, ...judge(app, desired, error)}
  }
}

function judge(app: AppRef, desired: DesiredObject, error: RemoteError): Pick<Compared, 'failed' | 'unverified'> {
  const fail = (code: string, message: string, remedy?: string) => ({
    failed: {name: desired.id, status: 'failed' as const, code, message, ...(remedy !== undefined && {remedy})},
    unverified: undefined,
  })
  // As values: as type guards they would leave nothing of the error's type for what follows.
  const [conflict, unknownKind, missing, forbidden] = [
    error.code === 'object.conflict' || isConflict(error),
    isUnknownKind(error),
    isNotFound(error),
    isForbidden(error),
  ] as boolean[]
  if (conflict) {
    if (error.message.includes(label.partOf)) return {failed: taken(app, desired, 'another'), unverified: undefined}
    return fail('object.conflict', `${desired.id}: ${error.message}`)
  }
  if (unknownKind)
    return {
      failed: undefined,
      unverified: {
        name: desired.id,
        status: 'unverified',
        message: `${desired.id}: its kind is not in the cluster yet`,
      },
    }
  if (error.code === 'namespace.not-found' || (missing === true && desired.object.metadata.namespace !== undefined))
    return fail(
      'namespace.not-found',
      `namespace ${desired.object.metadata.namespace} does not exist`,
      '--create-namespace',
    )
  if (forbidden)
    return fail(
      error.message.includes('exceeded quota') ? 'quota.exceeded' : 'cluster.forbidden',
      `${desired.id}: ${error.message}`,
      error.hint[0],
    )
  // A placeholder stands where an output of a binding will: the server may find that invalid, and be right only now.
  if (error.status === 422 && JSON.stringify(desired.object).includes('known after provisioning'))
    return {
      failed: undefined,
      unverified: {
        name: desired.id,
        status: 'unverified',
        message: `${desired.id}: can be checked only once its bindings are provisioned`,
      },
    }
  if (['cluster.unreachable', 'cluster.unavailable', 'cluster.unauthorized'].includes(error.code)) throw error
  return fail('preflight.failed', `${desired.id}: ${error.message}`)
}

function taken(app: AppRef, desired: DesiredObject, partOf: string | undefined): FailedCheck {
  const owned = partOf !== undefined && partOf !== applySetId(app)
  const where =
    desired.object.metadata.namespace === undefined ? '' : ` in namespace ${desired.object.metadata.namespace}`
  return owned
    ? {
        name: desired.id,
        status: 'failed',
        code: 'object.owned-by-app',
        message: `${desired.object.kind} ${desired.object.metadata.name}${where} belongs to another app`,
        remedy: 'give one of the two apps another name',
      }
    : {
        name: desired.id,
        status: 'failed',
        code: 'object.exists',
        message: `${desired.object.kind} ${desired.object.metadata.name}${where} exists and was not made by this app`,
        remedy: '--adopt   take it over',
      }
}
