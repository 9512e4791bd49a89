import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {mkdtemp, rm} from 'node:fs/promises'
import {createServer as createHttpServer} from 'node:http'
import {connect as connectTo, createServer, type Server as NetServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {
  applyObject,
  connect,
  createObject,
  deleteObject,
  findObject,
  type Kube,
  listObjects,
  serverVersion,
} from '../../src/lib/kube/index.ts'
import {chooseCluster} from '../../src/lib/kube/kubeconfig.ts'
import {parseYaml} from '../../src/lib/kube/kubeconfig-yaml.ts'
import type {FaultProxy} from '../faults/proxy.ts'
import {connectThroughFaults, failure, suite} from './support.ts'

const write = {fieldManager: 'test'}
const unavailable = (status: number, retryAfter?: string) => ({
  answer: status,
  body: JSON.stringify({kind: 'Status', status: 'Failure', message: `injected ${status}`, code: status}),
  ...(retryAfter !== undefined && {headers: {'retry-after': retryAfter}}),
})

describe('kube: a connection with faults', function () {
  this.timeout(30_000)
  const s = suite('kube-faults')
  let kube: Kube
  let proxy: FaultProxy
  let close: () => Promise<void>
  beforeEach(async () => {
    ;({kube, proxy, close} = await connectThroughFaults())
  })
  afterEach(() => close())
  const configMap = (name: string, data = {}) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name, namespace: s.namespace},
    data,
  })
  const ref = (name: string) => ({apiVersion: 'v1', kind: 'ConfigMap', namespace: s.namespace, name})

  it('reads through a cut at any byte of the answer', async () => {
    await createObject(s.kube, configMap('whole', {text: 'x'.repeat(5000)}), write)
    for (const cutAt of [0, 1, 100, 4000, 5100]) {
      for (const by of ['reset', 'end'] as const) {
        proxy.inject({on: /GET .*whole/, fault: {cutAt, by}})
        const found = await findObject(kube, ref('whole'))
        expect(found?.data, `${by} at ${cutAt}`).to.deep.equal({text: 'x'.repeat(5000)})
      }
    }
  })

  it('reads a gzipped list through a cut', async () => {
    await Promise.all(
      Array.from({length: 40}, (_, i) =>
        createObject(s.kube, configMap(`big-${i}`, {text: `${i}`.repeat(5000)}), write),
      ),
    )
    for (const cutAt of [1, 500, 1000]) {
      proxy.inject({on: /GET .*configmaps\?/, fault: {cutAt}})
      expect((await listObjects(kube, ref(''), {namespace: s.namespace})).items.length).to.be.at.least(40)
    }
  })

  it('does what Retry-After says, for every verb on 429', async () => {
    proxy.inject({on: /POST/, fault: unavailable(429, '1')})
    const started = performance.now()
    await createObject(kube, configMap('later'), write)
    expect(performance.now() - started).to.be.within(1000, 3000)
  })

  it('passes 5xx over for reads and applies, not for writes that may have had their effect', async () => {
    proxy.inject({on: /GET/, times: 3, fault: unavailable(503)})
    await serverVersion(kube)
    proxy.inject({on: /PATCH/, times: 2, fault: unavailable(500)})
    expect((await applyObject(kube, configMap('applied'), write)).created).to.equal(true)
    proxy.inject({on: /POST/, fault: unavailable(503, '0')})
    expect((await failure(createObject(kube, configMap('never'), write))).code).to.equal('cluster.unavailable')
    expect(await findObject(kube, ref('never'))).to.equal(undefined)
  })

  it('never repeats a create whose answer was lost, and repeats an apply or a delete by uid', async () => {
    proxy.inject({on: /POST/, fault: {cutAt: 0}})
    expect((await failure(createObject(kube, configMap('lost'), write))).code).to.equal('cluster.unreachable')
    const lost = await findObject(kube, ref('lost'))
    expect(lost, 'it did have its effect').not.to.equal(undefined)
    expect(proxy.requests.filter(line => line.startsWith('POST'))).to.have.length(1)

    proxy.inject({on: /PATCH/, fault: {cutAt: 0}})
    expect((await applyObject(kube, configMap('twice'), write)).created, 'the second try found it').to.equal(false)

    proxy.inject({on: /DELETE/, fault: {cutAt: 0}})
    expect(await deleteObject(kube, ref('lost'), {uid: lost?.metadata.uid ?? ''}), 'gone by the first try').to.equal(
      false,
    )
    proxy.inject({on: /DELETE/, fault: {cutAt: 0}})
    expect((await failure(deleteObject(kube, ref('twice')))).code).to.equal('cluster.unreachable')
  })

  it('survives a restart of the API server between two requests and during one', async () => {
    await serverVersion(kube)
    proxy.cutAll()
    // A reset that has arrived takes the connection out of the pool.
    await new Promise(resolve => setTimeout(resolve, 50))
    await createObject(kube, configMap('after-restart'), write)
    const {port} = proxy
    await proxy.close()
    const reading = findObject(kube, ref('after-restart'))
    await new Promise(resolve => setTimeout(resolve, 700))
    const again = await connectThroughFaults({port})
    try {
      expect(await reading).not.to.equal(undefined)
    } finally {
      await again.close()
      // For afterEach, which closes it once more.
      proxy.close = async () => undefined
    }
  })

  it('gives up after its patience, and says what it last saw', async () => {
    proxy.inject({times: 100, fault: unavailable(503, '1')})
    const error = await failure(kube.request({method: 'GET', path: '/version', patience: 1500}))
    expect(error.message).to.equal('injected 503')
    expect(proxy.requests.length).to.be.within(1, 2)
  })

  it('does not wait for an answer that stalls, before its head or in its body', async () => {
    proxy.inject({times: 2, on: /version/, fault: {stallAt: 0}})
    const error = await failure(kube.request({method: 'GET', path: '/version', timeout: 300, patience: 500}))
    expect([error.code, error.reason]).to.deep.equal(['cluster.unreachable', 'ETIMEDOUT'])
    proxy.calm()
    proxy.inject({on: /version/, fault: {stallAt: 10}})
    expect((await kube.request({method: 'GET', path: '/version', timeout: 300})).status).to.equal(200)
  })

  it('stops at once when told: before, during the wait, during the answer, between tries', async () => {
    const reason = new Error('enough')
    const abortsIn = async (milliseconds: number) => {
      const abort = new AbortController()
      if (milliseconds === 0) abort.abort(reason)
      else setTimeout(() => abort.abort(reason), milliseconds)
      const started = performance.now()
      const error = await serverVersion(kube, {signal: abort.signal}).catch(each => each)
      expect(error).to.equal(reason)
      expect(performance.now() - started).to.be.below(milliseconds + 500)
    }
    await abortsIn(0)
    proxy.inject({fault: {stallAt: 0}})
    await abortsIn(100)
    proxy.inject({fault: {stallAt: 5}})
    await abortsIn(100)
    proxy.inject({fault: unavailable(503, '20')})
    await abortsIn(100)
  })

  it('asks for new credentials after a 401, once', async () => {
    proxy.inject({fault: unavailable(401)})
    await serverVersion(kube)
    proxy.inject({times: 5, fault: unavailable(401)})
    const before = proxy.requests.length
    expect((await failure(serverVersion(kube))).code).to.equal('cluster.unauthorized')
    expect(proxy.requests.length - before).to.equal(2)
  })

  it('says at once that nobody listens, that a name is unknown, that it is no API server', async () => {
    const at = async (server: string, more = {}) => {
      const config = {
        'current-context': 'c',
        contexts: [{name: 'c', context: {cluster: 'c'}}],
        clusters: [{name: 'c', cluster: {server, ...more}}],
      }
      const folder = await mkdtemp(join(tmpdir(), 'berth-'))
      const {writeFile} = await import('node:fs/promises')
      await writeFile(join(folder, 'config'), JSON.stringify(config))
      const other = await connect({kubeconfig: join(folder, 'config')})
      const started = performance.now()
      const error = await failure(serverVersion(other))
      other.close()
      await rm(folder, {recursive: true})
      expect(performance.now() - started).to.be.below(3000)
      return error
    }
    const free = await new Promise<number>(resolve => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const {port} = server.address() as {port: number}
        server.close(() => resolve(port))
      })
    })
    expect((await at(`https://127.0.0.1:${free}`)).message).to.contain('connection refused')
    expect((await at('https://no-such-host.invalid')).message).to.contain('cannot be resolved')
    expect((await at(proxy.url.replace('http:', 'https:'))).message).to.contain('does not speak the protocol')
    proxy.inject({fault: {answer: 200, body: '<html>hello', headers: {'content-type': 'application/json'}}})
    expect((await failure(serverVersion(kube))).message).to.contain('is this an API server?')
  })

  it('goes through the proxy of the kubeconfig or of the environment: HTTP with a password, SOCKS', async () => {
    const seen: string[] = []
    const tunnel = createHttpServer().on('connect', (request, client, head) => {
      seen.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`)
      const [host, port] = (request.url ?? '').split(':')
      const server = connectTo(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        server.write(head)
        server.pipe(client).pipe(server)
      })
      server.on('error', () => client.destroy())
      client.on('error', () => server.destroy())
    })
    const {cluster} = await chooseCluster({env: process.env})
    const socks = createServer(client => {
      // RFC 1928: greeting, then a request for an IPv4 address or a name.
      client.once('data', () => {
        client.write(Buffer.from([5, 0]))
        client.once('data', () => {
          seen.push('socks')
          const server = connectTo(Number(cluster.server.port), cluster.server.hostname, () => {
            client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
            server.pipe(client).pipe(server)
          })
          server.on('error', () => client.destroy())
        })
      })
      client.on('error', () => undefined)
    })
    const listen = (server: NetServer) =>
      new Promise<number>(resolve =>
        server.listen(0, '127.0.0.1', () => resolve((server.address() as {port: number}).port)),
      )
    const [port, socksPort] = [await listen(tunnel), await listen(socks)]
    const folder = await mkdtemp(join(tmpdir(), 'berth-proxy-'))
    const kubeconfig = join(folder, 'config')
    const real = parseYaml(readFileSync(process.env.KUBECONFIG ?? '', 'utf8'), 'kubeconfig') as {
      clusters: {cluster: object}[]
    }
    const ask = async (proxyUrl: string) => {
      const clusters = real.clusters.map(each => ({...each, cluster: {...each.cluster, 'proxy-url': proxyUrl}}))
      writeFileSync(kubeconfig, JSON.stringify({...real, clusters}))
      const through = await connect({kubeconfig, env: {}})
      const version = await serverVersion(through)
      through.close()
      return version.gitVersion
    }
    try {
      expect(await ask(`http://ada:p%40ss@127.0.0.1:${port}`)).to.match(/^v1/)
      expect(seen).to.deep.equal([`${cluster.server.host} Basic ${Buffer.from('ada:p@ss').toString('base64')}`])
      expect(await ask(`socks5://127.0.0.1:${socksPort}`)).to.match(/^v1/)
      expect(seen).to.include('socks')
      const error = await ask('http://ada:p%40ss@127.0.0.1:1').catch(each => each)
      expect(error.code).to.equal('cluster.unreachable')
      expect(JSON.stringify([error.message, error.details, error.hint])).not.to.contain('p%40ss')
    } finally {
      tunnel.close()
      socks.close()
      tunnel.closeAllConnections()
      await rm(folder, {recursive: true})
    }
  })

  it('says what is wrong with a certificate', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'berth-tls-'))
    const make = (name: string, ...more: string[]) => {
      const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)]
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:P-256',
          '-nodes',
          '-subj',
          '/CN=x',
          '-days',
          '2',
          '-keyout',
          key,
          '-out',
          cert,
          ...more,
        ],
        {stdio: 'ignore'},
      )
      return {key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8')}
    }
    try {
      const good = await connectThroughFaults({listen: make('good', '-addext', 'subjectAltName=IP:127.0.0.1')})
      expect((await serverVersion(good.kube)).gitVersion).to.match(/^v1/)
      await good.close()
      const other = await connectThroughFaults({listen: make('other', '-addext', 'subjectAltName=DNS:elsewhere')})
      expect((await failure(serverVersion(other.kube))).message).to.contain('its certificate is for other names')
      const {writeFile, readFile} = await import('node:fs/promises')
      const config = JSON.parse(await readFile(other.kubeconfig, 'utf8'))
      const asked = async (cluster: object) => {
        await writeFile(
          other.kubeconfig,
          JSON.stringify({...config, clusters: [{name: 'test', cluster: {server: other.proxy.url, ...cluster}}]}),
        )
        return connect({kubeconfig: other.kubeconfig})
      }
      const ca = config.clusters[0].cluster['certificate-authority-data']
      expect(
        (await serverVersion(await asked({'certificate-authority-data': ca, 'tls-server-name': 'elsewhere'})))
          .gitVersion,
      ).to.match(/^v1/)
      expect(
        (await failure(serverVersion(await asked({'certificate-authority-data': ca, 'tls-server-name': '10.1.2.3'}))))
          .message,
      )
        .to.contain('its certificate is for other names')
        .and.contain('10.1.2.3')
      expect((await serverVersion(await asked({'insecure-skip-tls-verify': true}))).gitVersion).to.match(/^v1/)
      expect((await failure(serverVersion(await asked({})))).message).to.contain('not from an authority we trust')
      await other.close()
    } finally {
      await rm(folder, {recursive: true})
    }
  })
})
