import type {KindRef, Kube, ObjectRef, Resource} from './types.ts'

/** `/apis/apps/v1/namespaces/x/deployments`; over all namespaces without one. */
function collectionPath(resource: Resource, namespace: string | undefined): string {
  const within = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${resource.base}${within}/${resource.plural}`
}

/** The path of one object; without a namespace in the ref, a namespaced kind is looked for in the connection's own. */
export async function objectPath(kube: Kube, ref: ObjectRef, subresource?: string): Promise<string> {
  const resource = await kube.resourceOf(ref)
  const below = subresource === undefined ? '' : `/${subresource}`
  return `${collectionPath(resource, ref.namespace ?? kube.target.namespace)}/${encodeURIComponent(ref.name)}${below}`
}

export async function kindPath(kube: Kube, kind: KindRef, namespace: string | undefined): Promise<string> {
  return collectionPath(await kube.resourceOf(kind), namespace)
}

/** What names an object that was read. @public */
export function refOf(object: {
  apiVersion: string
  kind: string
  metadata: {name: string; namespace?: string}
}): ObjectRef {
  const {apiVersion, kind, metadata} = object
  return {
    apiVersion,
    kind,
    name: metadata.name,
    ...(metadata.namespace !== undefined && {namespace: metadata.namespace}),
  }
}
