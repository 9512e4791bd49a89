import {type Access, type Kube, missingIn} from '../kube/index.ts'

/** What berth does with a kind in the namespace of an app. */
interface Need {
  group: string
  resource: string
  subresource?: string
  verbs: string[]
  /** What cannot be done without it, where the rest works. */
  optional?: string
}

const ALL = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']
const READ = ['get', 'list', 'watch']

const NEEDS: Need[] = [
  ...['configmaps', 'secrets', 'services', 'serviceaccounts', 'persistentvolumeclaims'].map(resource => ({
    group: '',
    resource,
    verbs: ALL,
  })),
  {group: 'coordination.k8s.io', resource: 'leases', verbs: ['get', 'create', 'update', 'patch', 'delete', 'watch']},
  ...['deployments', 'statefulsets'].map(resource => ({group: 'apps', resource, verbs: ALL})),
  ...['deployments', 'statefulsets'].map(resource => ({
    group: 'apps',
    resource,
    subresource: 'scale',
    verbs: ['get', 'patch', 'update'],
  })),
  {group: 'apps', resource: 'replicasets', verbs: READ},
  {group: 'batch', resource: 'jobs', verbs: ALL},
  {group: '', resource: 'pods', verbs: READ},
  {group: '', resource: 'pods', subresource: 'log', verbs: ['get']},
  {group: '', resource: 'events', verbs: ['list']},
  {
    group: '',
    resource: 'pods',
    subresource: 'exec',
    verbs: ['create', 'get'],
    optional: 'databases for other apps, backups',
  },
  {group: 'networking.k8s.io', resource: 'ingresses', verbs: ALL, optional: 'publishing apps under a host name'},
  {group: 'apps', resource: 'daemonsets', verbs: ALL, optional: 'packages with one pod on each node'},
  {group: 'batch', resource: 'cronjobs', verbs: ALL, optional: 'packages with scheduled jobs'},
  {group: 'autoscaling', resource: 'horizontalpodautoscalers', verbs: ALL, optional: 'autoscaling'},
  {group: 'policy', resource: 'poddisruptionbudgets', verbs: ALL, optional: 'packages that limit disruptions'},
  {group: 'networking.k8s.io', resource: 'networkpolicies', verbs: ALL, optional: 'packages with network policies'},
  {group: 'rbac.authorization.k8s.io', resource: 'roles', verbs: ALL, optional: 'packages that talk to Kubernetes'},
  {
    group: 'rbac.authorization.k8s.io',
    resource: 'rolebindings',
    verbs: ALL,
    optional: 'packages that talk to Kubernetes',
  },
]

/** A permission that is missing: `create, patch deployments.apps`. */
export interface Missing {
  rule: string
  optional: string | undefined
}

/**
 * What berth would need in the namespace and may not do. One request; where an authorizer cannot list its rules, each doubt is asked
 * about on its own.
 */
export async function missingPermissions(kube: Kube, namespace: string, signal: AbortSignal): Promise<Missing[]> {
  const asked = NEEDS.map(need => ({need, accesses: need.verbs.map(verb => accessOf(need, verb, namespace))}))
  const accesses = asked.flatMap(each => each.accesses)
  const missing = new Set(await missingIn(kube, namespace, accesses, {signal}))
  return asked.flatMap(({need, accesses: own}) => {
    const verbs = own.filter(access => missing.has(access)).map(({verb}) => verb)
    return verbs.length === 0 ? [] : [{rule: `${verbs.join(', ')} ${resourceName(need)}`, optional: need.optional}]
  })
}

function accessOf({group, resource, subresource}: Need, verb: string, namespace: string): Access {
  return {verb, group, resource, namespace, ...(subresource !== undefined && {subresource})}
}

const resourceName = ({group, resource, subresource}: Need) =>
  `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`
