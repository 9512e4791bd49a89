import type {Position} from '../expr/index.ts'
import {groupKind, isClusterScoped} from './kinds.ts'
import {describeObject, isFields, listAt} from './objects.ts'
import type {ManifestObject, RenderedObject} from './types.ts'

/** Something in an object that reaches beyond the app's namespace: it must be in `needs`, and the user must agree. */
export interface Reach {
  /** As it is written under `needs`: `ClusterRole`, `privileged`, `hostPath`, … */
  what: string
  /** `Deployment wiki-web`. */
  object: string
  position: Position
}

/** What rendered objects reach for beyond their namespace. Looked for at any depth: custom resources carry pod templates, too. */
export function findReaches(objects: readonly Pick<RenderedObject, 'object' | 'position'>[]): Reach[] {
  return objects.flatMap(({object, position}) =>
    [...reachesOf(object)].map(what => ({what, object: describeObject(object), position})),
  )
}

/** Names that may stand under `needs` besides kinds. */
export const podReaches = ['privileged', 'hostPath', 'hostNetwork', 'hostPID', 'hostIPC', 'hostPort', 'capabilities']

function reachesOf(object: ManifestObject): Set<string> {
  const found = new Set<string>()
  // Without a namespace after rendering: a cluster-scoped kind, or `$scope: cluster`.
  if (isClusterScoped(object) || object.metadata.namespace === undefined) found.add(object.kind)
  // A definition's schema speaks of such fields without asking for them; data is only data.
  if (!['CustomResourceDefinition.apiextensions.k8s.io', 'ConfigMap', 'Secret'].includes(groupKind(object)))
    walk(object, found)
  return found
}

function walk(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, found)
    return
  }
  if (!isFields(value)) return
  for (const flag of ['privileged', 'hostNetwork', 'hostPID', 'hostIPC']) if (value[flag] === true) found.add(flag)
  if (isFields(value.hostPath)) found.add('hostPath')
  if (typeof value.hostPort === 'number' && value.hostPort > 0) found.add('hostPort')
  if (listAt(value, 'capabilities', 'add').some(capability => capability !== 'NET_BIND_SERVICE'))
    found.add('capabilities')
  for (const item of Object.values(value)) walk(item, found)
}
