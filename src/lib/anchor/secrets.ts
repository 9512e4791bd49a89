import {createHmac, randomBytes} from 'node:crypto'
import type {Kube, KubeObject} from '../kube/index.ts'
import {createObject, deleteObject, findObject, isAlreadyExists, listMetadata, mergePatch} from '../kube/index.ts'
import type {Digest, Package} from '../package/index.ts'
import {parseGranted, parseRevision} from './codec.ts'
import {corruptAnchor} from './errors.ts'
import type {AppRef} from './names.ts'
import {
  annotation,
  grantedSecretName,
  label,
  managedBy,
  packageSecretName,
  revisionSecretName,
  stateManager,
} from './names.ts'
import {checkSize} from './store.ts'
import type {Anchor, Granted, Revision} from './types.ts'

// Keys of a revision Secret that are no parameter's: a parameter's name begins with a letter.
const hashKeyName = '.hash-key'
const revisionKeyName = '.revision'

/** Every secret of one revision, by name (`password`, `database.password`), and the key that hashes of the app are made with. */
export interface RevisionSecrets {
  values: Record<string, string>
  /** 32 bytes, the app's for life: an unkeyed hash of a short secret in an annotation could be guessed back. */
  hashKey: Buffer
}

export const newHashKey = (): Buffer => randomBytes(32)

export const keyedHash = (secrets: Pick<RevisionSecrets, 'hashKey'>, text: string): string =>
  createHmac('sha256', secrets.hashKey).update(text).digest('hex').slice(0, 32)

const base64 = (value: string | Uint8Array): string => Buffer.from(value).toString('base64')

function stateSecret(
  ref: AppRef,
  name: string,
  kind: string,
  labels: Record<string, string>,
  data: Record<string, string>,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: `berth.dev/${kind}`,
    immutable: true,
    metadata: {
      name,
      namespace: ref.namespace,
      labels: {[label.managedBy]: managedBy, [label.kind]: kind, [label.app]: ref.name, ...labels},
    },
    data,
  }
}

/** Writes an immutable Secret. One that is there already, with the same contents, is ours from before a crash. */
async function createOnce(kube: Kube, ref: AppRef, secret: KubeObject): Promise<void> {
  checkSize(`Secret ${secret.metadata.name}`, secret)
  try {
    await createObject(kube, secret, {fieldManager: stateManager})
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const there = await findObject(kube, {
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: ref.namespace,
      name: secret.metadata.name,
    })
    if (JSON.stringify(there?.data) === JSON.stringify(secret.data)) return
    // No journal names it (it is written before the journal is), so it is left from an operation that came to nothing.
    await deleteObject(
      kube,
      {apiVersion: 'v1', kind: 'Secret', namespace: ref.namespace, name: secret.metadata.name},
      {...(there?.metadata.uid !== undefined && {uid: there.metadata.uid})},
    )
    await createObject(kube, secret, {fieldManager: stateManager})
  }
}

const copyOf = (revision: Revision): string => base64(JSON.stringify({...revision, inventory: [], objects: {}}))

/** Keeps the secrets of a revision, and a copy of all else that makes it, so that a lost anchor can be rebuilt. */
export async function writeRevisionSecret(
  kube: Kube,
  ref: AppRef,
  revision: Revision,
  secrets: RevisionSecrets,
): Promise<void> {
  const data: Record<string, string> = {[hashKeyName]: base64(secrets.hashKey), [revisionKeyName]: copyOf(revision)}
  for (const [name, value] of Object.entries(secrets.values).sort()) data[name] = base64(value)
  await createOnce(
    kube,
    ref,
    stateSecret(ref, revision.secret, 'revision', {[label.revision]: String(revision.number)}, data),
  )
}

const outputsName = (revisionSecret: string): string => `${revisionSecret}.o`

/**
 * Keeps what became known only when providers were asked beside the revision's own (which was written before, and is immutable): the
 * secrets, and the revision as it is with all outputs.
 */
export async function writeOutputsSecret(
  kube: Kube,
  ref: AppRef,
  revision: Revision,
  values: Record<string, string>,
): Promise<void> {
  const name = outputsName(revision.secret)
  const there = await findObject(kube, {apiVersion: 'v1', kind: 'Secret', namespace: ref.namespace, name})
  const before = (there?.data ?? {}) as Record<string, string>
  const learned = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, base64(value)]))
  if (there !== undefined && Object.entries(learned).every(([key, value]) => before[key] === value)) return
  const data = {...before, ...learned, [revisionKeyName]: copyOf(revision)}
  await createOnce(kube, ref, stateSecret(ref, name, 'outputs', {[label.revision]: String(revision.number)}, data))
}

