import type {AppRef, Member} from '../anchor/index.ts'
import {applySetId, label, podsOf} from '../anchor/index.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {findObject, isForbidden, isNotFound, listMetadata, listObjects} from '../kube/index.ts'
import {kindKey} from './identity.ts'
import {readiness} from './ready.ts'

/** A member of an app as it stands: there, gone, or not ours to see. */
export interface LiveMember {
  member: Member
  live: KubeObject | 'gone' | 'hidden'
}

/** Members in the order of the inventory: one list a kind, in parallel; of Secrets the metadata alone. */
export async function readMembers(
  kube: Kube,
  app: AppRef,
  members: Member[],
  signal: AbortSignal,
): Promise<LiveMember[]> {
  const groups = Map.groupBy(members, member => `${kindKey(member)} ${member.namespace ?? ''}`)
  const read = (await Promise.all([...groups.values()].map(group => readGroup(kube, app, group, signal)))).flat()
  const found = new Map(read.map(each => [each.member, each]))
  return members.flatMap(member => found.get(member) ?? [])
}

async function readGroup(kube: Kube, app: AppRef, group: Member[], signal: AbortSignal): Promise<LiveMember[]> {
  const [first] = group
  if (first === undefined) return []
  const {apiVersion, kind, namespace} = first
  const list = kind === 'Secret' ? listMetadata : listObjects
  try {
    const labelSelector = `${label.partOf}=${applySetId(app)}`
    const {items} = await list(kube, {apiVersion, kind}, {namespace, labelSelector, signal})
    // One that lost its label is still there.
    return await Promise.all(
      group.map(async (member): Promise<LiveMember> => {
        const listed = items.find(({metadata}) => metadata.name === member.name)
        const live = listed ?? (await findObject(kube, member, {signal}))
        return {member, live: live === undefined ? 'gone' : {...live, apiVersion, kind}}
      }),
    )
  } catch (error) {
    if (isForbidden(error)) return group.map(member => ({member, live: 'hidden'}))
    if (isNotFound(error)) return group.map(member => ({member, live: 'gone'}))
    throw error
  }
}

export const readPods = async (kube: Kube, {namespace, name}: AppRef, signal: AbortSignal): Promise<KubeObject[]> =>
  (await listObjects(kube, {apiVersion: 'v1', kind: 'Pod'}, {namespace, labelSelector: podsOf(name), signal})).items

/** How a member stands; null where it may not be read. One that is going away is not as it should be. */
export function judge(live: LiveMember['live']): {ready: boolean | null; message: string} {
  if (live === 'gone') return {ready: false, message: 'is gone'}
  if (live === 'hidden') return {ready: null, message: 'may not be read'}
  if (live.metadata.deletionTimestamp !== undefined) return {ready: false, message: 'is being deleted'}
  return readiness(live)
}
