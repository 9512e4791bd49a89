import {type ChildProcess, spawn} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {anchorName} from '../../src/lib/anchor/index.ts'
import {
  connect,
  createObject,
  deleteObject,
  exec,
  findObject,
  type Kube,
  type KubeObject,
  listObjects,
} from '../../src/lib/kube/index.ts'
import {Run, root} from '../cli/support.ts'
import type {FaultProxy} from '../faults/proxy.ts'
import {configFor, connectThroughFaults} from './support.ts'

/** How one run differs from the others. */
export interface RunOptions {
  /** Through which kubeconfig; the cluster's own without. */
  kubeconfig?: string
  /** Another home: what this one trusts is not known there. */
  home?: string
  /** Put before the command: `['unshare', '-pf', '--mount-proc']`. */
  under?: string[]
  env?: Record<string, string>
  stdin?: string
}

/** A berth that is running. */
export interface Running {
  child: ChildProcess
  done: Promise<Run>
}

/** A cluster, a home with the repositories `berth` (packages/) and `test` (test/fixtures/apps/), and namespaces that are gone after it. */
export interface Apps {
  kube: Kube
  /** A home that no other run has touched, for an operator who trusts nothing yet. */
  newHome(): Promise<string>
  /** A new namespace; the name says what for. */
  namespace(what: string): Promise<string>
  /** Runs the built binary to its end. Words are given as they are: nothing is split, nothing added. */
  berth(args: string[], options?: RunOptions): Promise<Run>
  start(args: string[], options?: RunOptions): Running
}

/** Call it in a `describe`. */
export function apps(): Apps {
  const namespaces: string[] = []
  let kube: Kube | undefined
  let folder = ''
  const newHome = async () => {
    const home = await mkdtemp(join(folder, 'home-'))
    const repositories = [
      {name: 'berth', location: join(root, 'packages')},
      {name: 'test', location: join(root, 'test/fixtures/apps')},
    ]
    await mkdir(join(home, '.config/berth'), {recursive: true})
    await writeFile(join(home, '.config/berth/config.yaml'), JSON.stringify({repositories}))
    return home
  }
  let home = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-apps-'))
    home = await newHome()
    kube = await connect({env: process.env})
  })
  after(async function () {
    this.timeout(60_000)
    await Promise.all(
      namespaces.map(name => known(kube).request({method: 'DELETE', path: `/api/v1/namespaces/${name}`})),
    )
    kube?.close()
    // A process that was killed a moment ago may still be writing its cache.
    await rm(folder, {recursive: true, force: true, maxRetries: 5, retryDelay: 200})
  })
  const start = (args: string[], options: RunOptions = {}): Running => {
    const [command = '', ...rest] = [...(options.under ?? []), join(root, 'bin/berth'), ...args]
    const {PATH, KUBECONFIG} = process.env
    const env = {
      PATH,
      KUBECONFIG: options.kubeconfig ?? KUBECONFIG,
      HOME: options.home ?? home,
      TERM: 'dumb',
      LANG: 'C.UTF-8',
      ...options.env,
    }
    const child = spawn(command, rest, {cwd: folder, env, stdio: 'pipe'})
    child.stdin.on('error', () => undefined) // it may leave without reading
    child.stdin.end(options.stdin ?? '')
    const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
    const done = Promise.all([ended, text(child.stdout), text(child.stderr)]).then(
      ([exitCode, stdout, stderr]) => new Run(exitCode, stdout, stderr),
    )
    return {child, done}
  }
  return {
    get kube() {
      return known(kube)
    },
    newHome,
    async namespace(what) {
      const name = `${what}-${randomBytes(4).toString('hex')}`
      const object = {apiVersion: 'v1', kind: 'Namespace', metadata: {name}}
      await createObject(known(kube), object, {fieldManager: 'test'})
      namespaces.push(name)
      return name
    },
    start,
    berth: (args, options) => start(args, options).done,
  }
}

/** The run ended as it should, or the test's failure shows all it said. */
export function ended(run: Run, exitCode: number, code?: string): Run {
  const said = run.stdout.startsWith('{') ? (run.json.error?.code as string | undefined) : undefined
  if (run.exitCode !== exitCode || (code !== undefined && said !== code))
    throw new Error(
      `it ended with ${run.exitCode} ${said ?? ''}, not ${exitCode} ${code ?? ''}\n${run.stdout}\n${run.stderr}`,
    )
  return run
}

export interface Interrupted {
  /** What the killed process said until then; undefined where it ended by itself before the n-th write. */
  killed: Run | undefined
  /** Set where it was not killed. */
  undisturbed: Run | undefined
}

/** Requests that write the anchor of an app. */
const anchorWrites = (app: string): RegExp =>
  new RegExp(
    `^(POST .*/configmaps\\?fieldManager=berth.state|(PUT|PATCH|DELETE) .*/configmaps/${anchorName(app)}(\\?|$))`,
  )

