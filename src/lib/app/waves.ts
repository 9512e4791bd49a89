import type {KindRef} from '../kube/index.ts'
import {levelsOf} from '../levels.ts'
import type {Component} from '../package/index.ts'
import {kindKey} from './identity.ts'

// The order in which an app comes up; it goes in reverse. What stands in one wave depends on nothing else in it.
const order = [
  ['namespaces and custom resource definitions', ['Namespace', 'CustomResourceDefinition.apiextensions.k8s.io']],
  [
    'accounts and roles',
    [
      'ServiceAccount',
      'Role.rbac.authorization.k8s.io',
      'ClusterRole.rbac.authorization.k8s.io',
      'RoleBinding.rbac.authorization.k8s.io',
      'ClusterRoleBinding.rbac.authorization.k8s.io',
    ],
  ],
  [
    'quotas and policies',
    [
      'ResourceQuota',
      'LimitRange',
      'NetworkPolicy.networking.k8s.io',
      'PodDisruptionBudget.policy',
      'PriorityClass.scheduling.k8s.io',
      'StorageClass.storage.k8s.io',
    ],
  ],
  ['secrets and settings', ['Secret', 'ConfigMap', 'Issuer.cert-manager.io', 'ClusterIssuer.cert-manager.io']],
  ['certificates', ['Certificate.cert-manager.io']],
  ['volumes', ['PersistentVolume', 'PersistentVolumeClaim']],
  ['services', ['Service', 'Endpoints', 'EndpointSlice.discovery.k8s.io']],
  ['components', []],
  ['autoscalers', ['HorizontalPodAutoscaler.autoscaling']],
  [
    'webhooks',
    [
      'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
      'MutatingWebhookConfiguration.admissionregistration.k8s.io',
      'APIService.apiregistration.k8s.io',
    ],
  ],
  [
    'publishing',
    [
      'Ingress.networking.k8s.io',
      'HTTPRoute.gateway.networking.k8s.io',
      'TCPRoute.gateway.networking.k8s.io',
      'TLSRoute.gateway.networking.k8s.io',
    ],
  ],
] as const satisfies [string, string[]][]

export type Wave = (typeof order)[number][0]
export const waves: Wave[] = order.map(([name]) => name)

const waveByKind = new Map<string, Wave>(order.flatMap(([name, kinds]) => kinds.map(kind => [kind, name] as const)))

/** Workloads and kinds that we do not know come up with their component. */
export const waveOf = (kind: KindRef): Wave => waveByKind.get(kindKey(kind)) ?? 'components'

/** Components in levels: each level after all that it names in `after`. The manifest's check has refused circles. */
export function componentLevels(components: Record<string, Component>): string[][] {
  const {levels, circle} = levelsOf(Object.keys(components), name => components[name]?.after ?? [])
  if (circle.length > 0) throw new Error(`components wait for each other: ${circle.join(', ')}`)
  return levels
}
