import {spawn} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {once} from 'node:events'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {RemoteError} from '../../src/lib/errors.ts'
import {pemOf} from '../../src/lib/kube/credential.ts'
import {connect, createObject, deleteObject, type Kube, type ObjectRef, watchObjects} from '../../src/lib/kube/index.ts'
import {chooseCluster} from '../../src/lib/kube/kubeconfig.ts'
import {type FaultProxy, type FaultProxyOptions, startFaultProxy} from '../faults/proxy.ts'

/** A connection to the cluster of KUBECONFIG, and a namespace of the suite's own; both are gone after it. Call it in a `describe`. */
export interface Suite {
  kube: Kube
  namespace: string
}

export function suite(name: string): Suite {
  const state: Partial<Suite> = {}
  before(async function () {
    this.timeout(20_000)
    state.kube = await connect({env: process.env})
    state.namespace = `${name}-${randomBytes(4).toString('hex')}`
    const object = {apiVersion: 'v1', kind: 'Namespace', metadata: {name: state.namespace}}
    await createObject(state.kube, object, {fieldManager: 'test'})
  })
  after(async () => {
    if (state.kube === undefined || state.namespace === undefined) return
    await deleteObject(state.kube, {apiVersion: 'v1', kind: 'Namespace', name: state.namespace})
    state.kube.close()
  })
  return {
    get kube() {
      return known(state.kube)
    },
    get namespace() {
      return known(state.namespace)
    },
  }
}

/** A proxy between us and the real API server, and a connection through it. */
export async function connectThroughFaults(
  options: Pick<FaultProxyOptions, 'listen' | 'port'> = {},
): Promise<{kube: Kube; proxy: FaultProxy; kubeconfig: string; close: () => Promise<void>}> {
  const {cluster, user} = await chooseCluster({env: process.env})
  const proxy = await startFaultProxy({
    ...options,
    to: cluster.server.href,
    tls: {
      ca: await pemOf(cluster.caFile, cluster.caData),
      cert: await pemOf(user?.certFile, user?.certData),
      key: await pemOf(user?.keyFile, user?.keyData),
      rejectUnauthorized: !cluster.insecure,
    },
  })
  const folder = await mkdtemp(join(tmpdir(), 'berth-faults-'))
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(
    kubeconfig,
    JSON.stringify(configFor(proxy.url, user?.token === undefined ? {} : {token: user.token}, options.listen?.cert)),
  )
  const kube = await connect({kubeconfig, env: process.env})
  const close = async () => {
    kube.close()
    await proxy.close()
    await rm(folder, {recursive: true})
  }
  return {kube, proxy, kubeconfig, close}
}

/** A kubeconfig of one context named `test`. */
export function configFor(server: string, user: object, ca?: string) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{name: 'test', context: {cluster: 'test', user: 'test'}}],
    clusters: [
      {
        name: 'test',
        cluster: {server, ...(ca !== undefined && {'certificate-authority-data': Buffer.from(ca).toString('base64')})},
      },
    ],
    users: [{name: 'test', user}],
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('only inside a test')
  return value
}

/** What the promise was rejected with; it must be one of our own errors. */
export async function failure(promise: Promise<unknown>): Promise<RemoteError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof RemoteError) return error
    throw error
  }
  throw new Error('it should have failed')
}

/** Watches until the object is gone. */
export async function untilGone(kube: Kube, ref: ObjectRef): Promise<void> {
  const {name, namespace} = ref
  for await (const event of watchObjects(kube, ref, {name, ...(namespace !== undefined && {namespace})})) {
    if (event.type === 'synced' ? event.objects.length === 0 : event.type === 'deleted') return
  }
}

/** A kubeconfig of an account of its own that may do only this, in its namespace. */
export async function accountThatMay(kube: Kube, namespace: string, rules: object[]): Promise<string> {
  const name = `account-${randomBytes(3).toString('hex')}`
  const write = {fieldManager: 'test'}
  const metadata = {name, namespace}
  const rbac = 'rbac.authorization.k8s.io'
  await createObject(kube, {apiVersion: 'v1', kind: 'ServiceAccount', metadata}, write)
  await createObject(kube, {apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules}, write)
  const roleRef = {apiGroup: rbac, kind: 'Role', name}
  const subjects = [{kind: 'ServiceAccount', name, namespace}]
  await createObject(kube, {apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata, roleRef, subjects}, write)
  const {body} = await kube.request({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: {apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {expirationSeconds: 600}},
  })
  const {cluster} = await chooseCluster({env: process.env})
  const ca = await pemOf(cluster.caFile, cluster.caData)
  const {token} = (body as {status: {token: string}}).status
  const kubeconfig = join(await mkdtemp(join(tmpdir(), 'berth-account-')), 'kubeconfig')
  await writeFile(kubeconfig, JSON.stringify(configFor(cluster.server.href, {token}, ca?.toString())))
  return kubeconfig
}

/** Does something to the cluster until it is told to undo it; it is undone as well where this process dies. */
export async function whileWeLive(does: string, undoes: string): Promise<() => Promise<unknown>> {
  const script = `{ ${does}; } >/dev/null && echo done; cat >/dev/null; ${undoes} >/dev/null`
  const holder = spawn('sh', ['-c', script], {detached: true, stdio: ['pipe', 'pipe', 'inherit']})
  await once(holder.stdout, 'data')
  return async () => {
    const ends = once(holder, 'close')
    holder.stdin.end()
    await ends
  }
}
