import type {AppRef} from '../anchor/index.ts'
import {annotation, applySetId, label, managedBy, memberSecretName} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import {secretToken} from '../expr/index.ts'
import type {KubeObject} from '../kube/index.ts'
import {refOf} from '../kube/index.ts'
import type {Package} from '../package/index.ts'
import {renderPackage} from '../package/index.ts'
import type {ClusterScope, Resolution} from '../params/index.ts'
import {objectId} from './identity.ts'
import type {DesiredObject} from './types.ts'

/** Everything that decides what an app's objects are, but the values of its secrets. */
export interface Target {
  ref: AppRef
  pkg: Package
  revision: number
  cluster: ClusterScope
  scale: Record<string, number>
  resolution: Resolution
  /** Names of all secrets that the app's pods may refer to. */
  secretNames: string[]
}

/**
 * The app's objects, in the package's order: what its templates say, and what berth adds (its Secret, claims of volume parameters,
 * membership). Secrets are tokens.
 * @throws UserError `template.failed`, `package.invalid` where two objects have one name
 */
export function renderDesired(target: Target): DesiredObject[] {
  const {ref, pkg, revision, cluster, scale, resolution} = target
  const rendered = renderPackage(pkg, {
    params: resolution.params,
    lets: resolution.lets,
    app: {...ref, revision},
    cluster,
    scale,
    secretName: memberSecretName(ref.name),
  })
  const own = [...memberSecret(target), ...volumeClaims(target)]
  const all = [
    ...own.map(object => ({object, component: undefined, task: undefined, replicas: undefined, position: byBerth})),
    ...rendered.map(entry => ({...entry, object: entry.object as KubeObject})),
  ]
  const desired = all.map(entry => {
    const object = asMember(ref, entry.object)
    return {...entry, object, id: objectId(refOf(object))}
  })
  refuseDuplicates(desired)
  return desired
}

/** What berth makes by itself was written nowhere. */
const byBerth = {file: 'made by berth', line: 1, column: 1}

function asMember(ref: AppRef, object: KubeObject): KubeObject {
  const {metadata} = object
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: {
        ...metadata.labels,
        [label.managedBy]: managedBy,
        [label.instance]: ref.name,
        [label.partOf]: applySetId(ref),
      },
      annotations: {...metadata.annotations, [annotation.member]: objectId(refOf(object))},
    },
  }
}

/** What pods refer to: one Secret whose name never changes, so that only its contents roll them. */
function memberSecret({ref, secretNames}: Target): KubeObject[] {
  if (secretNames.length === 0) return []
  const stringData = Object.fromEntries([...secretNames].sort().map(name => [name, secretToken(name)]))
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: {name: memberSecretName(ref.name), namespace: ref.namespace},
      stringData,
    },
  ]
}

function volumeClaims({ref, resolution}: Target): KubeObject[] {
  return resolution.volumes
    .filter(volume => volume.existing === undefined)
    .map(volume => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {name: volume.claim, namespace: ref.namespace},
      spec: {
        accessModes: volume.access,
        resources: {requests: {storage: volume.size}},
        ...(volume.class !== undefined && {storageClassName: volume.class}),
      },
    }))
}

function refuseDuplicates(desired: DesiredObject[]): void {
  const seen = new Set<string>()
  for (const {id} of desired) {
    if (seen.has(id))
      throw new UserError('package.invalid', {
        message: `the package makes ${id} twice: what berth makes and what the templates make must differ in name`,
        details: {object: id},
      })
    seen.add(id)
  }
}

/** The pod template of a workload, wherever its kind keeps it; undefined for what makes no pods. */
export function podTemplateOf(
  object: KubeObject,
): {metadata?: {annotations?: Record<string, string>}; spec?: Record<string, unknown>} | undefined {
  const spec = object.spec as Record<string, unknown> | undefined
  switch (object.kind) {
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'ReplicaSet':
    case 'Job':
      return spec?.template as ReturnType<typeof podTemplateOf>
    case 'CronJob': {
      const job = spec?.jobTemplate as {spec?: {template?: ReturnType<typeof podTemplateOf>}} | undefined
      return job?.spec?.template
    }
    default:
      return undefined
  }
}
