/** What of a pod's spec, or of a workload's template, is looked at here. */
export interface PodSpec {
  nodeName?: string
  volumes?: Volume[]
  containers?: Container[]
  initContainers?: Container[]
  tolerations?: {key?: string; effect?: string; tolerationSeconds?: number}[]
}

interface Volume {
  name: string
  persistentVolumeClaim?: {claimName: string}
  secret?: {secretName?: string}
  configMap?: {name?: string}
}

type Named = {name?: string; key?: string}

interface Container {
  name: string
  volumeMounts?: {name: string}[]
  env?: {valueFrom?: {secretKeyRef?: Named; configMapKeyRef?: Named}}[]
  envFrom?: {secretRef?: Named; configMapRef?: Named}[]
}

/** Something that pods read: a claim, a Secret, a ConfigMap; where one entry of it is read, which. */
export interface Source {
  kind: string
  name: string
  key?: string | undefined
}

/** What pods read by mounting it, or only what one container does. */
export const mountedBy = ({volumes = [], containers = []}: PodSpec, container?: string): Source[] =>
  volumes
    .filter(({name: volume}) =>
      containers.some(
        ({name, volumeMounts = []}) =>
          name === (container ?? name) && volumeMounts.some(mount => mount.name === volume),
      ),
    )
    .flatMap(({persistentVolumeClaim, secret, configMap}) => [
      ...named('PersistentVolumeClaim', {name: persistentVolumeClaim?.claimName}),
      ...named('Secret', {name: secret?.secretName}),
      ...named('ConfigMap', configMap),
    ])

/** What pods read into their environment. */
export const readBy = ({containers = [], initContainers = []}: PodSpec): Source[] =>
  [...initContainers, ...containers].flatMap(({env = [], envFrom = []}) => [
    ...env.flatMap(({valueFrom}) => [
      ...named('Secret', valueFrom?.secretKeyRef),
      ...named('ConfigMap', valueFrom?.configMapKeyRef),
    ]),
    ...envFrom.flatMap(({secretRef, configMapRef}) => [
      ...named('Secret', secretRef),
      ...named('ConfigMap', configMapRef),
    ]),
  ])

const named = (kind: string, source: {name?: string | undefined; key?: string} | undefined): Source[] =>
  source?.name === undefined ? [] : [{kind, name: source.name, key: source.key}]
