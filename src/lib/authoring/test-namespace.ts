import {randomBytes} from 'node:crypto'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Holder, HolderIdentity} from '../anchor/index.ts'
import {createObject, deleteObject, type Kube, type KubeObject, listObjects} from '../kube/index.ts'

const namespaceKind = {apiVersion: 'v1', kind: 'Namespace'}
const prefix = 'berth-test-'
const testLabel = 'berth.dev/package-test'
const holderAnnotation = 'berth.dev/holder'
/** Whether a process of another machine still runs, nobody can tell; no test takes so long. */
const longestTest = 6 * 3_600_000

/** A namespace for one test, which says who made it. */
export async function makeTestNamespace(kube: Kube, pkg: string, {identity}: Holder): Promise<string> {
  const name = `${prefix}${pkg.slice(0, 40)}-${randomBytes(3).toString('hex')}`
  const metadata = {name, labels: {[testLabel]: pkg}, annotations: {[holderAnnotation]: JSON.stringify(identity)}}
  await createObject(kube, {...namespaceKind, metadata}, {fieldManager: 'berth'})
  return name
}

export async function removeTestNamespace(kube: Kube, name: string): Promise<void> {
  await deleteObject(kube, {...namespaceKind, name}, {signal: AbortSignal.timeout(30_000)})
}

/** Removes what tests left whose process was killed. Gives their names. */
export async function removeAbandoned(kube: Kube, holder: Holder, now: Date, signal: AbortSignal): Promise<string[]> {
  const {items} = await listObjects(kube, namespaceKind, {labelSelector: testLabel, signal})
  const abandoned = items.filter(
    ({metadata: {name, deletionTimestamp, creationTimestamp = '', annotations = {}}}) =>
      name.startsWith(prefix) &&
      deletionTimestamp === undefined &&
      (isGone(holder, annotations[holderAnnotation]) || now.getTime() - Date.parse(creationTimestamp) > longestTest),
  )
  for (const {metadata} of abandoned) await removeTestNamespace(kube, metadata.name)
  return abandoned.map(({metadata}) => metadata.name)
}

function isGone(holder: Holder, written = '{}'): boolean {
  try {
    const {who, host, process} = JSON.parse(written) as HolderIdentity
    return Number.isInteger(process?.pid) && holder.isGone({who, host, process} as HolderIdentity) === true
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

/** What an app may leave: not what the cluster puts into every namespace by itself. */
const kinds = [
  ...['ConfigMap', 'Secret', 'Service', 'PersistentVolumeClaim', 'Pod', 'ServiceAccount'].map(kind => `v1 ${kind}`),
  ...['Deployment', 'StatefulSet', 'DaemonSet'].map(kind => `apps/v1 ${kind}`),
  'batch/v1 Job',
  'batch/v1 CronJob',
  'networking.k8s.io/v1 Ingress',
  'networking.k8s.io/v1 NetworkPolicy',
  'policy/v1 PodDisruptionBudget',
  'autoscaling/v2 HorizontalPodAutoscaler',
  'rbac.authorization.k8s.io/v1 Role',
  'rbac.authorization.k8s.io/v1 RoleBinding',
  'coordination.k8s.io/v1 Lease',
]

/** Names of the objects in a namespace, such as `Secret/wiki-tls`; those that are on their way out count as gone. */
export async function objectsIn(kube: Kube, namespace: string, signal: AbortSignal): Promise<string[]> {
  const lists = await Promise.all(
    kinds.map(async each => {
      const [apiVersion = '', kind = ''] = each.split(' ')
      const {items} = await listObjects(kube, {apiVersion, kind}, {namespace, signal})
      return items.filter(object => !isClusters(kind, object)).map(({metadata}) => `${kind}/${metadata.name}`)
    }),
  )
  return lists.flat().sort()
}

/** What was not there before and does not go away. */
export async function leftIn(kube: Kube, namespace: string, before: string[], signal: AbortSignal): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const left = (await objectsIn(kube, namespace, signal)).filter(name => !before.includes(name))
    if (left.length === 0 || tries === 20) return left
    await sleep(1000, undefined, {signal})
  }
}

const isClusters = (kind: string, {metadata: {name, deletionTimestamp}}: KubeObject): boolean =>
  deletionTimestamp !== undefined ||
  (kind === 'ServiceAccount' && name === 'default') ||
  (kind === 'ConfigMap' && name === 'kube-root-ca.crt')
