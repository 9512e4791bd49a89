import type {KubeRequest} from './types.ts'

/** What a request asks for, in the words of RBAC. */
export interface RequestInfo {
  verb: string
  group: string
  /** `pods`, with its subresource `pods/exec`; empty for paths that are no resource. */
  resource: string
  namespace: string | undefined
  name: string | undefined
}

const verbs = {POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete'} as const

/** Takes the path apart as the API server does (k8s.io/apiserver, endpoints/request/requestinfo.go). */
export function requestInfo({method, path, query}: Pick<KubeRequest, 'method' | 'path' | 'query'>): RequestInfo {
  const parts =
    path
      .split('?')[0]
      ?.split('/')
      .filter(part => part !== '') ?? []
  const isCore = parts[0] === 'api'
  const group = isCore ? '' : (parts[1] ?? '')
  let rest = parts.slice(isCore ? 2 : 3).map(decodeURIComponent)
  let namespace: string | undefined
  // `/api/v1/namespaces/x` is the namespace itself, `/api/v1/namespaces/x/pods` is in it.
  if (rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize') {
    namespace = rest[1]
    rest = rest.slice(2)
  }
  const [plural = '', name, subresource] = rest
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`
  return {verb: verbOf(method, name, query), group, resource, namespace, name}
}

function verbOf(method: KubeRequest['method'], name: string | undefined, query: KubeRequest['query']): string {
  if (method !== 'GET') return verbs[method]
  if (name !== undefined) return 'get'
  return query?.watch === true || query?.watch === 'true' || query?.watch === 1 ? 'watch' : 'list'
}
