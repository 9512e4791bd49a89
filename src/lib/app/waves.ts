import type {KindRef} from '../kube/index.ts'
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
  ['secrets and settings', ['Secret', 'ConfigMap']],
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

/** Components in levels: each level after all that it names in `after`. The manifest's check has refused cycles. */
export function componentLevels(components: Record<string, Component>): string[][] {
  const levels: string[][] = []
  const placed = new Set<string>()
  let left = Object.keys(components)
  while (left.length > 0) {
    const level = left.filter(name =>
      (components[name]?.after ?? []).every(other => placed.has(other) || components[other] === undefined),
    )
    if (level.length === 0) throw new Error(`components wait for each other: ${left.join(', ')}`)
    for (const name of level) placed.add(name)
    levels.push(level)
    left = left.filter(name => !placed.has(name))
  }
  return levels
}
