import {gunzipSync, gzipSync} from 'node:zlib'
import {createObject, getObject, type Kube, type KubeObject, listObjects, replaceObject} from '../src/lib/kube/index.ts'

const write = {fieldManager: 'bench'}
const atOnce = 16
// Kubernetes' word for "take them away": one entry without anything.
const emptied = [{}] as NonNullable<KubeObject['metadata']['managedFields']>

/**
 * Apps and releases by the hundred, as both tools left them for one that was really installed: only name, namespace and history are
 * changed. No workloads: berth asks for their tables all the same, helm never looks at any.
 */
export interface Originals {
  anchor: KubeObject
  release: KubeObject
}

/** What an install of each tool left in a namespace. */
export async function readOriginals(kube: Kube, namespace: string, app: string, release: string): Promise<Originals> {
  const anchor = await getObject(kube, {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: `berth.${app}`})
  const {items} = await listObjects(kube, secrets, {namespace, labelSelector: `owner=helm,name=${release}`})
  const [found] = items
  if (found === undefined) throw new Error(`helm left no release ${release} in ${namespace}`)
  return {anchor, release: found}
}

const secrets = {apiVersion: 'v1', kind: 'Secret'}

/** @returns sizes of one of each, in bytes of JSON */
export async function populate(
  kube: Kube,
  {anchor, release}: Originals,
  {namespace, apps, revisions}: {namespace: string; apps: number; revisions: number},
): Promise<{anchorBytes: number; releaseBytes: number}> {
  const payload = decode(release)
  const objects = Array.from({length: apps}, (_, i) => `app-${String(i).padStart(4, '0')}`).flatMap(name => [
    anchorOf(anchor, namespace, name, 10_000),
    ...Array.from({length: revisions}, (_, i) => releaseOf(payload, namespace, name, i + 1, revisions)),
  ])
  const queue = objects.values()
  const worker = async () => {
    for (const object of queue) {
      const made = await createObject(kube, object, write)
      // As berth's own writes leave an anchor: from the second on it has none.
      if (object.kind === 'ConfigMap')
        await replaceObject(kube, {...made, metadata: {...made.metadata, managedFields: emptied}}, write)
    }
  }
  await Promise.all(Array.from({length: atOnce}, worker))
  const sizeOf = (object: KubeObject | undefined) => JSON.stringify(object).length
  return {anchorBytes: sizeOf(objects[0]), releaseBytes: sizeOf(objects[1])}
}

/** With so much history that it has the size of an app that has lived. */
function anchorOf(original: KubeObject, namespace: string, name: string, bytes: number): KubeObject {
  const {labels, annotations} = original.metadata
  const data = original.data as Record<string, string>
  const [entry] = JSON.parse(data.history ?? '[]') as object[]
  const rest = JSON.stringify({labels, annotations, ...data}).length
  const entries = Math.max(1, Math.floor((bytes - rest) / JSON.stringify(JSON.stringify(entry)).length))
  const history = Array.from({length: entries}, (_, i) => ({...entry, revision: i + 1}))
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `berth.${name}`,
      namespace,
      labels: {...labels, 'berth.dev/app': name},
      ...(annotations && {annotations}),
    },
    data: {...data, history: JSON.stringify(history)},
  }
}

/** Helm's release record, as far as it must be changed. */
interface Release {
  name: string
  namespace: string
  version: number
  info: {status: string}
}

const decode = (secret: KubeObject): Release => {
  const inner = Buffer.from((secret.data as {release: string}).release, 'base64').toString()
  return JSON.parse(gunzipSync(Buffer.from(inner, 'base64')).toString()) as Release
}

/** In helm's storage format: base64(gzip(JSON)), once more in base64 as a Secret has it. */
function releaseOf(payload: Release, namespace: string, name: string, version: number, newest: number): KubeObject {
  const status = version === newest ? 'deployed' : 'superseded'
  const record = {...payload, name, namespace, version, info: {...payload.info, status}}
  const inner = gzipSync(JSON.stringify(record), {level: 9}).toString('base64')
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'helm.sh/release.v1',
    metadata: {
      name: `sh.helm.release.v1.${name}.v${version}`,
      namespace,
      labels: {name, owner: 'helm', status, version: String(version), modifiedAt: '1795370534'},
    },
    data: {release: Buffer.from(inner).toString('base64')},
  }
}
