import {generateKeyPairSync} from 'node:crypto'
import {createServer} from 'node:https'
import type {AddressInfo} from 'node:net'
import {selfSigned} from '../../src/lib/keys/self-signed.ts'
import {createObject, type Kube, listObjects} from '../../src/lib/kube/index.ts'
import {whileWeLive} from './support.ts'

const address = '10.99.0.1'
const groups = {
  'custom.metrics.k8s.io/v1beta2': [['pods/load', 'services/requests'], 'MetricValueList'],
  'external.metrics.k8s.io/v1beta1': [['jobs'], 'ExternalMetricValueList'],
} as const

/**
 * An adapter as autoscalers ask it through the API server: the metric `load` of pods, which share what there is, `requests` of any object, and `jobs`
 * of nothing in the cluster. It runs in this process, beside node 1; its APIs go with it.
 */
export async function serveMetrics(
  kube: Kube,
  namespace: string,
): Promise<{now: {load: number; requests: number; jobs: number}; stop(): Promise<void>}> {
  const now = {load: 0, requests: 0, jobs: 0}
  const {privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const tls = {
    key: privateKey.export({type: 'pkcs8', format: 'pem'}),
    cert: selfSigned(privateKey, {hosts: [address], days: 1}),
  }
  const answer = async (url: URL) => {
    const [, , group, version, , , what, name, metric] = url.pathname.split('/')
    const apiVersion = `${group}/${version}`
    const [resources, kind] = groups[apiVersion as keyof typeof groups] ?? []
    if (resources === undefined) return undefined
    if (what === undefined)
      return {
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: apiVersion,
        resources: resources.map(name => ({name, namespaced: true, kind, verbs: ['get']})),
      }
    const timestamp = new Date().toISOString()
    const list = {kind, apiVersion, metadata: {}}
    if (what === 'jobs')
      return {...list, items: [{metricName: 'jobs', metricLabels: {}, timestamp, value: String(now.jobs)}]}
    if (metric === 'requests') {
      const describedObject = {kind: 'Service', apiVersion: 'v1', namespace, name}
      return {...list, items: [{describedObject, metric: {name: metric}, timestamp, value: String(now.requests)}]}
    }
    const labelSelector = url.searchParams.get('labelSelector') ?? ''
    const {items} = await listObjects(kube, {apiVersion: 'v1', kind: 'Pod'}, {namespace, labelSelector})
    const value = `${Math.round((now.load * 1000) / items.length)}m`
    return {
      ...list,
      items: items.map(({metadata: {name}}) => ({
        describedObject: {kind: 'Pod', apiVersion: '/v1', namespace, name},
        metric: {name: 'load'},
        timestamp,
        value,
      })),
    }
  }
  const server = createServer(tls, (request, response) => {
    answer(new URL(request.url ?? '', `https://${address}`)).then(
      body =>
        response
          .writeHead(body === undefined ? 404 : 200, {'content-type': 'application/json'})
          .end(JSON.stringify(body)),
      error => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>(resolve => server.listen(0, address, resolve))
  const {port} = server.address() as AddressInfo
  const metadata = {name: 'metrics', namespace}
  const by = {fieldManager: 'test'}
  await createObject(
    kube,
    {apiVersion: 'v1', kind: 'Service', metadata, spec: {ports: [{name: 'https', port: 443, targetPort: port}]}},
    by,
  )
  await createObject(
    kube,
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {...metadata, labels: {'kubernetes.io/service-name': 'metrics'}},
      addressType: 'IPv4',
      ports: [{name: 'https', port, protocol: 'TCP'}],
      endpoints: [{addresses: [address], conditions: {ready: true}}],
    },
    by,
  )
  const services = Object.keys(groups).map(name => {
    const [group, version] = name.split('/')
    const spec = {
      group,
      version,
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: metadata,
    }
    return {apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: {name: `${version}.${group}`}, spec}
  })
  // One that does not answer keeps every namespace of the cluster from going.
  const list = JSON.stringify({apiVersion: 'v1', kind: 'List', items: services})
  const names = services.map(({metadata: {name}}) => name).join(' ')
  const undo = await whileWeLive(`echo '${list}' | kubectl apply -f -`, `kubectl delete apiservice ${names}`)
  return {
    now,
    stop: async () => {
      await undo()
      server.closeAllConnections()
      server.close()
    },
  }
}
