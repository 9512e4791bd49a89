import type {KindRef} from './types.ts'

/** Kinds that every Kubernetes since 1.25 serves in these versions: asking how would put a request before the first that does something. */
const namespaced: Record<string, string[]> = {
  v1: [
    'ConfigMap',
    'Event',
    'LimitRange',
    'PersistentVolumeClaim',
    'Pod',
    'ResourceQuota',
    'Secret',
    'Service',
    'ServiceAccount',
  ],
  'apps/v1': ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'batch/v1': ['CronJob', 'Job'],
  'coordination.k8s.io/v1': ['Lease'],
  'discovery.k8s.io/v1': ['EndpointSlice'],
  'networking.k8s.io/v1': ['Ingress', 'NetworkPolicy'],
  'policy/v1': ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io/v1': ['Role', 'RoleBinding'],
}
const clusterScoped: Record<string, string[]> = {
  v1: ['Namespace', 'Node', 'PersistentVolume'],
  'apiextensions.k8s.io/v1': ['CustomResourceDefinition'],
  'networking.k8s.io/v1': ['IngressClass'],
  'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding'],
  'storage.k8s.io/v1': ['StorageClass'],
}

/** undefined: not known here, ask the server. */
export function isNamespaced({apiVersion, kind}: KindRef): boolean | undefined {
  if (namespaced[apiVersion]?.includes(kind)) return true
  return clusterScoped[apiVersion]?.includes(kind) ? false : undefined
}

/** Holds for the kinds above. */
export function pluralOf(kind: string): string {
  const singular = kind.toLowerCase()
  if (singular.endsWith('s')) return `${singular}es`
  return singular.endsWith('y') ? `${singular.slice(0, -1)}ies` : `${singular}s`
}
