import {duplexPair, PassThrough} from 'node:stream'
import {label, managedBy, readAnchor, serviceProvider, stateManager} from '../anchor/index.ts'
import {runScript} from '../binding/index.ts'
import {UserError} from '../errors.ts'
import type {Kube} from '../kube/index.ts'
import {exec, inShortPod} from '../kube/index.ts'
import {builtinInterfaces, literalOutputs, outputAt} from '../params/index.ts'
import {type Handshake, type Securing, shakeHands} from './handshake.ts'
import type {SharedRef} from './scope.ts'
import type {ServiceRow} from './services.ts'

/** What a pod of the cluster saw where a service should be. */
export interface ServiceCheck {
  service: {namespace: string; name: string}
  host: string
  port: number
  /** From which namespace. */
  from: string
  reachable: boolean
  /**
   * `unknown`: no pod could look, and the message says why. `tls`: it answers, and not as it should. `login`: where a package makes something
   * there for apps, its script could not list what there is.
   */
  reason: 'open' | 'dns' | 'refused' | 'timeout' | 'tls' | 'login' | 'unknown'
  message: string
  /** Null where what was said of it asks for none. */
  tls: Handshake | null
}

const seconds = 5

/** Opens a connection to a service from a pod of its own, and takes the pod away; then logs in, where a package can. */
export async function checkService(
  kube: Kube,
  {namespace, name, interface: kind, outputs, by}: ServiceRow,
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
  const ca = typeof address.ca === 'string' ? address.ca : undefined
  const labels = {[label.managedBy]: managedBy, [label.kind]: 'check'}
  const pod = {namespace: from, prefix: 'berth-check', labels, container: {image}, seconds: 60}
  const saw = await inShortPod(kube, {...pod, fieldManager: stateManager, signal}, async found => {
    if ('why' in found)
      return {reason: 'unknown' as const, message: `the pod that should look does not run: ${found.why}`, tls: null}
    return look(kube, {namespace: from, ...found}, {host, port, ca, securing}, signal)
  })
  const problem = saw.tls?.problem ?? null
  // `require` of libpq asks for encryption, and not for whom one talks to.
  const untrusted = {reason: 'tls' as const, message: `${host}:${port} ${problem}`}
  const trusts = problem === null || (address.sslmode === 'require' && saw.tls?.protocol !== null)
  const refused = trusts && by && saw.reason === 'open' ? await tryList(kube, {namespace, name}, signal) : undefined
  const why = trusts ? refused && {reason: 'login' as const, message: refused} : untrusted
  const found = {...saw, ...why}
  return {service: {namespace, name}, host, port, from, reachable: found.reason === 'open', ...found}
}

/** Asks for a list as its administrator. @returns why that failed */
async function tryList(kube: Kube, ref: SharedRef, signal: AbortSignal): Promise<string | undefined> {
  try {
    const provider = await readAnchor(kube, serviceProvider(ref), signal)
    for (const endpoint of Object.keys(provider.current?.provides ?? {}))
      await runScript(kube, provider, endpoint, 'list', {}, signal)
    return undefined
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
}

const portOf = ({port, protocol}: URL): number => (port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port))

/** What was said of a service tells whether clients will want TLS of it. */
function securingOf(kind: string, address: Record<string, unknown>, url: URL | undefined): Securing | undefined {
  const {sslmode, encryption, tls, ca} = address
  if (kind === 'postgresql')
    return ['require', 'verify-ca', 'verify-full'].includes(String(sslmode)) || ca !== undefined ? kind : undefined
  if (kind === 'mysql') return tls === true || ca !== undefined ? kind : undefined
  if (encryption === 'starttls') return 'smtp'
  return tls === true || encryption === 'tls' || url?.protocol === 'https:' || ca !== undefined ? 'direct' : undefined
}

interface Destination {
  host: string
  port: number
  ca: string | undefined
  securing: Securing | undefined
}

/**
 * Opens a connection through `nc` in the pod. Where clients will want TLS, hands are shaken over it: its image needs none, and
 * certificates are checked here.
 */
async function look(
  kube: Kube,
  at: {namespace: string; pod: string; container: string},
  to: Destination,
  signal: AbortSignal,
): Promise<Pick<ServiceCheck, 'reason' | 'message' | 'tls'>> {
  const said = new PassThrough()
  const nc = ['nc', '-w', String(seconds), to.host, String(to.port)]
  if (to.securing === undefined) {
    const command = ['sh', '-c', '"$@" </dev/null >/dev/null', 'sh', ...nc]
    const {exitCode} = await exec(kube, {...at, command, stdout: said, stderr: said, signal})
    return {...(exitCode === 0 ? open(to) : reasonOf(String(said.read() ?? '').trim(), to)), tls: null}
  }
  const {securing} = to
  const stop = new AbortController()
  const [near, far] = duplexPair()
  const within = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(seconds * 2000)])
  const about = {...at, command: nc}
  const ends = exec(kube, {...about, stdin: far, stdout: far, stderr: said, signal: within}).then(
    () => String(said.read() ?? ''),
    (error: unknown) => {
      if (!within.aborted) throw error
      return ''
    },
  )
  near.on('error', () => undefined) // told by the handshake, or by why it ended
  try {
    const shaken = shakeHands(near, {...to, securing, signal: within})
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

const open = ({host, port}: Destination) => ({reason: 'open' as const, message: `${host}:${port} answers`})

function reasonOf(said: string, {host, port}: {host: string; port: number}): Pick<ServiceCheck, 'reason' | 'message'> {
  if (/bad address|resolve|not known/i.test(said))
    return {reason: 'dns', message: `the name ${host} is not known in the cluster`}
  if (/refused/i.test(said))
    return {reason: 'refused', message: `${host} is there, and nothing listens at port ${port}`}
  if (/timed out|unreachable|no route/i.test(said))
    return {reason: 'timeout', message: `nothing answers at ${host}:${port} within ${seconds} s: ${said}`}
  return {reason: 'unknown', message: said === '' ? 'the check ended without a word' : said}
}
