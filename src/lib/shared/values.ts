import {type Actor, formatRef, recordRevealed} from '../anchor/index.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import type {SharedValue} from '../params/index.ts'
import {badName, notFound, otherKind, tooLong} from './errors.ts'
import type {Listing, SharedRef, SharedUser} from './scope.ts'
import {
  deletePart,
  findPart,
  fromBothScopes,
  isSharedName,
  listParts,
  nameOf,
  nearestShared,
  scopeOf,
  writePart,
} from './scope.ts'
import {listUsers, refuseIfUsed, usersIn, usersOf} from './users.ts'

/** A shared value as lists show it. */
export interface ValueRow extends SharedRef {
  scope: 'namespace' | 'cluster'
  secret: boolean
  /** Null for a secret one. */
  value: string | null
  /** Null where nobody can tell: all namespaces would have to be listed. */
  users: SharedUser[] | null
}

/** Each app that uses a value keeps a copy, in an object of 1 MiB. */
const longest = 64 * 1024
const key = 'value'

/** What a shared value is; undefined where there is none. What a secret one says stays where it is. */
export async function findValue(kube: Kube, ref: SharedRef): Promise<SharedValue | undefined> {
  if (!isSharedName(ref.name)) return undefined
  const {namespace} = ref
  const plain = await findPart(kube, 'ConfigMap', 'value', ref)
  if (plain !== undefined) return {namespace, text: textOf(plain)}
  const secret = await findPart(kube, 'Secret', 'value', ref)
  return secret && {namespace, secret: secret.metadata.name, key}
}

/**
 * As an app of a namespace sees it: its own namespace's, or the cluster's.
 * @param reveal whom to show a secret one: that is recorded first, in an Event of its Secret
 * @throws UserError `value.not-found`; RemoteError `cluster.forbidden`
 */
export async function showValue(
  kube: Kube,
  {namespace, name}: SharedRef,
  reveal: Actor | undefined,
  signal: AbortSignal,
): Promise<ValueRow> {
  const found = await nearestShared(namespace, name, ref => findValue(kube, ref))
  if (found === undefined) throw notFound('value', {namespace, name})
  const ref = {namespace: found.namespace, name}
  const users = await usersOf(kube, 'value', ref, signal)
  if ('text' in found) return rowOf(ref, found.text, users)
  const secret = reveal === undefined ? undefined : await findPart(kube, 'Secret', 'value', ref)
  if (reveal === undefined || secret === undefined) return rowOf(ref, null, users)
  await recordRevealed(kube, reveal, secret, `the shared value ${formatRef(ref)}`)
  return {...rowOf(ref, null, users), value: textOf(secret)}
}

/** Those of a namespace and of the cluster, as far as they may be listed. */
export async function listValues(kube: Kube, listing: Listing): Promise<ValueRow[]> {
  return fromBothScopes(listing.namespace, async scope => {
    const [plain, secret, users] = await Promise.all([
      listParts(kube, 'ConfigMap', 'value', scope, listing),
      listParts(kube, 'Secret', 'value', scope, listing),
      listUsers(kube, 'value', {namespace: scope}, listing.signal),
    ])
    const row = (object: KubeObject, value: string | null) => {
      const ref = {namespace: scope, name: nameOf('value', object.metadata.name)}
      return rowOf(ref, value, usersIn(users, ref))
    }
    return [...plain.map(object => row(object, textOf(object))), ...secret.map(object => row(object, null))]
  })
}

export interface ValueSet extends Omit<ValueRow, 'value'> {
  change: 'created' | 'changed' | 'none'
}

/**
 * Makes a value or changes it. Apps that use it keep what they have until they are changed themselves.
 * @param secret undefined: as it is already, plain where it is new
 * @throws UserError `value.exists` where it would turn from plain to secret or back
 */
export async function setValue(
  kube: Kube,
  ref: SharedRef,
  {text, secret}: {text: string; secret: boolean | undefined},
  signal: AbortSignal,
): Promise<ValueSet> {
  if (!isSharedName(ref.name)) throw badName('value', ref.name)
  if (Buffer.byteLength(text) > longest) throw tooLong(ref, longest)
  const before = await findValue(kube, ref)
  const was = before && 'secret' in before
  const isSecret = secret ?? was ?? false
  if (was !== undefined && was !== isSecret) throw otherKind(ref, was)
  const part = isSecret ? 'Secret' : 'ConfigMap'
  const old = before && (was ? textOf(await findPart(kube, part, 'value', ref)) : 'text' in before ? before.text : '')
  const written = isSecret ? Buffer.from(text).toString('base64') : text
  if (old !== text) await writePart(kube, part, 'value', ref, {[key]: written}, signal)
  const {value: _, ...row} = rowOf(ref, isSecret ? null : text, await usersOf(kube, 'value', ref, signal))
  return {...row, change: old === text ? 'none' : old === undefined ? 'created' : 'changed'}
}

/** @throws UserError `value.not-found`, `value.in-use` unless forced */
export async function deleteValue(kube: Kube, ref: SharedRef, force: boolean, signal: AbortSignal): Promise<void> {
  const found = await findValue(kube, ref)
  if (found === undefined) throw notFound('value', ref)
  if (!force) await refuseIfUsed(kube, 'value', ref, signal)
  await deletePart(kube, 'secret' in found ? 'Secret' : 'ConfigMap', 'value', ref, {signal})
}

const rowOf = (ref: SharedRef, value: string | null, users: SharedUser[] | null): ValueRow => ({
  ...ref,
  scope: scopeOf(ref),
  secret: value === null,
  value,
  users,
})

function textOf(object: KubeObject | undefined): string {
  const text = (object?.data as Record<string, string> | undefined)?.[key] ?? ''
  return object?.kind === 'Secret' ? Buffer.from(text, 'base64').toString() : text
}
