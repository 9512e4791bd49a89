/** A kind of Kubernetes, as an object says it. */
interface Typed {
  apiVersion: string
  kind: string
}

/** Kinds of Kubernetes itself, and widely used ones, that have no namespace; anything else has one unless `$scope: cluster` says not. */
const clusterScoped = kindsOf({
  '': 'Namespace Node PersistentVolume ComponentStatus',
  'apiregistration.k8s.io': 'APIService',
  'admissionregistration.k8s.io':
    'MutatingWebhookConfiguration ValidatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding MutatingAdmissionPolicy MutatingAdmissionPolicyBinding',
  'apiextensions.k8s.io': 'CustomResourceDefinition',
  'authentication.k8s.io': 'TokenReview SelfSubjectReview',
  'authorization.k8s.io': 'SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
  'certificates.k8s.io': 'CertificateSigningRequest ClusterTrustBundle',
  'flowcontrol.apiserver.k8s.io': 'FlowSchema PriorityLevelConfiguration',
  'networking.k8s.io': 'IngressClass ServiceCIDR IPAddress',
  'node.k8s.io': 'RuntimeClass',
  'scheduling.k8s.io': 'PriorityClass',
  'rbac.authorization.k8s.io': 'ClusterRole ClusterRoleBinding',
  'resource.k8s.io': 'DeviceClass ResourceSlice',
  'storage.k8s.io': 'StorageClass CSIDriver CSINode VolumeAttachment VolumeAttributesClass',
  'snapshot.storage.k8s.io': 'VolumeSnapshotClass VolumeSnapshotContent',
  'gateway.networking.k8s.io': 'GatewayClass',
  'cert-manager.io': 'ClusterIssuer',
})

/** Their names are fixed by what they are, so they cannot carry the app's. */
const fixedNames = kindsOf({
  'apiextensions.k8s.io': 'CustomResourceDefinition',
  'apiregistration.k8s.io': 'APIService',
  'storage.k8s.io': 'CSIDriver',
})

/** `Deployment.apps`, `Secret`: kind and group, as ApplySets and inventories write them. */
export function groupKind(object: Typed): string {
  return named(object.kind, object.apiVersion.slice(0, Math.max(0, object.apiVersion.indexOf('/'))))
}

export function isClusterScoped(object: Typed): boolean {
  return clusterScoped.has(groupKind(object))
}

export function hasFixedName(object: Typed): boolean {
  return fixedNames.has(groupKind(object))
}

function named(kind: string, group: string): string {
  return group === '' ? kind : `${kind}.${group}`
}

/** @param byGroup kinds of each API group, with blanks between them */
function kindsOf(byGroup: Readonly<Record<string, string>>): ReadonlySet<string> {
  return new Set(Object.entries(byGroup).flatMap(([group, kinds]) => kinds.split(' ').map(kind => named(kind, group))))
}

/** Where a workload keeps its pod template, and whether it has a selector and replicas. */
interface Workload {
  pod: readonly string[]
  selector: boolean
  replicas: boolean
}

const template = ['spec', 'template']
const workloads: Readonly<Record<string, Workload>> = {
  'Deployment.apps': {pod: template, selector: true, replicas: true},
  'StatefulSet.apps': {pod: template, selector: true, replicas: true},
  'ReplicaSet.apps': {pod: template, selector: true, replicas: true},
  'DaemonSet.apps': {pod: template, selector: true, replicas: false},
  'Job.batch': {pod: template, selector: false, replicas: false},
  'CronJob.batch': {pod: ['spec', 'jobTemplate', ...template], selector: false, replicas: false},
}

export function workloadOf(object: Typed): Workload | undefined {
  return workloads[groupKind(object)]
}
