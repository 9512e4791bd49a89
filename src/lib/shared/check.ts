import {randomBytes} from 'node:crypto'
import {duplexPair, PassThrough} from 'node:stream'
import {label, managedBy, stateManager} from '../anchor/index.ts'
import type {Kube, KubeObject, ObjectRef} from '../kube/index.ts'
import {createObject, deleteObject, exec, readLogs, watchObjects} from '../kube/index.ts'
import {builtinInterfaces, literalOutputs, outputAt} from '../params/index.ts'
import {type Handshake, type Securing, shakeHands} from './handshake.ts'
import type {ServiceRow} from './services.ts'

/** What a pod of the cluster saw where a service should be. */
export interface ServiceCheck {
  service: {namespace: string; name: string}
  host: string
  port: number
  /** From which namespace. */
  from: string
  reachable: boolean
  /** `unknown`: no pod could look, and the message says why. `tls`: it answers, and not as it should. */
  reason: 'open' | 'dns' | 'refused' | 'timeout' | 'tls' | 'unknown'
  message: string
  /** Null where what was said of it asks for none. */
  tls: Handshake | null
}

const seconds = 5
const script = `why=$(nc -w ${seconds} "$HOST" "$PORT" </dev/null 2>&1 >/dev/null); code=$?; echo "$why"; exit $code`

/** Opens a connection to a service from a pod of its own, and takes the pod away. */
export async function checkService(
  kube: Kube,
  {namespace, name, interface: kind, outputs}: ServiceRow,
  {from, image}: {from: string; image: string},
  signal: AbortSignal,
): Promise<ServiceCheck> {
  const known = builtinInterfaces[kind]
  const address = known === undefined ? outputs : literalOutputs(known, outputs)
  const url = Object.values(address).find(value => typeof value === 'string' && /^\w+:\/\//.test(value))
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  const host = String(address[outputAt('host', known) ?? 'host'] ?? parsed?.hostname ?? '')
  const port = Number(address[outputAt('port', known) ?? 'port'] ?? (parsed && portOf(parsed)))
  const securing = securingOf(kind, address, parsed)
  const pod = {apiVersion: 'v1', kind: 'Pod', namespace: from, name: `berth-check-${randomBytes(4).toString('hex')}`}
  const ca = typeof address.ca === 'string' ? address.ca : undefined
  const saw = await look(kube, pod, {host, port, image, ca, securing}, signal)
  const problem = saw.tls?.problem ?? null
  // `require` of libpq asks for encryption, and not for whom one talks to.
  const trusts = problem === null || (address.sslmode === 'require' && saw.tls?.protocol !== null)
  const found = trusts ? saw : {...saw, reason: 'tls' as const, message: `${host}:${port} ${problem}`}
  return {service: {namespace, name}, host, port, from, reachable: found.reason === 'open', ...found}
}

const portOf = ({port, protocol}: URL): number => (port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port))

/** What was said of a service tells whether clients will want TLS of it. */
function securingOf(kind: string, address: Record<string, unknown>, url: URL | undefined): Securing | undefined {
  const {sslmode, encryption, ca} = address
  if (kind === 'postgresql')
    return ['require', 'verify-ca', 'verify-full'].includes(String(sslmode)) || ca !== undefined ? kind : undefined
  if (encryption === 'starttls') return 'smtp'
  return encryption === 'tls' || url?.protocol === 'https:' || ca !== undefined ? 'direct' : undefined
}

interface Destination {
  host: string
  port: number
  image: string
  ca: string | undefined
  securing: Securing | undefined
}

async function look(
  kube: Kube,
  pod: ObjectRef & {namespace: string},
  to: Destination,
  signal: AbortSignal,
): Promise<Pick<ServiceCheck, 'reason' | 'message' | 'tls'>> {
  await createObject(kube, podFor(pod, to), {fieldManager: stateManager, signal})
  try {
    const ended = await ending(
      kube,
      pod,
      to.securing !== undefined,
      AbortSignal.any([signal, AbortSignal.timeout(60_000)]),
    )
    signal.throwIfAborted()
    if ('why' in ended) return {reason: 'unknown', message: ended.why, tls: null}
    if ('running' in ended) return await overPod(kube, pod, to, signal)
    const said = (await readLogs(kube, {namespace: pod.namespace, pod: pod.name, limitBytes: 4096, signal})).trim()
    return {...(ended.code === 0 ? open(to) : reasonOf(said, to)), tls: null}
  } finally {
    await deleteObject(kube, pod, {signal: AbortSignal.timeout(10_000)})
  }
}

