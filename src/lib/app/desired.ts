import {isIP} from 'node:net'
import type {AppRef, Binding, Revision} from '../anchor/index.ts'
import {annotation, applySetId, label, managedBy, memberSecretName} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import {secretToken} from '../expr/index.ts'
import type {KubeObject} from '../kube/index.ts'
import {refOf} from '../kube/index.ts'
import type {Package} from '../package/index.ts'
import {renderPackage} from '../package/index.ts'
import type {Resolution} from '../params/index.ts'
import {autoscalers} from './autoscalers.ts'
import {isCrd, objectId} from './identity.ts'
import {applyPatches} from './patches.ts'
import type {DesiredObject} from './types.ts'

/** Everything that decides what an app's objects are, but the values of its secrets. */
export interface Rendering {
  ref: AppRef
  pkg: Package
  revision: Pick<Revision, 'number' | 'cluster' | 'scale' | 'autoscalers' | 'patches'> & {
    bindings: Record<string, Pick<Binding, 'secrets'>>
  }
  resolution: Resolution
}

export interface Target extends Rendering {
  revision: Revision
}

/** What templates see. */
export const scopeOf = ({ref, revision, resolution}: Rendering) => ({
  params: resolution.params,
  lets: resolution.lets,
  app: {...ref, revision: revision.number},
  cluster: revision.cluster,
  scale: {...revision.scale, ...leastOf(revision)},
  secretName: memberSecretName(ref.name),
})

/** Where an autoscaler chooses, so many run at least. */
const leastOf = ({scale, autoscalers}: Pick<Revision, 'scale' | 'autoscalers'>): Record<string, number> =>
  Object.fromEntries(Object.entries(autoscalers).map(([name, {min}]) => [name, Math.max(min, scale[name] ?? 1)]))

/** Every secret that pods may refer to: parameters' and bindings' alike, by the name they have in the app's Secret. */
export function secretNamesOf({resolution, revision}: Pick<Rendering, 'resolution' | 'revision'>): string[] {
  const outputs = Object.entries(revision.bindings).flatMap(([parameter, binding]) =>
    binding.secrets.map(name => `${parameter}.${name}`),
  )
  return [...new Set([...resolution.secrets.map(({name}) => name), ...outputs])]
}

/**
 * The app's objects, in the package's order: what its templates say, and what berth adds (its Secret, claims of volume parameters,
 * membership). Secrets are tokens.
 * @throws UserError `template.failed`, `package.invalid` where two objects have one name
 */
export function renderDesired(target: Rendering): DesiredObject[] {
  const own = [...memberSecret(target), ...volumeClaims(target), ...certificates(target)]
  const rendered = renderPackage(target.pkg, scopeOf(target)).map(entry => ({
    ...entry,
    object: entry.object as KubeObject,
  }))
  const all = [
    ...own.map(object => ({object, component: undefined, task: undefined, replicas: undefined, position: byBerth})),
    ...rendered,
    ...autoscalers(target.ref, target.pkg.manifest.name, target.revision.autoscalers, rendered).map(each => ({
      ...each,
      task: undefined,
      replicas: undefined,
      position: byBerth,
    })),
  ]
  const named = all.map(entry => ({...entry, id: objectId(refOf(entry.object))}))
  const desired = applyPatches(target.revision.patches, named).map(entry => {
    // Definitions of kinds are the cluster's, whoever brought them: many apps may use one.
    const object = isCrd(entry.object) ? entry.object : asMember(target.ref, entry.object)
    return {...entry, object}
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
function memberSecret(target: Rendering): KubeObject[] {
  const {ref} = target
  const secretNames = secretNamesOf(target)
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

function volumeClaims({ref, resolution}: Rendering): KubeObject[] {
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

/** A key and its certificate as servers take them: of what berth keeps, or to be made and renewed by cert-manager. */
function certificates({ref, resolution}: Rendering): KubeObject[] {
  return resolution.certificates.map(need => {
    const metadata = {name: need.secret, namespace: ref.namespace}
    if (!('issuer' in need)) {
      const {parameter} = need
      const [key, crt, ca] = [parameter, `${parameter}.certificate`, `${parameter}.ca`].map(name => secretToken(name))
      const stringData = {'tls.key': key, 'tls.crt': crt, 'ca.crt': ca}
      return {apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata, stringData}
    }
    const [kind, name] = need.issuer.split('/')
    const [ipAddresses, dnsNames] = [true, false].map(isAddress =>
      need.hosts.filter(host => isIP(host) > 0 === isAddress),
    )
    return {
      ...{apiVersion: 'cert-manager.io/v1', kind: 'Certificate'},
      metadata: {...metadata, annotations: {[annotation.parameter]: need.parameter}},
      spec: {
        secretName: need.secret,
        issuerRef: {group: 'cert-manager.io', kind, name},
        privateKey: {algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always'},
        ...(dnsNames?.length && {dnsNames}),
        ...(ipAddresses?.length && {ipAddresses}),
      },
    }
  })
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