/**
 * @throws UserError `app.corrupt` where it is gone or is not one of ours
 */
export async function readRevisionSecret(
  kube: Kube,
  ref: AppRef,
  name: string,
): Promise<RevisionSecrets & {revision: Revision}> {
  const find = (secretName: string) =>
    findObject(kube, {apiVersion: 'v1', kind: 'Secret', namespace: ref.namespace, name: secretName})
  const [secret, outputs] = await Promise.all([find(name), find(outputsName(name))])
  if (secret === undefined)
    throw corruptAnchor(ref, `Secret ${name}`, 'it is gone, and with it the secrets of this revision')
  const known = (outputs?.data ?? {}) as Record<string, string>
  const data = {...known, ...(secret.data ?? {})} as Record<string, string>
  const decode = (key: string) => Buffer.from(data[key] ?? '', 'base64')
  const hashKey = decode(hashKeyName)
  const revision = parseRevision(
    ref,
    `Secret ${name}`,
    Buffer.from(known[revisionKeyName] ?? data[revisionKeyName] ?? '', 'base64').toString() || 'null',
  )
  if (hashKey.length !== 32 || revision === undefined)
    throw corruptAnchor(ref, `Secret ${name}`, 'it is not a revision of this app')
  const values = Object.fromEntries(
    Object.keys(data)
      .filter(key => !key.startsWith('.'))
      .map(key => [key, decode(key).toString()]),
  )
  return {values, hashKey, revision}
}

const grantedKey = 'granted.json'

/** Hands over what was made for a binding of a revision that is on its way; it goes when the revision is there, or is given up. */
export async function writeGranted(
  kube: Kube,
  ref: AppRef,
  revisionSecret: string,
  parameter: string,
  granted: Granted,
): Promise<void> {
  const name = grantedSecretName(revisionSecret, parameter)
  const data = {[grantedKey]: base64(JSON.stringify(granted))}
  await createOnce(kube, ref, stateSecret(ref, name, 'granted', {}, data))
}

/** Undefined while nobody has granted it to this operation. @throws UserError `app.corrupt` */
export async function readGranted(
  kube: Kube,
  ref: AppRef,
  {revisionSecret, parameter, operation}: {revisionSecret: string; parameter: string; operation: string},
): Promise<Granted | undefined> {
  const name = grantedSecretName(revisionSecret, parameter)
  const secret = await findObject(kube, {apiVersion: 'v1', kind: 'Secret', namespace: ref.namespace, name})
  if (secret === undefined) return undefined
  const {[grantedKey]: source = ''} = (secret.data ?? {}) as Record<string, string>
  const granted = parseGranted(ref, `Secret ${name}`, Buffer.from(source, 'base64').toString())
  return granted?.operation === operation ? granted : undefined
}

/** The numbers of the revision Secrets that are there, and which of them hold retained data. */
export async function listRevisionSecrets(
  kube: Kube,
  ref: AppRef,
): Promise<{name: string; number: number; retained: RetainedData | undefined; created: string}[]> {
  const selector = `${label.managedBy}=${managedBy},${label.kind}=revision,${label.app}=${ref.name}`
  const {items} = await listMetadata(
    kube,
    {apiVersion: 'v1', kind: 'Secret'},
    {namespace: ref.namespace, labelSelector: selector},
  )
  return items
    .map(({metadata}) => ({
      name: metadata.name,
      number: Number(metadata.labels?.[label.revision]),
      retained: parseRetained(metadata.annotations?.[annotation.retained]),
      created: metadata.creationTimestamp ?? '',
    }))
    .filter(({name, number}) => Number.isInteger(number) && name === revisionSecretName(ref.name, number))
    .sort((a, b) => b.number - a.number)
}

/** What an uninstall kept: names of claims and of bound parameters whose data the provider still has. */
export interface RetainedData {
  /** RFC 3339. */
  since: string
  package: string
  claims: string[]
  bindings: string[]
}

function parseRetained(source: string | undefined): RetainedData | undefined {
  if (source === undefined) return undefined
  try {
    const {since, package: pkg, claims, bindings} = JSON.parse(source) as Record<string, unknown>
    const strings = (list: unknown) => (Array.isArray(list) ? list.filter(item => typeof item === 'string') : [])
    return {since: String(since), package: String(pkg), claims: strings(claims), bindings: strings(bindings)}
  } catch (error) {
    if (error instanceof SyntaxError) return {since: '', package: '', claims: [], bindings: []}
    throw error
  }
}

