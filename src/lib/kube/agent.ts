import {type Agent, Agent as HttpAgent} from 'node:http'
import {Agent as HttpsAgent} from 'node:https'
import {isIP} from 'node:net'
import {
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls'
import type {Credentials, Environment} from './credential.ts'
import type {ClusterEntry} from './kubeconfig-entries.ts'
import {configInvalid} from './kubeconfig-errors.ts'
import {proxyFor} from './proxy.ts'

/** The connections of a cluster: a pool for requests, and a maker of fresh ones for WebSockets. */
export interface Agents {
  pooled: Agent
  /** A pooled connection may be dying, and a command whose handshake got lost on it cannot be sent again. */
  fresh: Agent
}

/**
 * Makes the agents with the cluster's CA, the client's certificate and the proxy.
 * @throws UserError `cluster.config-invalid`
 */
export async function makeAgents(
  cluster: ClusterEntry,
  {cert, key}: Credentials,
  ca: Buffer | undefined,
  env: Environment,
): Promise<Agents> {
  const proxy = cluster.proxyUrl ?? proxyFor(cluster.server, env)
  if (proxy !== undefined && !URL.canParse(proxy))
    throw configInvalid(`cluster ${cluster.name}`, 'proxy-url is not an address')
  const certificates = {...(ca && {ca}), ...(cert && {cert}), ...(key && {key})}
  const secure = {
    ...certificates,
    ...(cluster.insecure && {rejectUnauthorized: false}),
    ...(cluster.tlsServerName !== undefined && namedAs(cluster.tlsServerName)),
  }
  // Below the API server's 90 s and most balancers' 60 s, so that we seldom write into a connection that is being closed.
  const pool = {timeout: 45_000, scheduling: 'lifo'} as const
  if (proxy?.startsWith('socks')) {
    const make = (keepAlive: boolean) => socksAgent(cluster, proxy, {...pool, ...secure, keepAlive})
    return {pooled: await make(true), fresh: await make(false)}
  }
  const through = proxy === undefined ? {} : {proxyEnv: {HTTP_PROXY: proxy, HTTPS_PROXY: proxy}}
  const plain = cluster.server.protocol === 'http:'
  const options = {...pool, ...through, ...(!plain && {...secure, secureContext: contextOf(certificates, cluster)})}
  const make = (keepAlive: boolean) => new (plain ? HttpAgent : HttpsAgent)({...options, keepAlive})
  return {pooled: make(true), fresh: make(false)}
}

/** The name that the server's certificate has to have. An address is not sent as a name (RFC 6066, 3), only checked. */
const namedAs = (name: string) =>
  isIP(name) === 0
    ? {servername: name}
    : {servername: '', checkServerIdentity: (_host: string, cert: PeerCertificate) => checkServerIdentity(name, cert)}

/** One for all connections: else each of them reads the certificates again. */
function contextOf(certificates: SecureContextOptions, cluster: ClusterEntry): SecureContext {
  try {
    return createSecureContext(certificates)
  } catch (error) {
    throw configInvalid(
      `cluster ${cluster.name}`,
      `its certificates cannot be used: ${(error as Error).message}`,
      error,
    )
  }
}

/** SOCKS is the one kind of proxy that Node does not speak: client-node's KubeConfig makes that agent (loaded only here: 130 ms). */
async function socksAgent({name, server, insecure}: ClusterEntry, proxyUrl: string, options: object): Promise<Agent> {
  const {KubeConfig} = await import('@kubernetes/client-node/dist/config.js')
  const config = new KubeConfig()
  config.loadFromClusterAndUser({name, server: server.href, skipTLSVerify: insecure, proxyUrl}, {name: 'berth'})
  const request: {agent?: Agent} = {...options}
  await config.applyToHTTPSOptions(request as never)
  return request.agent as Agent
}
