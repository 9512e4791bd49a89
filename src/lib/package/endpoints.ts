import {OMIT, type Position, type Scope} from '../expr/index.ts'
import {selectorOf} from './assemble.ts'
import {templateFailed} from './errors.ts'
import type {Endpoint, PublishHttp, PublishTcp} from './manifest-schema.ts'
import {programOf} from './program.ts'
import {Renderer} from './renderer.ts'
import {earlyScope, typesOf} from './scope.ts'
import type {ManifestObject, Package, RenderScope} from './types.ts'

/** `provides.<name>` in expressions, and what others are told of an endpoint. */
export interface EndpointAddress {
  host: string
  port: number
  /** The public address where it is published, else the internal one. */
  url: string
  internalUrl: string
  published: boolean
}

/** An endpoint with its templates evaluated. */
export interface ResolvedEndpoint {
  name: string
  endpoint: Endpoint
  address: EndpointAddress
  publish: PublishedHttp | undefined
  tcp: {port: number; via: 'loadBalancer' | 'nodePort'} | undefined
  /** Of `publish`, or of the file. */
  position: Position
}

interface PublishedHttp {
  hosts: string[]
  path: string
  tlsSecret: string | undefined
  bodySize: string | undefined
}

/**
 * What an app provides, from the manifest and the answers alone: no template of an object is rendered for it.
 * @throws ExpressionError `template.failed`
 */
export function resolveEndpoints(
  pkg: Package,
  scope: RenderScope,
  renderer: Renderer = new Renderer(typesOf(pkg).early),
): ResolvedEndpoint[] {
  const {publish} = programOf(pkg)
  const values: Scope = earlyScope(pkg, scope)
  return Object.entries(pkg.manifest.provides).map(([name, endpoint]) => {
    const node = publish.get(name)
    const said = node && renderer.value(node, values)
    const position = node?.position ?? pkg.root.position
    return resolveEndpoint(name, endpoint, scope, (said === OMIT ? undefined : said) as Said | undefined, position)
  })
}

/** `provides` as requests of bindings read it, once parameters are known. */
export const providedScope =
  (pkg: Package, {app, cluster}: Pick<RenderScope, 'app' | 'cluster'>) =>
  (params: Record<string, unknown>, lets: Record<string, unknown>): Record<string, EndpointAddress> => {
    const endpoints = resolveEndpoints(pkg, {params, lets, app, cluster, scale: {}, secretName: ''})
    return Object.fromEntries(endpoints.map(({name, address}) => [name, address]))
  }

/** `publish` with its templates evaluated: any of them may have become anything. */
type Said = Partial<Record<keyof PublishHttp | keyof PublishTcp, unknown>>

function resolveEndpoint(
  name: string,
  endpoint: Endpoint,
  {app}: RenderScope,
  said: Said | undefined,
  position: Position,
): ResolvedEndpoint {
  const {interface: scheme, port} = endpoint
  const service = serviceName(app.name, name)
  const host = `${service}.${app.namespace}.svc`
  const publish = said && resolveHttp(said, service, position)
  const tcp = said && resolveTcp(said, position)
  const internalUrl = `${scheme}://${host}:${port}`
  let url = internalUrl
  if (publish !== undefined) {
    const secured = publish.tlsSecret !== undefined && scheme === 'http' ? 'https' : scheme
    url = `${secured}://${publish.hosts[0]}${publish.path === '/' ? '' : publish.path}`
  }
  const published = publish !== undefined || tcp !== undefined
  return {name, endpoint, publish, tcp, position, address: {host, port, url, internalUrl, published}}
}

const HOST = /^(?=.{1,253}$)(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

function resolveHttp(
  {host, tls, path, bodySize}: Said,
  service: string,
  position: Position,
): PublishedHttp | undefined {
  const hosts = [host].flat(2).filter(each => each !== undefined && each !== null && each !== '')
  if (hosts.length === 0) return undefined
  const wrong = hosts.find(each => typeof each !== 'string' || !HOST.test(each))
  if (wrong !== undefined) throw templateFailed(position, 'value', `host ${JSON.stringify(wrong)} is no host name`)
  const secret = typeof tls === 'object' && tls !== null && 'secret' in tls ? tls.secret : tls
  const below = String(path ?? '/')
  return {
    hosts: [...new Set(hosts.map(String))],
    path: below.startsWith('/') ? below : `/${below}`,
    tlsSecret: secret === true ? `${service}-tls` : typeof secret === 'string' && secret !== '' ? secret : undefined,
    bodySize: bodySize === undefined || bodySize === null ? undefined : String(bodySize),
  }
}

function resolveTcp({tcp: port, via}: Said, position: Position): ResolvedEndpoint['tcp'] {
  if (port === undefined || port === null) return undefined
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw templateFailed(position, 'value', `tcp is ${JSON.stringify(port)}, which is no port`)
  const [first = 'loadBalancer'] = (via ?? []) as NonNullable<PublishTcp['via']>
  return {port, via: first}
}

function serviceName(app: string, endpoint: string): string {
  return `${app}-${endpoint}`
}

/** The Service of an endpoint, and what publishes it. Labels and namespace are added with everyone else's. */
export function endpointObjects(resolved: ResolvedEndpoint, {app, cluster}: RenderScope): ManifestObject[] {
  const {name, endpoint, publish, tcp, position} = resolved
  const size = publish?.bodySize
  if (size !== undefined && !/^\d+[kmg]?$/i.test(size))
    throw templateFailed(position, 'value', `bodySize is ${JSON.stringify(size)}, which is no size`, 'such as 64m')
  const metadata = {name: serviceName(app.name, name)}
  const selector = selectorOf(app.name, endpoint.component)
  const appProtocol = endpoint.interface === 'http' ? {appProtocol: 'http'} : {}
  const port = {name, port: endpoint.port, targetPort: endpoint.port, protocol: 'TCP', ...appProtocol}
  const service = {apiVersion: 'v1', kind: 'Service'}
  const objects: ManifestObject[] = [{...service, metadata, spec: {type: 'ClusterIP', selector, ports: [port]}}]
  if (publish !== undefined) objects.push(ingress(metadata, publish, cluster.ingressClass, name))
  if (tcp !== undefined) {
    const balanced = tcp.via === 'loadBalancer'
    const ports = [{...port, [balanced ? 'port' : 'nodePort']: tcp.port}]
    const spec = {type: balanced ? 'LoadBalancer' : 'NodePort', selector, ports}
    objects.push({...service, metadata: {name: `${metadata.name}-public`}, spec})
  }
  return objects
}

function ingress(
  {name}: {name: string},
  {hosts, path, tlsSecret, bodySize}: PublishedHttp,
  ingressClass: string | null,
  port: string,
): ManifestObject {
  const paths = [{path, pathType: 'Prefix', backend: {service: {name, port: {name: port}}}}]
  const annotations = bodySize === undefined ? {} : {'nginx.ingress.kubernetes.io/proxy-body-size': bodySize}
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {name, ...(bodySize === undefined ? {} : {annotations})},
    spec: {
      ...(ingressClass === null ? {} : {ingressClassName: ingressClass}),
      rules: hosts.map(host => ({host, http: {paths}})),
      ...(tlsSecret === undefined ? {} : {tls: [{hosts, secretName: tlsSecret}]}),
    },
  }
}