/** Every app whose data was kept, in a namespace or in all. */
export async function listRetained(
  kube: Kube,
  options: {namespace?: string},
): Promise<{ref: AppRef; secret: string; data: RetainedData}[]> {
  const {items} = await listMetadata(
    kube,
    {apiVersion: 'v1', kind: 'Secret'},
    {...options, labelSelector: `${label.managedBy}=${managedBy},${label.retained}=true`},
  )
  return items.flatMap(({metadata}) => {
    const data = parseRetained(metadata.annotations?.[annotation.retained])
    const name = metadata.labels?.[label.app]
    return data === undefined || name === undefined
      ? []
      : [{ref: {namespace: metadata.namespace ?? '', name}, secret: metadata.name, data}]
  })
}

/** Marks a revision Secret as what is left of an uninstalled app, or takes the mark away. */
export async function markRetained(
  kube: Kube,
  ref: AppRef,
  secret: string,
  data: RetainedData | undefined,
): Promise<void> {
  await mergePatch(
    kube,
    {apiVersion: 'v1', kind: 'Secret', namespace: ref.namespace, name: secret},
    {
      metadata: {
        labels: {[label.retained]: data ? 'true' : null},
        annotations: {[annotation.retained]: data ? JSON.stringify(data) : null},
      },
    },
    {fieldManager: stateManager},
  )
}

const archiveKey = 'package.tgz'

/** Keeps the package's archive beside the app, so that nothing later needs the repository. */
export async function writePackageSecret(kube: Kube, ref: AppRef, pkg: Package): Promise<void> {
  const data = {[archiveKey]: base64(pkg.archive)}
  await createOnce(kube, ref, stateSecret(ref, packageSecretName(ref.name, pkg.digest), 'package', {}, data))
}

/**
 * Reads the package an app was made from. Its bytes must hash to `digest`; whether that digest is to be trusted is the caller's question.
 * @throws UserError `package.integrity`, `app.corrupt` where the Secret is gone
 */
export async function readPackageSecret(kube: Kube, ref: AppRef, digest: Digest): Promise<Package> {
  const name = packageSecretName(ref.name, digest)
  const secret = await findObject(kube, {apiVersion: 'v1', kind: 'Secret', namespace: ref.namespace, name})
  if (secret === undefined)
    throw corruptAnchor(ref, `Secret ${name}`, 'it is gone, and with it the package of this app')
  const data = (secret.data ?? {}) as Record<string, string>
  // Only here: whoever lists apps needs no YAML, no expressions and no archives.
  const {loadArchive} = await import('../package/index.ts')
  return loadArchive(Buffer.from(data[archiveKey] ?? '', 'base64'), {expected: digest})
}

/**
 * Deletes the state Secrets of an app that nothing names any more.
 * @param kinds with `login`, those of people as well: what they open has gone
 */
export async function deleteStateSecrets(
  kube: Kube,
  ref: AppRef,
  keep: (name: string) => boolean,
  kinds = 'revision,outputs,granted,package',
): Promise<void> {
  const selector = `${label.managedBy}=${managedBy},${label.kind} in (${kinds}),${label.app}=${ref.name}`
  const {items} = await listMetadata(
    kube,
    {apiVersion: 'v1', kind: 'Secret'},
    {namespace: ref.namespace, labelSelector: selector},
  )
  const gone = items.filter(
    ({metadata: {name}}) => name.startsWith(`berth.${ref.name}.`) && !keep(name.replace(/\.o$/, '')),
  )
  await Promise.all(
    gone.map(({metadata}) =>
      deleteObject(
        kube,
        {apiVersion: 'v1', kind: 'Secret', namespace: ref.namespace, name: metadata.name},
        {...(metadata.uid !== undefined && {uid: metadata.uid})},
      ),
    ),
  )
}

/** Deletes the state Secrets that an app with no journal does not name: former revisions, what a change left that was never journaled. */
export async function clearAway(kube: Kube, {ref, current}: Pick<Anchor, 'ref' | 'current'>): Promise<void> {
  const named =
    current === undefined
      ? (await listRevisionSecrets(kube, ref)).flatMap(({name, retained}) => (retained === undefined ? [] : [name]))
      : [current.secret, packageSecretName(ref.name, current.package.digest)]
  await deleteStateSecrets(kube, ref, name => named.includes(name))
}

/** The same for former revisions alone: numbers of new ones go on from what is there, and plans that were agreed to name them. */
export async function clearFormer(kube: Kube, {ref, current}: Pick<Anchor, 'ref' | 'current'>): Promise<void> {
  const isFormer = (name: string) => {
    const number = Number(/\.s\.(\d+)$/.exec(name)?.[1])
    return current !== undefined && number < current.number && name === revisionSecretName(ref.name, number)
  }
  await deleteStateSecrets(kube, ref, name => !isFormer(name), 'revision,outputs')
}
