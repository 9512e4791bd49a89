import {execFileSync} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {createObject, findObject, listObjects} from '../../src/lib/kube/index.ts'
import {accountOf, apps, ended} from './apps.ts'
import {configFor} from './support.ts'

const run = apps()

/** What a user can get wrong: each a clear error of the table with its exit code and a next step, and nothing changed. */
describe('bad input', function () {
  this.timeout(30_000)
  let space = ''
  let folder = ''

  before(async () => {
    space = await run.namespace('input')
    folder = await mkdtemp(join(tmpdir(), 'berth-input-'))
  })
  after(() => rm(folder, {recursive: true}))

  const install = (...words: string[]) => run.berth(['app', 'install', ...words, '-n', space, '--yes', '--json'])
  const nothingMade = async () => {
    const {items} = await listObjects(run.kube, {apiVersion: 'v1', kind: 'ConfigMap'}, {namespace: space})
    expect(items.map(({metadata}) => metadata.name)).to.deep.equal(['kube-root-ca.crt'])
  }
  afterEach(nothingMade)

  it('tells every wrong field at once, at its line of the answers file', async () => {
    const file = join(folder, 'answers.yaml')
    await writeFile(file, 'poll: 0\nhots: news.test\nadmin: Root\nblocked: [fine.test, "Not A Host"]\n')
    // Without --yes: with it, what the package suggests for its database may be chosen.
    const words = ['app', 'install', 'miniflux', 'news', '-f', file, '-n', space, '--json']
    const {json} = ended(await run.berth(words), 2, 'params.invalid')
    expect(json.error.details).to.have.lengthOf(5)
    expect(json.error.details).to.containSubset([
      {field: '/poll', code: 'minimum', line: 1},
      {field: '/hots', code: 'unknown', line: 2},
      {field: '/admin', code: 'pattern', line: 3},
      {field: '/blocked/1', code: 'pattern', line: 4},
      {field: '/database', code: 'required'},
    ])
  })

  it('the same in app validate, which changes nothing by itself', async () => {
    const words = [
      'app',
      'validate',
      'miniflux',
      '-n',
      space,
      '--set',
      'poll=1.5',
      '--set',
      'database=app:nobody',
      '--json',
    ]
    const {json} = ended(await run.berth(words), 2, 'params.invalid')
    expect(json.error.details.map(({field}: {field: string}) => field)).to.have.members(['/poll', '/database'])
  })

  const cases: [what: string, words: string[], exitCode: number, code: string, message: RegExp][] = [
    ['an unknown package', ['minflux'], 3, 'package.not-found', /minflux/],
    ['an unknown version', ['site@9.9.9'], 3, 'package.version-not-found', /9\.9\.9/],
    ['an unknown field', ['site', '--set', 'titel=x'], 2, 'params.invalid', /titel.*title/],
    ['a value of the wrong type', ['postgres', '--set', 'maxConnections=many'], 2, 'params.invalid', /maxConnections/],
    [
      'an unknown storage class',
      ['postgres', '--set-json', 'storage={"size":"1Gi","class":"fast"}'],
      2,
      'params.invalid',
      /fast.*local-path/s,
    ],
    [
      'a provider that is not there',
      ['miniflux', '--set', 'database=app:nobody'],
      3,
      'binding.provider-not-found',
      /nobody/,
    ],
    ['a name that is none', ['site', 'My_App'], 2, 'usage.invalid', /My_App/],
    ['an unknown flag', ['site', '--frob'], 2, 'usage.invalid', /frob/],
  ]
  for (const [what, words, exitCode, code, message] of cases)
    it(`${what} is ${code}`, async () => {
      const {json} = ended(await install(...words), exitCode, code)
      expect(json.error.message + JSON.stringify(json.error.hint)).to.match(message)
    })

  it('an unknown namespace is namespace.not-found, and says how to make it', async () => {
    const {json} = ended(
      await run.berth(['app', 'install', 'site', '-n', `${space}-not`, '--yes', '--json']),
      3,
      'namespace.not-found',
    )
    expect(json.error.hint.join()).to.include('--create-namespace')
  })

  it('a namespace that is to be made is made once all else is well', async () => {
    const words = ['app', 'install', 'site', '-n', `${space}-not`, '--create-namespace', '--set', 'titel=x']
    ended(await run.berth([...words, '--yes', '--json']), 2, 'params.invalid')
    expect(await findObject(run.kube, {apiVersion: 'v1', kind: 'Namespace', name: `${space}-not`})).to.equal(undefined)
  })

  it('an unknown context is cluster.context-not-found, and lists those that are known', async () => {
    const {json} = ended(await install('site', '--context', 'nowhere'), 3, 'cluster.context-not-found')
    expect(json.error.message).to.include('nowhere')
  })

  it('no cluster is cluster.unreachable', async () => {
    const kubeconfig = join(folder, 'nobody.json')
    await writeFile(kubeconfig, JSON.stringify(configFor('https://127.0.0.1:9', {token: 'x'})))
    ended(await install('site', '--kubeconfig', kubeconfig), 5, 'cluster.unreachable')
  })

  it('expired credentials are cluster.unauthorized', async () => {
    const kubeconfig = join(folder, 'expired.json')
    const config = configFor(server(), {token: 'expired'}) as {clusters: {cluster: object}[]}
    await writeFile(
      kubeconfig,
      JSON.stringify({
        ...config,
        clusters: [{name: 'test', cluster: {server: server(), 'insecure-skip-tls-verify': true}}],
      }),
    )
    const {json} = ended(await install('site', '--kubeconfig', kubeconfig), 4, 'cluster.unauthorized')
    expect(JSON.stringify(json)).not.to.include('"expired"')
  })

  it('missing permissions are cluster.forbidden, each with verb, resource and namespace', async () => {
    const kubeconfig = join(folder, 'nobody-special.json')
    const token = await accountOf(run.kube, space, 'guest', kubeconfig)
    const {json} = ended(await install('site', '--kubeconfig', kubeconfig), 4, 'cluster.forbidden')
    expect(json.error.message)
      .to.match(/configmaps/)
      .and.to.include(space)
    expect(JSON.stringify(json)).not.to.include(token)
    // One line gives them all. Who then may not look at other namespaces is told what could not be known.
    const [remedy, ...more] = json.error.hint
    expect(more).to.deep.equal([])
    execFileSync('sh', ['-c', remedy.split('   ')[0]])
    const {plan} = ended(await install('site', '--kubeconfig', kubeconfig, '--dry-run'), 0).json.result
    expect(plan.checks.find(({name}: {name: string}) => name === 'hosts')).to.include({status: 'unverified'})
  })

  it('a host name that another app answers is told, with whose it is', async () => {
    const other = await run.namespace('input-other')
    const host = `${space}.test`
    const metadata = {
      name: 'news-web',
      namespace: other,
      labels: {'app.kubernetes.io/managed-by': 'berth', 'app.kubernetes.io/instance': 'news'},
    }
    const backend = {service: {name: 'news-web', port: {number: 80}}}
    const rules = [{host, http: {paths: [{path: '/', pathType: 'Prefix', backend}]}}]
    const there = {apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: {rules}}
    await createObject(run.kube, there, {fieldManager: 'test'})
    const warned = async (answer: string) =>
      ended(await install('site', '--set', `host=${answer}`, '--dry-run'), 0).json.result.plan.warnings.join()
    expect(await warned(host)).to.include(`Ingress ${other}/news-web of the app ${other}/news answers ${host}/`)
    expect(await warned(`other.${host}`)).to.equal('')
  })

  it('a full quota is quota.exceeded, though each object alone would fit', async () => {
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: {name: 'small', namespace: space},
      spec: {hard: {'count/configmaps': '2'}},
    }
    await createObject(run.kube, quota, {fieldManager: 'test'})
    const key = {apiVersion: 'v1', kind: 'ResourceQuota', namespace: space, name: 'small'}
    for (let tries = 0; tries < 50; tries++) {
      const status = (await findObject(run.kube, key))?.status as {used?: object} | undefined
      if (status?.used !== undefined) break
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    const {json} = ended(await install('site'), 4, 'quota.exceeded')
    expect(json.error.message).to.include('count/configmaps').and.to.include('small')
    await run.kube.request({method: 'DELETE', path: `/api/v1/namespaces/${space}/resourcequotas/small`})
  })

  it('answers beyond what an object can hold are state.too-large', async () => {
    const file = join(folder, 'large.yaml')
    await writeFile(
      file,
      `pages: {${Array.from({length: 8}, (_, i) => `p${i}.html: "${'x'.repeat(120_000)}"`).join(', ')}}\n`,
    )
    const run = await install('site', '-f', file)
    expect(run.exitCode, run.stdout).to.equal(2)
    expect(['state.too-large', 'params.invalid', 'template.failed']).to.include(run.json.error.code)
  })

  it('an archive that is none is refused before anything is asked of the cluster', async () => {
    const file = join(folder, 'evil.tgz')
    await writeFile(file, 'not a gzip')
    ended(await install(file), 2, 'package.archive-refused')
  })
})

const server = (): string => run.kube.target.server