/**
 * Runs berth and kills it (SIGKILL) at its n-th write of the app's anchor: `before` it reaches the server, or `after` the server has
 * done it, with the answer still on its way.
 */
export const killedAtWrite = (
  apps: Apps,
  args: string[],
  app: string,
  n: number,
  moment: 'before' | 'after',
): Promise<Interrupted> => killedAt(apps, args, anchorWrites(app), n, moment)

/** The same at the n-th request that matches. */
export async function killedAt(
  apps: Apps,
  args: string[],
  on: RegExp,
  n: number,
  moment: 'before' | 'after',
): Promise<Interrupted> {
  return throughFaults(async (kubeconfig, proxy) => {
    let struck = false
    const {child, done} = apps.start(args, {kubeconfig})
    proxy.inject({
      on,
      skip: n - 1,
      fault: moment === 'before' ? {cutAt: 0, of: 'request'} : {stallAt: 0},
      struck: () => {
        struck = true
        child.kill('SIGKILL')
      },
    })
    const run = await done
    return struck ? {killed: run, undisturbed: undefined} : {killed: undefined, undisturbed: run}
  })
}

/** Someone of a namespace, who may do there what a ClusterRole says, or nothing: writes a kubeconfig, and gives back the token in it. */
export async function accountOf(
  kube: Kube,
  namespace: string,
  name: string,
  file: string,
  role?: string,
): Promise<string> {
  const by = {fieldManager: 'test'}
  await createObject(kube, {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name, namespace}}, by)
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: {name, namespace},
    roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role},
    subjects: [{kind: 'ServiceAccount', name, namespace}],
  }
  if (role !== undefined) await createObject(kube, binding, by)
  const {body} = await kube.request({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: {apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {expirationSeconds: 3600}},
  })
  const {token} = (body as {status: {token: string}}).status
  const {server} = kube.target
  const config = configFor(server, {token})
  const cluster = {name: 'test', cluster: {server, 'insecure-skip-tls-verify': true}}
  await writeFile(file, JSON.stringify({...config, clusters: [cluster]}))
  return token
}

/** A proxy in front of the cluster for as long as `work` takes. */
export async function throughFaults<T>(work: (kubeconfig: string, proxy: FaultProxy) => Promise<T>): Promise<T> {
  const {proxy, kubeconfig, close} = await connectThroughFaults()
  try {
    return await work(kubeconfig, proxy)
  } finally {
    await close()
  }
}

/** The anchor as it stands, data parsed; undefined where there is none. */
export async function anchorOf(kube: Kube, namespace: string, app: string) {
  const found = await findObject(kube, {...configMap, namespace, name: anchorName(app)})
  if (found === undefined) return undefined
  const data = (found.data ?? {}) as Record<string, string>
  const parse = (source: string | undefined) => (source === undefined ? undefined : JSON.parse(source))
  return {
    object: found,
    phase: found.metadata.labels?.['berth.dev/phase'],
    operation: parse(found.metadata.annotations?.['berth.dev/operation']),
    current: parse(data.current),
    pending: parse(data.pending),
    grants: parse(data.grants) ?? {},
    history: parse(data.history) ?? [],
  }
}

const configMap = {apiVersion: 'v1', kind: 'ConfigMap'}
const kinds = [
  configMap,
  {apiVersion: 'v1', kind: 'Secret'},
  {apiVersion: 'v1', kind: 'Service'},
  {apiVersion: 'v1', kind: 'PersistentVolumeClaim'},
  {apiVersion: 'v1', kind: 'Pod'},
  {apiVersion: 'apps/v1', kind: 'Deployment'},
  {apiVersion: 'apps/v1', kind: 'StatefulSet'},
  {apiVersion: 'batch/v1', kind: 'Job'},
  {apiVersion: 'networking.k8s.io/v1', kind: 'Ingress'},
  {apiVersion: 'coordination.k8s.io/v1', kind: 'Lease'},
]

/** Everything in the namespace that says it is this app's, berth's own state included; pods that are going do not count. */
async function objectsOf(kube: Kube, namespace: string, app: string): Promise<KubeObject[]> {
  const lists = await Promise.all(
    kinds.map(async kind => (await listObjects(kube, kind, {namespace})).items.map(item => ({...kind, ...item}))),
  )
  return lists.flat().filter(({metadata: {labels = {}, deletionTimestamp}}) => {
    return (
      (labels['app.kubernetes.io/instance'] === app || labels['berth.dev/app'] === app) &&
      deletionTimestamp === undefined
    )
  })
}

/** The app's objects by name alone: `Secret/w-secrets`. Pods by number, as their names are chance. */
export async function namesOf(kube: Kube, namespace: string, app: string): Promise<string[]> {
  const objects = await objectsOf(kube, namespace, app)
  return objects.map(({kind, metadata}) => (kind === 'Pod' ? 'Pod' : `${kind}/${metadata.name}`)).sort()
}

