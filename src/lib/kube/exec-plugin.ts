import {spawn} from 'node:child_process'
import type {Readable} from 'node:stream'
import {orAborted} from './abort.ts'
import {type Authenticate, bearer, type Credentials, type Environment, pemOf} from './credential.ts'
import {pluginFailed} from './errors.ts'
import type {ClusterEntry, ExecEntry} from './kubeconfig-entries.ts'

interface PluginStatus {
  token?: string
  clientCertificateData?: string
  clientKeyData?: string
  expirationTimestamp?: string
}

/**
 * Credentials from a plugin (`client.authentication.k8s.io`, KEP-541): run once, its answer kept until it expires or the server says 401;
 * parallel requests share one run.
 */
export function pluginCredentials(exec: ExecEntry, cluster: ClusterEntry, env: Environment): Authenticate {
  let held: {credentials: Credentials; expires: number} | undefined
  let running: Promise<Credentials> | undefined
  const run = async (): Promise<Credentials> => {
    const status = readStatus(await runPlugin(exec, await execInfo(exec, cluster), env), exec)
    const credentials: Credentials = {
      headers: status.token === undefined ? {} : bearer(status.token),
      ...(status.clientCertificateData !== undefined && {cert: status.clientCertificateData}),
      ...(status.clientKeyData !== undefined && {key: status.clientKeyData}),
    }
    const expires =
      status.expirationTimestamp === undefined ? Number.POSITIVE_INFINITY : Date.parse(status.expirationTimestamp)
    held = {credentials, expires}
    return credentials
  }
  return async ({renew, signal}) => {
    if (held !== undefined && !renew && held.expires > Date.now()) return held.credentials
    running ??= run().finally(() => {
      running = undefined
    })
    // The run is shared: whoever gives up stops waiting, and leaves it to the others.
    return orAborted(running, signal)
  }
}

/** What a plugin may ask: its API version and, if it wants, the cluster. Several refuse to run without it. */
async function execInfo(exec: ExecEntry, cluster: ClusterEntry): Promise<string> {
  const ca = exec.provideClusterInfo ? await pemOf(cluster.caFile, cluster.caData) : undefined
  const info = {
    server: cluster.server.href.replace(/\/$/, ''),
    ...(cluster.tlsServerName !== undefined && {'tls-server-name': cluster.tlsServerName}),
    ...(cluster.insecure && {'insecure-skip-tls-verify': true}),
    ...(ca !== undefined && {'certificate-authority-data': ca.toString('base64')}),
    ...(cluster.proxyUrl !== undefined && {'proxy-url': cluster.proxyUrl}),
  }
  // We never lend the terminal: a plugin that must ask on it (`Always`) fails with its own message.
  const spec = {interactive: false, ...(exec.provideClusterInfo && {cluster: info})}
  return JSON.stringify({apiVersion: exec.apiVersion, kind: 'ExecCredential', spec})
}

function runPlugin(exec: ExecEntry, info: string, env: Environment): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(exec.command, exec.args, {
      env: {...env, ...exec.env, KUBERNETES_EXEC_INFO: info},
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    })
    const stdout = gather(child.stdout, 1 << 20)
    const stderr = gather(child.stderr, 1 << 16)
    child.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'the program is not there' : error.message
      reject(pluginFailed(exec.command, why, exec.installHint))
    })
    child.once('close', (code, killedBy) => {
      if (code === 0) return resolve(stdout())
      const ending = killedBy === null ? `exit code ${code}` : `killed by ${killedBy} (a plugin has 60 s)`
      const lastWords = stderr().trim().split('\n').slice(-5).join('\n')
      reject(pluginFailed(exec.command, lastWords === '' ? ending : `${ending}: ${lastWords}`, undefined))
    })
  })
}

/** The answer is a credential: what is wrong with it is said without quoting it. */
function readStatus(output: string, exec: ExecEntry): PluginStatus {
  let answer: {kind?: unknown; apiVersion?: unknown; status?: PluginStatus}
  try {
    answer = JSON.parse(output)
  } catch {
    throw pluginFailed(exec.command, 'its answer is not JSON', undefined)
  }
  const status = answer?.status
  if (answer?.kind !== 'ExecCredential' || typeof status !== 'object' || status === null) {
    throw pluginFailed(exec.command, 'its answer is not an ExecCredential with a status', undefined)
  }
  if (answer.apiVersion !== exec.apiVersion) {
    throw pluginFailed(
      exec.command,
      `it answers in ${String(answer.apiVersion)}, the kubeconfig says ${exec.apiVersion}`,
      undefined,
    )
  }
  if (status.token === undefined && status.clientCertificateData === undefined) {
    throw pluginFailed(exec.command, 'it gave neither a token nor a certificate', undefined)
  }
  return status
}

function gather(stream: Readable, limit: number): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= limit) chunks.push(chunk)
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
