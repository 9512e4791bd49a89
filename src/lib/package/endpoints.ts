import {
  type Budget,
  createBudget,
  evaluateTemplate,
  isTemplate,
  OMIT,
  parseTemplate,
  type Scope,
  type TypeScope,
} from '../expr/index.ts'
import {templateFailed} from './errors.ts'
import {selectorOf} from './labels.ts'
import {baseScope, baseTypes} from './template-scope.ts'
import type {Endpoint, Manifest, ManifestObject, PublishHttp, PublishTcp, RenderScope} from './types.ts'

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
  publish: {hosts: string[]; path: string; tlsSecret: string | undefined; bodySize: string | undefined} | undefined
  tcp: {port: number; via: 'loadBalancer' | 'nodePort'} | undefined
}

/**
 * What an app provides, from the manifest and the answers alone: no template is rendered for it.
 * @throws ExpressionError `template.failed`
 */
export function resolveEndpoints(
  manifest: Manifest,
  scope: RenderScope,
  types?: TypeScope,
  budget: Budget = createBudget(),
): ResolvedEndpoint[] {
  const values = baseScope(manifest, scope)
  const known = types ?? baseTypes(manifest)
  return Object.entries(manifest.provides).map(([name, endpoint]) =>
    resolveEndpoint(name, endpoint, scope, evaluatorOf(values, known, budget)),
  )
}

type Evaluate = (value: unknown, where: string) => unknown

function evaluatorOf(scope: Scope, types: TypeScope, budget: Budget): Evaluate {
  const evaluate: Evaluate = (value, where) => {
    if (Array.isArray(value)) return value.map(item => evaluate(item, where)).filter(item => item !== undefined)
    if (typeof value !== 'string' || !isTemplate(value)) return value
    const result = evaluateTemplate(parseTemplate(value, {file: where, line: 1, column: 1}), scope, {types, budget})
    return result === OMIT || result === null ? undefined : result
  }
  return evaluate
}

function resolveEndpoint(name: string, endpoint: Endpoint, {app}: RenderScope, evaluate: Evaluate): ResolvedEndpoint {
  const service = serviceName(app.name, name)
  const host = `${service}.${app.namespace}.svc`
  const where = `package.yaml (provides.${name}.publish)`
  const {publish: declared} = endpoint
  const publish =
    declared !== undefined && 'host' in declared
      ? resolveHttp(declared, service, value => evaluate(value, where), where)
      : undefined
  const tcp =
    declared !== undefined && 'tcp' in declared
      ? resolveTcp(declared, value => evaluate(value, where), where)
      : undefined
  const scheme = endpoint.interface
  const internalUrl = `${scheme}://${host}:${endpoint.port}`
  const [first] = publish?.hosts ?? []
  const path = publish?.path === '/' ? '' : (publish?.path ?? '')
  const url =
    first === undefined
      ? internalUrl
      : `${publish?.tlsSecret === undefined ? scheme : scheme === 'http' ? 'https' : scheme}://${first}${path}`
  return {
    name,
    endpoint,
    publish,
    tcp,
    address: {host, port: endpoint.port, url, internalUrl, published: publish !== undefined || tcp !== undefined},
  }
}

function resolveHttp(
  declared: PublishHttp,
  service: string,
  evaluate: (value: unknown) => unknown,
  where: string,
): ResolvedEndpoint['publish'] {
  const hosts = [evaluate(declared.host)].flat(2).filter(host => host !== undefined && host !== '' && host !== null)
  if (hosts.length === 0) return undefined
  for (const host of hosts) {
    if (
      typeof host !== 'string' ||
      !/^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(host) ||
      host.length > 253
    ) {
      throw templateFailed({file: where, line: 1, column: 1}, 'value', `host ${JSON.stringify(host)} is no host name`)
    }
  }
  const tls = typeof declared.tls === 'object' ? evaluate(declared.tls.secret) : evaluate(declared.tls)
  const path = evaluate(declared.path) ?? '/'
  const bodySize = evaluate(declared.bodySize)
  return {
    hosts: [...new Set(hosts.map(String))],
    path: String(path).startsWith('/') ? String(path) : `/${path}`,
    tlsSecret: typeof tls === 'string' && tls !== '' ? tls : tls === true ? `${service}-tls` : undefined,
    bodySize: bodySize === undefined ? undefined : String(bodySize),
  }
}

function resolveTcp(
  {tcp, via = ['loadBalancer']}: PublishTcp,
  evaluate: (value: unknown) => unknown,
  where: string,
): ResolvedEndpoint['tcp'] {
  const port = evaluate(tcp)
  const [first] = via
  if (port === undefined || first === undefined) return undefined
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw templateFailed({file: where, line: 1, column: 1}, 'value', `tcp is ${JSON.stringify(port)}, which is no port`)
  }
  return {port, via: first}
}

function serviceName(app: string, endpoint: string): string {
  return `${app}-${endpoint}`
}

/** The Service of an endpoint, and what publishes it. Labels and namespace are added with everyone else's. */
export function endpointObjects(
  {name, endpoint, publish, tcp}: ResolvedEndpoint,
  {app, cluster}: RenderScope,
): ManifestObject[] {
  const service = serviceName(app.name, name)
  const selector = selectorOf(app.name, endpoint.component)
  const appProtocol = endpoint.interface === 'http' ? {appProtocol: 'http'} : {}
  const port = {name, port: endpoint.port, targetPort: endpoint.port, protocol: 'TCP', ...appProtocol}
  const objects: ManifestObject[] = [
    {apiVersion: 'v1', kind: 'Service', metadata: {name: service}, spec: {type: 'ClusterIP', selector, ports: [port]}},
  ]
  if (publish !== undefined) objects.push(ingress(service, publish, cluster.ingressClass, name))
  if (tcp !== undefined) {
    const loadBalancer = tcp.via === 'loadBalancer'
    const outside = loadBalancer ? {...port, port: tcp.port} : {...port, nodePort: tcp.port}
    objects.push({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: `${service}-public`},
      spec: {type: loadBalancer ? 'LoadBalancer' : 'NodePort', selector, ports: [outside]},
    })
  }
  return objects
}

function ingress(
  service: string,
  publish: NonNullable<ResolvedEndpoint['publish']>,
  ingressClass: string | null,
  port: string,
): ManifestObject {
  const backend = {service: {name: service, port: {name: port}}}
  const rules = publish.hosts.map(host => ({host, http: {paths: [{path: publish.path, pathType: 'Prefix', backend}]}}))
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: service,
      ...(publish.bodySize === undefined
        ? {}
        : {annotations: {'nginx.ingress.kubernetes.io/proxy-body-size': publish.bodySize}}),
    },
    spec: {
      ...(ingressClass === null ? {} : {ingressClassName: ingressClass}),
      rules,
      ...(publish.tlsSecret === undefined ? {} : {tls: [{hosts: publish.hosts, secretName: publish.tlsSecret}]}),
    },
  }
}
