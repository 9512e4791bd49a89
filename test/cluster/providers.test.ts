import {execFile} from 'node:child_process'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Writable} from 'node:stream'
import {promisify} from 'node:util'
import {expect} from 'chai'
import {consumerId} from '../../src/lib/binding/index.ts'
import {createObject, exec, findObject, getObject, listObjects, mergePatch} from '../../src/lib/kube/index.ts'
import {root} from '../cli/support.ts'
import {accountOf, apps, atMost, ended, secretOf} from './apps.ts'
import {ingress} from './ingress.ts'

const run = apps()
const call = promisify(execFile)

/** The providers by the client's parameter: the app's name, which is its package's too, and its Service. */
const providers = {
  database: {app: 'mariadb', secret: 'password'},
  cache: {app: 'valkey', secret: 'password'},
  files: {app: 's3', secret: 'secretKey'},
  mail: {app: 'mail', secret: 'password'},
} as const
type Parameter = keyof typeof providers

describe('providers', function () {
  this.timeout(120_000)
  let db = ''
  let web = ''
  let folder = ''

  const podOf = async (namespace: string, app: string): Promise<string> => {
    const labelSelector = `app.kubernetes.io/instance=${app}`
    const {items} = await listObjects(run.kube, {apiVersion: 'v1', kind: 'Pod'}, {namespace, labelSelector})
    return items.find(({metadata}) => metadata.deletionTimestamp === undefined)?.metadata.name ?? ''
  }

  /** Runs a script in a container and gives back what it said, on whichever stream, and whether it ended well. */
  const inside = async (
    namespace: string,
    app: string,
    container: string | undefined,
    script: string,
    stdin?: Buffer,
  ) => {
    const [out, err] = [collect(), collect()]
    const {exitCode} = await exec(run.kube, {
      namespace,
      pod: await podOf(namespace, app),
      ...(container !== undefined && {container}),
      command: ['sh', '-c', script],
      ...(stdin !== undefined && {stdin}),
      stdout: out.sink,
      stderr: err.sink,
    })
    return {exitCode, out: out.bytes(), said: `${out.bytes()}${err.bytes()}`.trim()}
  }

  const sql = (app: string, words: string, tls = '--ssl-ca=/trust/database --ssl-verify-server-cert') =>
    inside(web, app, 'database', `mariadb -h $HOST -u $LOGIN ${tls} -N -e "${words}" 2>&1`)
  const keys = (app: string, words: string, tls = '--cacert /trust/cache') =>
    inside(web, app, 'cache', `valkey-cli --no-auth-warning -u "$URL" ${tls} ${words} 2>&1`)
  const env = async (app: string, name: string) => (await inside(web, app, 'cache', `echo "$${name}"`)).said

  /** One of a provider's scripts, as berth runs it. */
  const script = async (
    parameter: Parameter,
    verb: string,
    consumer: string,
    more: object = {},
    stream: Buffer = Buffer.alloc(0),
  ) => {
    const {app, secret} = providers[parameter]
    const password = (await secretOf(run.kube, web, consumer, `${parameter}.${secret}`)) ?? ''
    return inside(
      db,
      app,
      undefined,
      await source(app, verb),
      Buffer.concat([input(web, consumer, parameter, {[secret]: password}, more), stream]),
    )
  }

  before(async function () {
    if (ingress === undefined) this.skip() // another cluster than the sandbox: its Services are not in reach from here
    folder = await mkdtemp(join(tmpdir(), 'berth-providers-'))
    ;[db, web] = await Promise.all([run.namespace('providers'), run.namespace('clients')])
    const install = (words: string[]) => async () =>
      ended(await run.berth(['app', 'install', ...words, '--yes', '--json']), 0)
    const secured = ['--set', 'requireTls=true']
    const settings: Record<string, string[]> = {
      mail: ['--set', 'domain=example.test'],
      mariadb: secured,
      valkey: secured,
    }
    await atMost(
      2,
      Object.values(providers).map(({app}) => install([app, app, '-n', db, ...(settings[app] ?? [])])),
    )
    const bound = Object.entries(providers).flatMap(([name, {app}]) => ['--set', `${name}=app:${db}/${app}`])
    await atMost(
      2,
      ['one', 'two'].map(name => install(['client', name, '-n', web, ...bound])),
    )
  })

  after(() => rm(folder, {recursive: true}))

  it('mysql: a database of its own, and no other', async () => {
    const mine = await sql(
      'one',
      'CREATE TABLE $DATABASE.t (a int); INSERT INTO $DATABASE.t VALUES (42); SELECT a FROM $DATABASE.t',
    )
    expect(mine).to.include({exitCode: 0, said: '42'})
    const other = consumerId({consumer: {namespace: web, name: 'two'}, parameter: 'database'})
    expect((await sql('one', `USE ${other}`)).said).to.include('Access denied')
    // An underscore in a GRANT is any character.
    expect((await sql('one', `CREATE DATABASE ${other.replaceAll('_', 'x')}`)).said).to.include('Access denied')
    expect((await sql('one', 'SHOW DATABASES')).said).not.to.include(other)
  })

  it('redis: keys of its own, and no others', async () => {
    expect((await keys('one', 'SET "$PREFIX"a 1')).said).to.equal('OK')
    const other = await env('two', 'PREFIX')
    for (const words of [
      `GET ${other}a`,
      `SET ${other}a 1`,
      'SCAN 0',
      'KEYS "*"',
      'FLUSHALL',
      'ACL LIST',
      'CONFIG GET "*"',
      'FUNCTION LIST',
    ])
      expect((await keys('one', words)).said, words).to.include('NOPERM')
    expect((await keys('one', `EVAL "return redis.call('GET', '${other}a')" 0`)).said).to.include('No permissions')
  })

  it('TLS, where it is required: who is trusted lets nobody else in between, and there is no way around it', async () => {
    expect((await sql('one', 'SELECT 1', '--skip-ssl')).said).to.include('Access denied')
    expect((await sql('one', 'SELECT 1', '--ssl-ca=/trust/cache')).said).to.include('self-signed certificate')
    expect((await keys('one', 'PING', '--cacert /trust/database')).said).to.include('certificate verify failed')
    const plain = `valkey-cli --no-auth-warning -u "redis$\{URL#rediss}" PING 2>&1`
    expect((await inside(web, 'one', 'cache', plain)).said).to.match(/reset|closed|I\/O error/)
    // Said of a service, berth itself looks: MySQL begins in the clear.
    const trust = {apiVersion: 'v1', kind: 'ConfigMap', namespace: web, name: 'one-trust'}
    const env = {P: 'unused', ...((await getObject(run.kube, trust)).data as {database: string; cache: string})}
    const said = {
      mysql: ['--set', `host=mariadb-sql.${db}.svc`, '--set', 'port=3306', '--set', 'name=x', '--set', 'user=x'],
      redis: ['--set', `host=valkey-cache.${db}.svc`, '--set', 'port=6379'],
    }
    for (const [kind, words] of Object.entries(said)) {
      const whose = {database: kind === 'mysql' ? 0 : 6, cache: kind === 'mysql' ? 6 : 0}
      for (const [ca, exitCode] of Object.entries(whose)) {
        const secrets = ['--set-env', 'password=P', '--set-env', `ca=${ca}`]
        const add = [
          'service',
          'add',
          kind,
          '--interface',
          kind,
          ...words,
          '--set',
          'tls=true',
          ...secrets,
          '--replace',
        ]
        ended(await run.berth([...add, '-n', web, '--json'], {env}), 0)
        const {tls} = ended(await run.berth(['service', 'check', kind, '-n', web, '--json']), exitCode).json.result
        expect(tls.protocol, kind).to.equal('TLSv1.3')
      }
    }
  })

  it('TLS: users learn of another certificate by a refresh, and do not trust it before', async () => {
    const rotate = ['app', 'rotate', 'mariadb', 'tls', '-n', db, '--yes', '--json']
    const refresh = `berth binding refresh two database -n ${web}`
    const {plan} = ended(await run.berth([...rotate, '--dry-run']), 0).json.result
    expect(plan.warnings.join()).to.include(refresh)
    const rotated = ended(await run.berth(rotate), 0)
    expect(JSON.stringify(rotated.json.warnings)).to.include(refresh)
    expect((await sql('two', 'SELECT 1')).said).to.include('self-signed certificate')
    const status = async () => ended(await run.berth(['app', 'status', 'two', '-n', web, '--json']), 0).json.result
    expect(await status()).to.containSubset({verdict: {reason: 'ProviderRenewed'}, uses: [{state: 'renewed'}]})
    expect((await status()).verdict.next).to.include(refresh)
    ended(await run.berth(['binding', 'refresh', 'two', 'database', '-n', web, '--yes', '--json']), 0)
    expect((await sql('two', 'SELECT 1')).said).to.equal('1')
    expect((await status()).verdict.reason).to.equal(null)

    // Told of one while it is being changed, who knows which; and a user that is gone, or never was, has nothing to learn.
    const record = {apiVersion: 'v1', kind: 'ConfigMap', namespace: db, name: 'berth.mariadb'}
    const patch = (data: object) => mergePatch(run.kube, record, {data}, {fieldManager: 'test'})
    const held = (await getObject(run.kube, record)).data as {current: string; grants: string}
    const target = {...JSON.parse(held.current), trust: 'another'}
    const journal = {kind: 'update', operation: 'x', stage: 'applying', target, leaving: [], tasks: {}}
    await patch({pending: JSON.stringify(journal)})
    ended(await run.berth(['binding', 'refresh', 'two', 'database', '-n', web, '--yes', '--json']), 0)
    await patch({pending: null})
    expect((await status()).verdict.reason).to.equal('ProviderRenewed')
    const gone = {...JSON.parse(held.grants)[`${web}/two#database`], consumer: {namespace: web, name: 'gone'}}
    await patch({grants: JSON.stringify({...JSON.parse(held.grants), [`${web}/gone#database`]: gone})})
    const rolled = ended(await run.berth([...rotate, '--roll']), 0).json.result
    expect(
      rolled.users.map(({app, error}: {app: {name: string}; error: null}) => [app.name, error]),
    ).to.have.deep.members([
      ['one', null],
      ['two', null],
    ])
    for (const app of ['one', 'two']) expect((await sql(app, 'SELECT 1')).said).to.equal('1')
    await patch({grants: held.grants})
  })

  it('TLS: what was stopped while its provider got another certificate starts with it', async () => {
    ended(await run.berth(['app', 'stop', 'mariadb', '-n', db, '--cascade', '--yes', '--json']), 0)
    ended(await run.berth(['app', 'rotate', 'mariadb', 'tls', '-n', db, '--yes', '--json']), 0)
    // What others set in it is none of its business.
    const two = {apiVersion: 'apps/v1', kind: 'Deployment', namespace: web, name: 'two'}
    const grace = {spec: {template: {spec: {terminationGracePeriodSeconds: 2}}}}
    await mergePatch(run.kube, two, grace, {fieldManager: 'test'})
    // Who may not ask the provider, and did not get it up without: leaves a request.
    const limited = join(folder, 'limited.json')
    await accountOf(run.kube, db, 'limited', limited, 'view')
    await createObject(
      run.kube,
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: {name: 'limited', namespace: web},
        roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit'},
        subjects: [{kind: 'ServiceAccount', name: 'limited', namespace: db}],
      },
      {fieldManager: 'test'},
    )
    ended(await run.berth(['app', 'start', 'mariadb', 'valkey', '-n', db, '--yes', '--json']), 0)
    const record = {apiVersion: 'v1', kind: 'ConfigMap', namespace: web, name: 'berth.two'}
    const cutOff = JSON.stringify({kind: 'start', operation: 'x', at: new Date().toISOString()})
    await mergePatch(run.kube, record, {data: {pending: cutOff}}, {fieldManager: 'test'})
    const again = ['app', 'start', 'two', '-n', web, '--yes', '--json']
    ended(await run.berth(again, {kubeconfig: limited}), 9, 'binding.requested')
    ended(await run.berth(['app', 'abort', 'two', '-n', web, '--yes', '--json']), 0)
    ended(await run.berth(['app', 'stop', 'mariadb', '-n', db, '--yes', '--json']), 0)
    const start = ['app', 'start', `${web}/one`, `${web}/two`, '--cascade', '--yes', '--json']
    const {items} = ended(await run.berth(start), 0).json.result
    const [, started] = items.filter(({app}: {app: {namespace: string}}) => app.namespace === web)
    expect(started.plan.warnings.join()).to.include('its database is refreshed first')
    for (const app of ['one', 'two']) expect((await sql(app, 'SELECT 1')).said).to.equal('1')
  })

  it('s3: a bucket of its own, and no other', async () => {
    const {url, bucket} = await bucketOf('one')
    const {bucket: other} = await bucketOf('two')
    expect(await s3('one', 'PUT', `${url}/${bucket}/folder/a`, 'hello')).to.equal(200)
    expect(await s3('one', 'GET', `${url}/${bucket}?list-type=2`)).to.equal(200)
    for (const [method, path] of [
      ['GET', `${other}?list-type=2`],
      ['PUT', `${other}/a`],
      ['PUT', 'another-bucket'],
      ['DELETE', bucket],
    ] as const)
      expect(await s3('one', method, `${url}/${path}`), `${method} ${path}`).to.equal(403)
  })

  it('smtp: mail as itself, and as nobody else', async () => {
    const [mine, other] = [await env('one', 'FROM'), await env('two', 'FROM')]
    expect(await send('one', mine, mine)).to.equal('sent')
    expect(await send('one', mine, other)).to.equal('refused')
    expect(await send('one', mine, mine, 'wrong')).to.equal('refused')
    expect(await send('one', '', mine)).to.equal('refused')
  })

  for (const parameter of Object.keys(providers) as Parameter[]) {
    it(`${providers[parameter].app}: ensure again changes nothing, rotate leaves no gap`, async () => {
      const again = await script(parameter, 'ensure', 'two')
      expect(again.exitCode, again.said).to.equal(0)
      const outputs = JSON.parse(String(again.out))
      const rotated = await script(parameter, 'rotate', 'two', {
        outputs,
        secrets: {[providers[parameter].secret]: 'another'},
      })
      expect(rotated.exitCode, rotated.said).to.equal(0)
      await works(parameter, 'two')
      // Back to the password that the client has: its revision knows nothing of this.
      expect((await script(parameter, 'ensure', 'two', {outputs})).exitCode).to.equal(0)
      await works(parameter, 'two')
    })
  }

  for (const parameter of ['database', 'cache', 'files'] as const) {
    it(`${providers[parameter].app}: what one dumps, another restores`, async () => {
      const dumped = await script(parameter, 'dump', 'one')
      expect(dumped.exitCode, dumped.said).to.equal(0)
      const restored = await script(parameter, 'restore', 'two', {}, dumped.out)
      expect(restored.exitCode, restored.said).to.equal(0)
      const {url, bucket} = await bucketOf('two')
      if (parameter === 'database') expect((await sql('two', 'SELECT a FROM $DATABASE.t')).said).to.equal('42')
      if (parameter === 'cache') expect((await keys('two', 'GET "$PREFIX"a')).said).to.equal('1')
      if (parameter === 'files') expect(await s3('two', 'GET', `${url}/${bucket}/folder/a`)).to.equal(200)
    })
  }

  it('drops what one had when it goes, and nothing of the other', async () => {
    const names = {
      database: consumerId({consumer: {namespace: web, name: 'one'}, parameter: 'database'}),
      cache: (await env('one', 'PREFIX')).slice(0, -1),
      files: await env('one', 'BUCKET'),
      mail: await env('one', 'FROM'),
    }
    for (const [parameter, name] of Object.entries(names))
      expect((await script(parameter as Parameter, 'list', 'two')).said, parameter).to.include(name)
    ended(await run.berth(['app', 'uninstall', 'one', '-n', web, '--delete-data', '--yes', '--json']), 0)
    for (const [parameter, name] of Object.entries(names)) {
      expect((await script(parameter as Parameter, 'list', 'two')).said, parameter).not.to.include(name)
      await works(parameter as Parameter, 'two')
    }
  })

  const works = async (parameter: Parameter, app: string) => {
    const {url, bucket} = await bucketOf(app)
    if (parameter === 'database') expect((await sql(app, 'SELECT 1')).said).to.equal('1')
    if (parameter === 'cache') expect((await keys(app, 'PING')).said).to.equal('PONG')
    if (parameter === 'files') expect(await s3(app, 'GET', `${url}/${bucket}?list-type=2`)).to.equal(200)
    if (parameter === 'mail') expect(await send(app, await env(app, 'FROM'), await env(app, 'FROM'))).to.equal('sent')
  }

  /** Names of Services are known in pods only; from the sandbox's own network there is the address. */
  const addressOf = async (service: string) => {
    const found = await findObject(run.kube, {apiVersion: 'v1', kind: 'Service', namespace: db, name: service})
    return (found?.spec as {clusterIP?: string} | undefined)?.clusterIP ?? ''
  }

  const bucketOf = async (app: string) => {
    return {url: `http://${await addressOf('s3-bucket')}:7070`, bucket: await env(app, 'BUCKET')}
  }

  const s3 = async (app: string, method: string, url: string, body = ''): Promise<number> => {
    const user = `${await env(app, 'ACCESS_KEY')}:${await secretOf(run.kube, web, app, 'files.secretKey')}`
    const signed = ['--aws-sigv4', 'aws:amz:us-east-1:s3', '-H', 'x-amz-content-sha256: UNSIGNED-PAYLOAD', '-K', '-']
    return Number(
      await curl(
        [...signed, '-o', '/dev/null', '-w', '%{http_code}', '-X', method, '--data', body, url],
        `user = "${user}"`,
      ),
    )
  }

  const send = async (app: string, login: string, from: string, password?: string): Promise<'sent' | 'refused'> => {
    const known = password ?? (await secretOf(run.kube, web, app, 'mail.password'))
    const letter = join(folder, 'letter')
    await writeFile(letter, `From: <${from}>\nTo: <someone@example.net>\nSubject: Hello\n\nHello\n`)
    const words = ['-K', '-', '--mail-from', from, '--mail-rcpt', 'someone@example.net', '-T', letter]
    const url = `smtp://${await addressOf('mail-submission')}:1587`
    try {
      await curl([...words, url], login === '' ? '' : `user = "${login}:${known}"`)
      return 'sent'
    } catch (error) {
      // 55: the server said no to a command; 67: to the login.
      if ([55, 67].includes((error as {code: number}).code)) return 'refused'
      throw error
    }
  }
})

function input(namespace: string, name: string, parameter: string, secrets: object, more: object): Buffer {
  const consumer = {namespace, name, parameter, id: consumerId({consumer: {namespace, name}, parameter})}
  return Buffer.from(`${JSON.stringify({consumer, request: {}, secrets, ...more})}\n`)
}

const source = (pkg: string, verb: string) => readFile(join(root, `packages/${pkg}/files/${verb}.sh`), 'utf8')

/** Settings go by stdin: they hold passwords. */
async function curl(args: string[], settings: string): Promise<string> {
  const running = call('curl', ['-sS', '--noproxy', '*', '--max-time', '20', ...args])
  running.child.stdin?.end(settings)
  return (await running).stdout
}

function collect(): {sink: Writable; bytes(): Buffer} {
  const chunks: Buffer[] = []
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    chunks.push(chunk)
    done()
  }
  return {sink: new Writable({write}), bytes: () => Buffer.concat(chunks)}
}
