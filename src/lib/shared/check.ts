import {randomBytes} from 'node:crypto'
import {label, managedBy, stateManager} from '../anchor/index.ts'
import type {Kube, KubeObject, ObjectRef} from '../kube/index.ts'
import {createObject, deleteObject, readLogs, watchObjects} from '../kube/index.ts'
import {builtinInterfaces, literalOutputs, outputAt} from '../params/index.ts'
import type {ServiceRow} from './services.ts'

/** What a pod of the cluster saw where a service should be. */
export interface ServiceCheck {
  service: {namespace: string; name: string}
  host: string
  port: number
  /** From which namespace. */
  from: string
  reachable: boolean
  /** `unknown`: no pod could look, and the message says why. */
  reason: 'open' | 'dns' | 'refused' | 'timeout' | 'unknown'
  message: string
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
  const host = String(address[outputAt('host', known) ?? 'host'] ?? '')
  const port = Number(address[outputAt('port', known) ?? 'port'])
  const pod = {apiVersion: 'v1', kind: 'Pod', namespace: from, name: `berth-check-${randomBytes(4).toString('hex')}`}
  const saw = await look(kube, pod, {host, port, image}, signal)
  return {service: {namespace, name}, host, port, from, reachable: saw.reason === 'open', ...saw}
}

async function look(
  kube: Kube,
  pod: ObjectRef & {namespace: string},
  to: {host: string; port: number; image: string},
  signal: AbortSignal,
): Promise<Pick<ServiceCheck, 'reason' | 'message'>> {
  await createObject(kube, podFor(pod, to), {fieldManager: stateManager, signal})
  try {
    const ended = await ending(kube, pod, AbortSignal.any([signal, AbortSignal.timeout(60_000)]))
    signal.throwIfAborted()
    if (!('code' in ended)) return {reason: 'unknown', message: ended.why}
    const said = (await readLogs(kube, {namespace: pod.namespace, pod: pod.name, limitBytes: 4096, signal})).trim()
    return ended.code === 0 ? {reason: 'open', message: `${to.host}:${to.port} answers`} : reasonOf(said, to)
  } finally {
    await deleteObject(kube, pod, {signal: AbortSignal.timeout(10_000)})
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
  containerStatuses?: {state?: {waiting?: {reason?: string; message?: string}; terminated?: {exitCode: number}}}[]
}

/** How the pod ended, or why it cannot run. */
async function ending(
  kube: Kube,
  {name, namespace, ...kind}: ObjectRef & {namespace: string},
  signal: AbortSignal,
): Promise<{code: number} | {why: string}> {
  let waits = 'no node has taken it'
  for await (const event of watchObjects(kube, kind, {namespace, name, signal})) {
    const pod = event.type === 'synced' ? event.objects[0] : event.object
    const [container] = ((pod?.status ?? {}) as Status).containerStatuses ?? []
    const {waiting, terminated} = container?.state ?? {}
    if (terminated !== undefined) return {code: terminated.exitCode}
    if (waiting?.reason !== undefined) waits = [waiting.reason, waiting.message].filter(Boolean).join(': ')
    if (/^(ImagePullBackOff|ErrImagePull|InvalidImageName|CreateContainer\w*Error)$/.test(waiting?.reason ?? '')) break
  }
  return {why: `the pod that should look does not run: ${waits}`}
}

function podFor(
  {namespace, name}: {namespace: string; name: string},
  {host, port, image}: {host: string; port: number; image: string},
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
          command: ['sh', '-c', script],
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
