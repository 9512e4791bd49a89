import {type Agent, Agent as HttpAgent} from 'node:http'
import {type AgentOptions, Agent as HttpsAgent} from 'node:https'
import type {Credentials} from './credential.ts'
import type {Environment} from './exec-plugin.ts'
import type {ClusterEntry} from './kubeconfig-entries.ts'
import {configInvalid} from './kubeconfig-errors.ts'
import {proxyFor} from './proxy.ts'

/** The connections of a cluster: a pool for requests, and a maker of fresh ones for WebSockets. */
export interface Agents {
  pooled: Agent
  /** A pooled connection may be dying, and a command whose handshake got lost on it cannot be sent again. */
  fresh: Agent
}

/** Makes the agents with the cluster's CA, the client's certificate and the proxy. */
export async function makeAgents(
  cluster: ClusterEntry,
  credentials: Credentials,
  ca: Buffer | undefined,
  env: Environment,
): Promise<Agents> {
  const make = (keepAlive: boolean) => makeAgent(cluster, credentials, ca, env, keepAlive)
  return {pooled: await make(true), fresh: await make(false)}
}

async function makeAgent(
  cluster: ClusterEntry,
  credentials: Credentials,
  ca: Buffer | undefined,
  env: Environment,
  keepAlive: boolean,
): Promise<Agent> {
  const pool: AgentOptions = {
    keepAlive,
    // Below the API server's 90 s and most balancers' 60 s, so that we seldom write into a connection that is being closed.
    timeout: 45_000,
    scheduling: 'lifo',
  }
  const options: AgentOptions = {
    ...pool,
    ...(ca !== undefined && {ca}),
    ...(credentials.cert !== undefined && {cert: credentials.cert}),
    ...(credentials.key !== undefined && {key: credentials.key}),
    ...(cluster.insecure && {rejectUnauthorized: false}),
    ...(cluster.tlsServerName !== undefined && {servername: cluster.tlsServerName}),
  }
  const proxy = cluster.proxyUrl ?? proxyFor(cluster.server, env)
  if (proxy?.startsWith('socks')) return socksAgent(cluster, proxy, options)
  if (proxy !== undefined && !URL.canParse(proxy))
    throw configInvalid(`cluster ${cluster.name}`, 'proxy-url is not an address')
  const through = proxy === undefined ? {} : {proxyEnv: {HTTP_PROXY: proxy, HTTPS_PROXY: proxy}}
  return cluster.server.protocol === 'http:'
    ? new HttpAgent({...pool, ...through})
    : new HttpsAgent({...options, ...through})
}

/** SOCKS is the one kind of proxy that Node does not speak: client-node's KubeConfig makes that agent (loaded only here: 130 ms). */
async function socksAgent(cluster: ClusterEntry, proxyUrl: string, options: AgentOptions) {
  const {KubeConfig} = await import('@kubernetes/client-node/dist/config.js')
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    {name: cluster.name, server: cluster.server.href, skipTLSVerify: cluster.insecure, proxyUrl},
    {name: 'berth'},
  )
  const request = {...options, headers: {}}
  await config.applyToHTTPSOptions(request as never)
  return (request as unknown as {agent: HttpsAgent}).agent
}
