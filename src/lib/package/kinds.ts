/** Kinds of Kubernetes itself, and widely used ones, that have no namespace; anything else has one unless `$scope: cluster` says not. */
const clusterScoped = new Set([
  'Namespace',
  'Node',
  'PersistentVolume',
  'ComponentStatus',
  'APIService.apiregistration.k8s.io',
  'MutatingWebhookConfiguration.admissionregistration.k8s.io',
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io',
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io',
  'MutatingAdmissionPolicy.admissionregistration.k8s.io',
  'MutatingAdmissionPolicyBinding.admissionregistration.k8s.io',
  'CustomResourceDefinition.apiextensions.k8s.io',
  'TokenReview.authentication.k8s.io',
  'SelfSubjectReview.authentication.k8s.io',
  'SelfSubjectAccessReview.authorization.k8s.io',
  'SelfSubjectRulesReview.authorization.k8s.io',
  'SubjectAccessReview.authorization.k8s.io',
  'CertificateSigningRequest.certificates.k8s.io',
  'ClusterTrustBundle.certificates.k8s.io',
  'FlowSchema.flowcontrol.apiserver.k8s.io',
  'PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io',
  'IngressClass.networking.k8s.io',
  'ServiceCIDR.networking.k8s.io',
  'IPAddress.networking.k8s.io',
  'RuntimeClass.node.k8s.io',
  'PriorityClass.scheduling.k8s.io',
  'ClusterRole.rbac.authorization.k8s.io',
  'ClusterRoleBinding.rbac.authorization.k8s.io',
  'DeviceClass.resource.k8s.io',
  'ResourceSlice.resource.k8s.io',
  'StorageClass.storage.k8s.io',
  'CSIDriver.storage.k8s.io',
  'CSINode.storage.k8s.io',
  'VolumeAttachment.storage.k8s.io',
  'VolumeAttributesClass.storage.k8s.io',
  'VolumeSnapshotClass.snapshot.storage.k8s.io',
  'VolumeSnapshotContent.snapshot.storage.k8s.io',
  'GatewayClass.gateway.networking.k8s.io',
  'ClusterIssuer.cert-manager.io',
])

/** Their names are fixed by what they are, so they cannot carry the app's. */
const fixedNames = new Set([
  'CustomResourceDefinition.apiextensions.k8s.io',
  'APIService.apiregistration.k8s.io',
  'CSIDriver.storage.k8s.io',
])

/** `Deployment.apps`, `Secret`: kind and group, as ApplySets and inventories write them. */
export function groupKind({apiVersion, kind}: {apiVersion: string; kind: string}): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  return group === '' ? kind : `${kind}.${group}`
}

export function isClusterScoped(object: {apiVersion: string; kind: string}): boolean {
  return clusterScoped.has(groupKind(object))
}

export function hasFixedName(object: {apiVersion: string; kind: string}): boolean {
  return fixedNames.has(groupKind(object))
}

/** Where a workload keeps its pod template, and whether it has a selector and replicas. */
const workloads: Readonly<Record<string, {pod: readonly string[]; selector: boolean; replicas: boolean}>> = {
  'Deployment.apps': {pod: ['spec', 'template'], selector: true, replicas: true},
  'StatefulSet.apps': {pod: ['spec', 'template'], selector: true, replicas: true},
  'ReplicaSet.apps': {pod: ['spec', 'template'], selector: true, replicas: true},
  'DaemonSet.apps': {pod: ['spec', 'template'], selector: true, replicas: false},
  'Job.batch': {pod: ['spec', 'template'], selector: false, replicas: false},
  'CronJob.batch': {pod: ['spec', 'jobTemplate', 'spec', 'template'], selector: false, replicas: false},
}

export function workloadOf(object: {apiVersion: string; kind: string}): (typeof workloads)[string] | undefined {
  return workloads[groupKind(object)]
}
