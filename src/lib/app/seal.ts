import type {RevisionSecrets} from '../anchor/index.ts'
import {annotation, keyedHash} from '../anchor/index.ts'
import type {KubeObject} from '../kube/index.ts'
import {revealSecret} from '../package/index.ts'
import {canonical} from '../params/index.ts'
import {podTemplateOf} from './desired.ts'
import type {DesiredObject} from './types.ts'

/** An object ready to be written: secrets in place, hashes in its annotations. Holds secrets: never print, plan or store it. */
export interface SealedObject extends DesiredObject {
  /** Keyed hash of what the object is. */
  hash: string
}

/**
 * Puts the secrets where their tokens are, and says in annotations what an object is made of: `berth.dev/content` on itself, and
 * `berth.dev/inputs` on pod templates (a keyed hash of just those settings and secrets that the pods read), so that a new password
 * rolls them, and nothing else does.
 */
export function seal(desired: DesiredObject[], secrets: RevisionSecrets): SealedObject[] {
  const lookup = (name: string): string => {
    const value = secrets.values[name]
    if (value === undefined) throw new Error(`secret ${name} has no value`)
    return value
  }
  const revealed = desired.map(entry => ({
    ...entry,
    object: entry.object.kind === 'Secret' ? (revealSecret(entry.object, lookup) as KubeObject) : entry.object,
  }))
  const contents = contentsOf(revealed.map(({object}) => object))
  return revealed.map(entry => {
    const object = withInputs(entry.object, contents, secrets)
    const hash = keyedHash(secrets, canonical(object))
    const metadata = {...object.metadata, annotations: {...object.metadata.annotations, [annotation.content]: hash}}
    return {...entry, object: {...object, metadata}, hash}
  })
}

/** Where only a provider will know a secret, words stand in a plan. */
export function withUnknown(secrets: RevisionSecrets, names: string[]): RevisionSecrets {
  const unknown = names.map(name => [name, `<${name}: known after provisioning>`])
  return {...secrets, values: {...Object.fromEntries(unknown), ...secrets.values}}
}

type Contents = Map<string, Record<string, unknown>>

function contentsOf(objects: KubeObject[]): Contents {
  const entries = objects
    .filter(({kind, apiVersion}) => apiVersion === 'v1' && (kind === 'Secret' || kind === 'ConfigMap'))
    .map(
      object =>
        [
          `${object.kind}/${object.metadata.name}`,
          {...(object.data as object), ...(object.binaryData as object)},
        ] as const,
    )
  return new Map(entries)
}

function withInputs(object: KubeObject, contents: Contents, secrets: RevisionSecrets): KubeObject {
  const template = podTemplateOf(object)
  if (template?.spec === undefined) return object
  const inputs = inputsOf(template.spec, contents)
  if (Object.keys(inputs).length === 0) return object
  const copy = structuredClone(object)
  const target = podTemplateOf(copy)
  if (target !== undefined) {
    const annotations = {...target.metadata?.annotations, [annotation.inputs]: keyedHash(secrets, canonical(inputs))}
    target.metadata = {...target.metadata, annotations}
  }
  return copy
}

interface Container {
  env?: {valueFrom?: {secretKeyRef?: {name: string; key: string}; configMapKeyRef?: {name: string; key: string}}}[]
  envFrom?: {secretRef?: {name: string}; configMapRef?: {name: string}}[]
}

interface Volume {
  secret?: {secretName: string}
  configMap?: {name: string}
  projected?: {sources?: {secret?: {name: string}; configMap?: {name: string}}[]}
}

/** What a pod reads of the app's own Secrets and ConfigMaps: single keys where it names keys, the whole otherwise. */
function inputsOf(spec: Record<string, unknown>, contents: Contents): Record<string, unknown> {
  const inputs: Record<string, unknown> = {}
  const take = (kind: 'Secret' | 'ConfigMap', name: string | undefined, key?: string) => {
    const content = contents.get(`${kind}/${name}`)
    if (content === undefined) return
    if (key === undefined) inputs[`${kind}/${name}`] = content
    else inputs[`${kind}/${name}/${key}`] = content[key] ?? null
  }
  const containers = [...((spec.containers ?? []) as Container[]), ...((spec.initContainers ?? []) as Container[])]
  for (const {env = [], envFrom = []} of containers) {
    for (const {valueFrom} of env) {
      take('Secret', valueFrom?.secretKeyRef?.name, valueFrom?.secretKeyRef?.key ?? '')
      take('ConfigMap', valueFrom?.configMapKeyRef?.name, valueFrom?.configMapKeyRef?.key ?? '')
    }
    for (const {secretRef, configMapRef} of envFrom) {
      take('Secret', secretRef?.name)
      take('ConfigMap', configMapRef?.name)
    }
  }
  for (const volume of (spec.volumes ?? []) as Volume[]) {
    take('Secret', volume.secret?.secretName)
    take('ConfigMap', volume.configMap?.name)
    for (const source of volume.projected?.sources ?? []) {
      take('Secret', source.secret?.name)
      take('ConfigMap', source.configMap?.name)
    }
  }
  return inputs
}
