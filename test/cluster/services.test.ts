import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {createObject, getObject} from '../../src/lib/kube/index.ts'
import {accountOf, anchorOf, apps, ended, secretOf} from './apps.ts'
import {servePostgres} from './postgres-outside.ts'
import {keys, Terminal} from './terminal.ts'

describe('services: providers outside the cluster', function () {
  this.timeout(180_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--json']
  const env = {PGPASSWORD: 'p@ss word'}
  const service = (...args: string[]) => a.berth(['service', ...args, ...at()], {env})
  const said = [
    '--interface',
    'postgresql',
    '--set',
    'name=erp',
    '--set',
    'user=erp',
    '--set-env',
    'password=PGPASSWORD',
  ]
  const address = (host: string, port: string) => ['--set', `host=${host}`, '--set', `port=${port}`]
  const database = async () =>
    (await getObject(a.kube, {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'r-database'})).data

  before(async () => {
    namespace = await a.namespace('services')
    // the sandbox's registry: outside the cluster, and it answers
    ended(await service('add', 'erp', ...said, ...address('10.99.0.1', '5000')), 0)
  })

  it('an app uses one like any provider; its secrets stand in Secrets alone', async () => {
    ended(await a.berth(['app', 'install', 'outside', 'r', '--set', 'database=service:erp', '--yes', ...at()]), 0)
    expect(await database()).to.deep.equal({address: '10.99.0.1:5000/erp', secret: 'r-secrets/database.url'})
    expect(await secretOf(a.kube, namespace, 'r', 'database.url')).to.equal(
      'postgres://erp:p%40ss%20word@10.99.0.1:5000/erp',
    )
    const {object} = (await anchorOf(a.kube, namespace, 'r')) ?? {}
    expect(JSON.stringify(object)).not.to.contain('p@ss')
    expect(object?.metadata.annotations).to.include({
      'berth.dev/bindings': JSON.stringify({database: `service:${namespace}/erp`}),
    })
  })

  it('says what there is and who uses it, and no secret', async () => {
    const shown = ended(await service('show', 'erp'), 0)
    expect(shown.json.result).to.deep.include({
      interface: 'postgresql',
      outputs: {host: '10.99.0.1', port: 5000, name: 'erp', user: 'erp'},
      secrets: ['password'],
      users: [{app: {namespace, name: 'r'}, parameters: ['database']}],
    })
    expect(shown.stdout).not.to.contain('p@ss')
    const {items} = ended(await service('list'), 0).json.result as {items: {name: string; namespace: string}[]}
    expect(items.filter(row => row.namespace === namespace).map(({name}) => name)).to.deep.equal(['erp'])
    ended(await service('show', 'nowhere'), 3, 'service.not-found')
  })

  it('who may not list all of them is told so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'berth-services-'))
    const [nobody, viewer] = [join(folder, 'nobody.json'), join(folder, 'viewer.json')]
    await accountOf(a.kube, namespace, 'nobody', nobody)
    await accountOf(a.kube, namespace, 'viewer', viewer, 'view')
    for (const kind of ['service', 'value']) {
      ended(await a.berth([kind, 'list', ...at()], {kubeconfig: nobody}), 4, 'cluster.forbidden')
      const part = ended(await a.berth([kind, 'list', ...at()], {kubeconfig: viewer}), 0).json
      expect(part.result.items).to.have.length(kind === 'service' ? 1 : 0)
      expect(JSON.stringify(part.warnings)).to.include(`not all ${kind}s are seen`).and.to.include('berth')
    }
    await rm(folder, {recursive: true})
  })

  it('a pod says whether it can be reached, and why not', async () => {
    expect(ended(await service('check', 'erp'), 0).json.result).to.include({reachable: true, reason: 'open'})
    ended(await service('add', 'refused', ...said, ...address('10.99.0.1', '81')), 0)
    expect(ended(await service('check', 'refused'), 6).json.result).to.include({reachable: false, reason: 'refused'})
    ended(await service('add', 'unknown', ...said, ...address('db.nowhere.example', '5432')), 0)
    expect(ended(await service('check', 'unknown'), 6).json.result).to.include({reachable: false, reason: 'dns'})
  })

  it('shakes hands where clients will want TLS, and says what is wrong with the certificate', async () => {
    const {host, ca} = await servePostgres(a.kube, namespace, 'unused')
    const check = async (name: string, exitCode: number, more: string[], where = host) => {
      const words = ['service', 'add', name, ...said, ...address(where, '5432'), ...more, ...at()]
      ended(await a.berth(words, {env: {...env, CA: ca}}), 0)
      return ended(await service('check', name), exitCode).json.result
    }
    const full = ['--set', 'sslmode=verify-full']
    const whole = await check('secured', 0, [...full, '--set-env', 'ca=CA'])
    expect(whole).to.containSubset({reachable: true, reason: 'open', tls: {protocol: 'TLSv1.3', problem: null}})
    expect(Date.parse(whole.tls.expires) - Date.now()).to.be.within(29 * 86_400_000, 31 * 86_400_000)
    const strange = await check('strange', 6, full)
    expect(strange).to.include({reachable: false, reason: 'tls'})
    expect(strange.message).to.include('of no authority that is known')
    const lax = await check('lax', 0, ['--set', 'sslmode=require'])
    expect(lax.tls.problem).to.include('of no authority')
    const {spec} = await getObject(a.kube, {apiVersion: 'v1', kind: 'Service', namespace, name: 'secured'})
    const {clusterIP} = spec as {clusterIP: string}
    const byNumber = await check('by-number', 6, [...full, '--set-env', 'ca=CA'], clusterIP)
    expect(byNumber.message).to.include('for another name')
    // the sandbox's registry speaks no TLS
    ended(await service('add', 'plain', '--interface', 'http', '--set', 'url=https://10.99.0.1:5000'), 0)
    const plain = ended(await service('check', 'plain'), 6).json.result
    expect(plain).to.include({reason: 'tls', host: '10.99.0.1', port: 5000})
    expect(plain.tls.protocol).to.equal(null)
    ended(await service('add', 'none', '--interface', 'http', '--set', 'url=https://10.99.0.1:81'), 0)
    expect(ended(await service('check', 'none'), 6).json.result).to.include({reason: 'refused', tls: null})
  })

  it('begins TLS within SMTP, with a real server', async () => {
    const mail = ['app', 'install', 'mail', 'mail', '--set', 'domain=example.test', '--set', 'requireTls=true']
    ended(await a.berth([...mail, '--yes', ...at()]), 0)
    const secret = {apiVersion: 'v1', kind: 'Secret', namespace, name: 'mail-tls-certificate'}
    const {data} = (await getObject(a.kube, secret)) as unknown as {data: Record<string, string>}
    const CA = Buffer.from(data['ca.crt'] ?? '', 'base64').toString()
    const relay = ['--interface', 'smtp', '--set', `host=mail-submission.${namespace}.svc`, '--set', 'port=1587']
    const login = ['--set', 'user=me', '--set-env', 'password=PGPASSWORD', '--set', 'encryption=starttls']
    const check = async (exitCode: number, ...more: string[]) => {
      const words = ['service', 'add', 'relay', ...relay, ...login, ...more, '--replace', ...at()]
      ended(await a.berth(words, {env: {...env, CA}}), 0)
      return ended(await service('check', 'relay'), exitCode).json.result
    }
    const trusted = await check(0, '--set-env', 'ca=CA')
    expect(trusted).to.containSubset({reason: 'open', tls: {protocol: 'TLSv1.3', problem: null}})
    expect((await check(6)).message).to.include('of no authority that is known')
  })

  it('asks on a terminal for what was not said', async () => {
    const home = await a.newHome()
    const words = ['service', 'add', 'asked', '-n', namespace, '--interface', 'postgresql', '--set', 'name=erp']
    const terminal = new Terminal(words, {home})
    await terminal.answer('Host', 'db.example.com')
    await terminal.see('Port')
    terminal.type(`many${keys.enter}`)
    await terminal.see('> must be a whole number')
    terminal.type(`\x155432${keys.enter}`)
    await terminal.answer('Name')
    await terminal.answer('User', 'erp')
    await terminal.answer('type it')
    await terminal.answer('Password', 'p@ss word')
    await terminal.answer('Sslmode')
    await terminal.answer('Ca')
    await terminal.answer('yes, go on')
    expect(await terminal.ended(), terminal.text).to.equal(0)
    expect(terminal.text).not.to.contain('p@ss')
    expect(terminal.text).to.contain(`next: berth service check asked -n ${namespace}`)
    expect(ended(await service('show', 'asked'), 0).json.result).to.deep.include({
      outputs: {host: 'db.example.com', port: 5432, name: 'erp', user: 'erp'},
      secrets: ['password'],
    })
  })

  it('can be of an interface that a package brings along', async () => {
    const login = ['--interface', 'oidc', '--set', 'issuer=https://login.example.com', '--set', 'clientId=wiki']
    const secret = ['--set-env', 'clientSecret=PGPASSWORD']
    ended(await service('add', 'login', ...login, ...secret), 2, 'usage.invalid')
    ended(await service('add', 'login', ...login, ...secret, '--package', 'wiki'), 0)
    const install = ['app', 'install', 'wiki', 'w', '--set', 'sso=service:login', '--dry-run', ...at()]
    ended(await a.berth(install), 0)
    expect(ended(await service('check', 'login'), 6).json.result).to.include({host: 'login.example.com', port: 443})
  })

  it('what does not fit is told at its field, and what need not be said', async () => {
    const wrong = ended(
      await service('add', 'w', '--interface', 'postgresql', '--set', 'port=many', '--set', 'sslmode=full'),
      2,
      'params.invalid',
    )
    const fields = (wrong.json.error.details as {field: string}[]).map(({field}) => field)
    expect(fields).to.include.members(['/port', '/host', '/name', '/user', '/password', '/sslmode'])
    expect(wrong.json.error.hint).to.deep.equal([
      '--set host=… --set name=… --set user=… --set-env password=VARIABLE',
      'may be said, too: sslmode (disable, allow, prefer, require, verify-ca, verify-full), ca',
    ])
    ended(await service('add', 'erp', ...said, ...address('10.99.0.1', '5000')), 4, 'service.exists')
    const install = (name: string) =>
      a.berth(['app', 'validate', 'outside', 'w', '--set', `database=service:${name}`, ...at()])
    const missing = ended(await install('nowhere'), 2, 'params.invalid')
    expect(JSON.stringify(missing.json.error.details)).to.contain('there is no service nowhere')
    ended(await service('add', 'page', '--interface', 'http', '--set', 'url=https://example.com'), 0)
    expect(JSON.stringify(ended(await install('page'), 2).json.error.details)).to.contain('is http, not postgresql')
  })

  it('is not removed while an app uses it; a change comes with the next of the app', async () => {
    const refused = ended(await service('remove', 'erp'), 4, 'service.in-use')
    expect(refused.json.error.details).to.deep.include({
      users: [{app: {namespace, name: 'r'}, parameters: ['database']}],
    })
    ended(await service('add', 'erp', '--replace', ...said, ...address('10.99.0.1', '7070')), 0)
    expect(await database()).to.include({address: '10.99.0.1:5000/erp'})
    ended(await a.berth(['app', 'uninstall', 'r', '--delete-data', '--yes', ...at()]), 0)
    ended(await service('remove', 'erp'), 0)
    ended(await service('remove', 'erp'), 3, 'service.not-found')
    // a removal that is cut off leaves its Secret for a second one
    const left = {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'berth-service.erp', namespace}}
    await createObject(a.kube, left, {fieldManager: 'test'})
    ended(await service('remove', 'erp'), 0)
    ended(await service('remove', 'erp'), 3, 'service.not-found')
  })
})
