import type {Kube, KubeObject} from '../kube/index.ts'
import {createObject, deleteObject, findObject, listMetadata, mergePatch} from '../kube/index.ts'
import {parseLogin} from './codec.ts'
import type {AppRef} from './names.ts'
import {annotation, label, loginSecretName, managedBy, stateManager} from './names.ts'
import type {Login} from './types.ts'

// The Secret of a login is its record as well: it is there before the server knows of it, and goes after.

const secretKey = (ref: AppRef, name: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  namespace: ref.namespace,
  name: loginSecretName(ref.name, name),
})

/** The logins that were made for people at a provider. @throws UserError `app.corrupt` for one that was forged */
export async function listLogins(kube: Kube, ref: AppRef, signal: AbortSignal): Promise<Login[]> {
  const labelSelector = `${label.managedBy}=${managedBy},${label.kind}=login,${label.app}=${ref.name}`
  const {items} = await listMetadata(
    kube,
    {apiVersion: 'v1', kind: 'Secret'},
    {namespace: ref.namespace, labelSelector, signal},
  )
  return items.flatMap(({metadata}) => {
    const login = parseLogin(ref, metadata)
    return login !== undefined && metadata.name === loginSecretName(ref.name, login.name) ? [login] : []
  })
}

/** A login's password, once it is recorded. */
export async function loginPassword(kube: Kube, ref: AppRef, name: string): Promise<string | undefined> {
  const {password} = ((await findObject(kube, secretKey(ref, name)))?.data ?? {}) as Record<string, string>
  return password === undefined ? undefined : Buffer.from(password, 'base64').toString()
}

/** Records a login with its password, or changes it; `known` is what is recorded. Whoever is to use it mounts or reads this Secret. */
export async function writeLogin(
  kube: Kube,
  ref: AppRef,
  {known, login, values}: {known: Login | undefined; login: Login; values: Record<string, string>},
): Promise<void> {
  const {apiVersion, kind, ...names} = secretKey(ref, login.name)
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  )
  const labels = {[label.managedBy]: managedBy, [label.kind]: 'login', [label.app]: ref.name}
  const annotations = {[annotation.login]: JSON.stringify(login)}
  const object: KubeObject = {
    apiVersion,
    kind,
    type: 'berth.dev/login',
    metadata: {...names, labels, annotations},
    data,
  }
  if (known === undefined) await createObject(kube, object, {fieldManager: stateManager})
  else await mergePatch(kube, secretKey(ref, login.name), {metadata: {annotations}, data}, {fieldManager: stateManager})
}

export async function deleteLogin(kube: Kube, ref: AppRef, name: string): Promise<void> {
  await deleteObject(kube, secretKey(ref, name), {})
}
