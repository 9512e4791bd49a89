import type {AnchorSummary} from '../anchor/index.ts'
import {formatRef, listAnchors} from '../anchor/index.ts'
import type {Kube} from '../kube/index.ts'
import {ifAllowed} from '../kube/index.ts'
import {inUse, usersUnknown} from './errors.ts'
import type {SharedKind, SharedRef, SharedUser} from './scope.ts'
import {scopeOf} from './scope.ts'

/** Of each shared thing (`namespace/name`), who uses it. */
export type Users = ReadonlyMap<string, SharedUser[]>

/**
 * Who uses what is shared: one list of the anchors' metadata. What stands in a namespace only its own apps can use.
 * @returns undefined where all namespaces would have to be listed, and may not be
 */
export async function listUsers(
  kube: Kube,
  kind: SharedKind,
  ref: Pick<SharedRef, 'namespace'>,
  signal: AbortSignal,
): Promise<Users | undefined> {
  const where = scopeOf({...ref, name: ''}) === 'cluster' ? {} : {namespace: ref.namespace}
  const anchors = await ifAllowed(listAnchors(kube, {...where, signal}))
  return anchors && byShared(anchors, kind)
}

function byShared(apps: AnchorSummary[], kind: SharedKind): Users {
  const uses = apps.flatMap(app => usesOf(app, kind).map(([parameter, shared]) => ({app: app.ref, parameter, shared})))
  const grouped = Map.groupBy(uses, ({shared}) => shared)
  return new Map(
    [...grouped].map(([shared, of]) => [
      shared,
      [...Map.groupBy(of, ({app}) => app)].map(([app, its]) => ({app, parameters: its.map(use => use.parameter)})),
    ]),
  )
}

function usesOf({values, bindings}: AnchorSummary, kind: SharedKind): [string, string][] {
  if (kind === 'value') return Object.entries(values)
  const services = Object.entries(bindings).filter(([, provider]) => provider.startsWith('service:'))
  return services.map(([parameter, provider]) => [parameter, provider.slice('service:'.length)])
}

/** Who uses this one; null where nobody can tell. */
export async function usersOf(
  kube: Kube,
  kind: SharedKind,
  ref: SharedRef,
  signal: AbortSignal,
): Promise<SharedUser[] | null> {
  return usersIn(await listUsers(kube, kind, ref, signal), ref)
}

/** Null where nobody can tell. */
export const usersIn = (users: Users | undefined, ref: SharedRef): SharedUser[] | null =>
  users === undefined ? null : (users.get(formatRef(ref)) ?? [])

/** @throws UserError `value.in-use`, `service.in-use`, also where nobody can tell */
export async function refuseIfUsed(kube: Kube, kind: SharedKind, ref: SharedRef, signal: AbortSignal): Promise<void> {
  const users = await usersOf(kube, kind, ref, signal)
  if (users === null) throw usersUnknown(kind, ref)
  if (users.length > 0) throw inUse(kind, ref, users)
}