/**
 * How an app stands, without what differs from one install to the next (times, uids, generated values, its own name), so that two can be
 * compared line by line. Of secrets, the keys and lengths: compare apps whose
 * names are of one length.
 */
export async function endState(kube: Kube, namespace: string, app: string): Promise<string> {
  const objects = (await objectsOf(kube, namespace, app)).filter(({kind}) => kind !== 'Lease' && kind !== 'Pod')
  const anchor = await anchorOf(kube, namespace, app)
  const uids = new Set(objects.map(({metadata}) => metadata.uid))
  const state = {
    objects: objects.filter(({metadata}) => metadata.name !== anchorName(app)).map(shapeOf),
    anchor: anchor && {
      phase: anchor.phase,
      operation: anchor.operation,
      pending: anchor.pending,
      current: {
        ...anchor.current,
        objects: Object.keys(anchor.current?.objects ?? {}).sort(),
        inventory: anchor.current?.inventory
          ?.map((member: {uid?: string}) => ({...member, uid: uids.has(member.uid)}))
          .map((member: unknown) => JSON.stringify(member))
          .sort(),
      },
      grants: anchor.grants,
    },
  }
  // Revisions count up where a first try left its Secret; which number it is says nothing.
  const text = JSON.stringify(state)
    .replaceAll(namespace, 'NAMESPACE')
    .replaceAll(namespace.replaceAll('-', '_'), 'NAMESPACE')
    .replace(/NAMESPACE_[a-z0-9_]+_[0-9a-f]{7}[0-9a-fx]/g, 'CONSUMER')
    .replaceAll(new RegExp(`\\b${app}\\b`, 'g'), 'APP')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll('"berth.dev/restarted":"TIME"', '')
    .replaceAll(/APP\.s\.\d+/g, 'APP.s.N')
    .replaceAll(/"(number|berth.dev\/revision)":"?\d+"?/g, '"$1":0')
  return JSON.stringify(sorted(JSON.parse(text)), null, 1)
}

/** The order of keys says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

const volatile =
  /^(berth\.dev\/(content|inputs|operation|epoch)|deployment\.kubernetes\.io\/revision|applyset\.|volume\.kubernetes\.io\/selected-node)/

function shapeOf(object: KubeObject) {
  const {kind, metadata, spec, data, immutable, type} = object as KubeObject & {immutable?: boolean; type?: string}
  const without = (map: Record<string, string> | undefined) =>
    Object.fromEntries(Object.entries(map ?? {}).filter(([name]) => !volatile.test(name)))
  const lengths = Object.fromEntries(
    Object.entries((data ?? {}) as Record<string, string>).map(([name, value]) =>
      kind === 'Secret' && name !== '.revision' ? [name, value.length] : [name, name === '.revision' ? '' : value],
    ),
  )
  return {
    kind,
    name: metadata.name,
    labels: without(metadata.labels),
    annotations: without(metadata.annotations),
    data: kind === 'Secret' || kind === 'ConfigMap' ? lengths : undefined,
    immutable,
    type,
    spec: JSON.parse(
      JSON.stringify(spec ?? null, (key, value) =>
        ['clusterIP', 'clusterIPs', 'berth.dev/inputs', 'volumeName'].includes(key) ? undefined : value,
      ),
    ),
  }
}

/** A value of the app's member Secret: what its pods read. */
export async function secretOf(kube: Kube, namespace: string, app: string, key: string): Promise<string | undefined> {
  const found = await findObject(kube, {apiVersion: 'v1', kind: 'Secret', namespace, name: `${app}-secrets`})
  const value = (found?.data as Record<string, string> | undefined)?.[key]
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString()
}

/** Runs a shell script in the first pod of an app. */
export async function inPod(kube: Kube, namespace: string, app: string, script: string): Promise<string> {
  const {items} = await listObjects(
    kube,
    {apiVersion: 'v1', kind: 'Pod'},
    {namespace, labelSelector: `app.kubernetes.io/instance=${app}`},
  )
  const pod = items.find(({metadata}) => metadata.deletionTimestamp === undefined)
  const chunks: Buffer[] = []
  const {Writable} = await import('node:stream')
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, next) => {
      chunks.push(chunk)
      next()
    },
  })
  await exec(kube, {namespace, pod: pod?.metadata.name ?? '', command: ['sh', '-c', script], stdout})
  return Buffer.concat(chunks).toString()
}

/** Deletes an object, whatever it is. */
export const remove = (kube: Kube, kind: string, namespace: string, name: string): Promise<boolean> =>
  deleteObject(kube, {apiVersion: 'v1', kind, namespace, name})

/** Does many things, so many at a time: two processors get no faster by more. */
export async function atMost<T>(width: number, work: (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  const queue = [...work.entries()]
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await next[1]()
  }
  await Promise.all(Array.from({length: width}, lane))
  return results
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('only inside a test')
  return value
}