const open = ({host, port}: Destination) => ({reason: 'open' as const, message: `${host}:${port} answers`})

/** Looks once more, and shakes hands through the pod: its image needs no TLS of its own, and certificates are checked here. */
async function overPod(
  kube: Kube,
  {namespace, name}: ObjectRef & {namespace: string},
  to: Destination,
  signal: AbortSignal,
): Promise<Pick<ServiceCheck, 'reason' | 'message' | 'tls'>> {
  const stop = new AbortController()
  const [near, far] = duplexPair()
  const said = new PassThrough()
  const within = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(seconds * 2000)])
  const about = {namespace, pod: name, command: ['nc', '-w', String(seconds), to.host, String(to.port)]}
  const ends = exec(kube, {...about, stdin: far, stdout: far, stderr: said, signal: within}).then(
    () => String(said.read() ?? ''),
    (error: unknown) => {
      if (!within.aborted) throw error
      return ''
    },
  )
  near.on('error', () => undefined) // told by the handshake, or by why it ended
  try {
    const shaken = shakeHands(near, {...to, securing: to.securing ?? 'direct', signal: within})
    shaken.catch(() => undefined) // where the connection ended first, that is what there is to tell
    const tls = await Promise.race([shaken, ends])
    return typeof tls === 'string' ? {...reasonOf(tls.trim(), to), tls: null} : {...open(to), tls}
  } catch (error) {
    if (signal.aborted || !within.aborted) throw error
    return {...open(to), tls: {protocol: null, expires: null, problem: `does not answer in TLS within ${seconds} s`}}
  } finally {
    stop.abort()
  }
}

function reasonOf(said: string, {host, port}: {host: string; port: number}): Pick<ServiceCheck, 'reason' | 'message'> {
  if (/bad address|resolve|not known/i.test(said))
    return {reason: 'dns', message: `the name ${host} is not known in the cluster`}
  if (/refused/i.test(said))
    return {reason: 'refused', message: `${host} is there, and nothing listens at port ${port}`}
  if (/timed out|unreachable|no route/i.test(said))
    return {reason: 'timeout', message: `nothing answers at ${host}:${port} within ${seconds} s: ${said}`}
  return {reason: 'unknown', message: said === '' ? 'the check ended without a word' : said}
}

interface Status {
  phase?: string
  containerStatuses?: {
    state?: {waiting?: {reason?: string; message?: string}; running?: object; terminated?: {exitCode: number}}
  }[]
}

/** How the pod ended, that it runs where it is to stay, or why it cannot. */
async function ending(
  kube: Kube,
  {name, namespace, ...kind}: ObjectRef & {namespace: string},
  stays: boolean,
  signal: AbortSignal,
): Promise<{code: number} | {running: true} | {why: string}> {
  let waits = 'no node has taken it'
  for await (const event of watchObjects(kube, kind, {namespace, name, signal})) {
    const pod = event.type === 'synced' ? event.objects[0] : event.object
    const [container] = ((pod?.status ?? {}) as Status).containerStatuses ?? []
    const {waiting, running, terminated} = container?.state ?? {}
    if (terminated !== undefined) return {code: terminated.exitCode}
    if (stays && running !== undefined) return {running: true}
    if (waiting?.reason !== undefined) waits = [waiting.reason, waiting.message].filter(Boolean).join(': ')
    if (/^(ImagePullBackOff|ErrImagePull|InvalidImageName|CreateContainer\w*Error)$/.test(waiting?.reason ?? '')) break
  }
  return {why: `the pod that should look does not run: ${waits}`}
}

function podFor(
  {namespace, name}: {namespace: string; name: string},
  {host, port, image, securing}: Destination,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name, namespace, labels: {[label.managedBy]: managedBy, [label.kind]: 'check'}},
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: 60,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {runAsNonRoot: true, runAsUser: 65534, seccompProfile: {type: 'RuntimeDefault'}},
      containers: [
        {
          name: 'check',
          image,
          command: securing === undefined ? ['sh', '-c', script] : ['sleep', '60'],
          env: [
            {name: 'HOST', value: host},
            {name: 'PORT', value: String(port)},
          ],
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: ['ALL']}},
          resources: {requests: {cpu: '10m', memory: '16Mi'}, limits: {memory: '32Mi'}},
        },
      ],
    },
  }
}
