import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {anchorName} from '../../src/lib/anchor/index.ts'
import {consumerId} from '../../src/lib/binding/index.ts'
import {mergePatch} from '../../src/lib/kube/index.ts'
import {accountOf, anchorOf, apps, ended, inPod, killedAt, namesOf, secretOf} from './apps.ts'
import {calls} from './operations.ts'

// Someone who may edit `web` and nothing else, and a database in `db`, which an administrator hands out.
describe('bindings that somebody else has to grant', function () {
  this.timeout(480_000)
  const run = apps()
  let db = ''
  let web = ''
  let folder = ''
  let kubeconfig = ''

  const asks = (words: string[]) => (['list', 'status'].includes(words[1] ?? '') ? [] : ['--yes'])
  const asEditor = (...words: string[]) => run.berth([...words, ...asks(words), '--json'], {kubeconfig})
  const asAdmin = (...words: string[]) => run.berth([...words, ...asks(words), '--json'])
  const install = (name: string) =>
    asEditor('app', 'install', 'reader', name, '-n', web, '--set', `database=app:${db}/pg`)
  const grant = (name: string) => asAdmin('binding', 'grant', `${web}/${name}`, 'database')
  const grants = async () => (await anchorOf(run.kube, db, 'pg'))?.grants ?? {}
  const states = async (list: typeof asAdmin, namespace: string) => {
    const {items} = ended(await list('binding', 'list', '-n', namespace), 0).json.result
    return Object.fromEntries(
      (items as {consumer: {name: string}; state: string}[]).map(row => [row.consumer.name, row.state]),
    )
  }
  const sql = (name: string, words: string) => inPod(run.kube, web, name, `psql -qAt -c "${words}" 2>&1`)
  const onServer = (words: string) => inPod(run.kube, db, 'pg', `psql -U postgres -qAt -c "${words}" 2>&1`)
  /** As whoever may edit the namespace can. */
  const forge = async (name: string, change: (pending: Parsed) => Parsed) => {
    const {pending} = (await anchorOf(run.kube, web, name)) ?? {}
    const key = {apiVersion: 'v1', kind: 'ConfigMap', namespace: web, name: anchorName(name)}
    await mergePatch(run.kube, key, {data: {pending: JSON.stringify(change(pending))}}, {fieldManager: 'mallory'})
    return pending
  }
  // biome-ignore lint/suspicious/noExplicitAny: what is forged here has no type, and that is the point
  type Parsed = any

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-grants-'))
    kubeconfig = join(folder, 'editor.json')
    ;[db, web] = await Promise.all([run.namespace('grants-db'), run.namespace('grants-web')])
    await accountOf(run.kube, web, 'editor', kubeconfig, 'edit')
    ended(await asAdmin('app', 'install', 'postgres', 'pg', '-n', db), 0)
  })
  after(() => rm(folder, {recursive: true}))

  it('an install leaves a request, and nothing else', async () => {
    const plan = await asEditor(
      'app',
      'install',
      'reader',
      'news',
      '-n',
      web,
      '--set',
      `database=app:${db}/pg`,
      '--dry-run',
    )
    expect(ended(plan, 0).json.result.plan.steps).to.deep.include({
      do: 'request',
      parameter: 'database',
      interface: 'postgresql',
      provider: `${db}/pg`,
      reversal: 'reversible',
    })
    const {error} = ended(await install('news'), 9, 'binding.requested').json
    expect(error?.hint.join('\n'))
      .to.include(`berth binding grant ${web}/news database`)
      .and.to.include(`berth app resume news -n ${web}`)
    const anchor = await anchorOf(run.kube, web, 'news')
    expect(anchor).to.deep.include({phase: 'changing', operation: undefined, history: []})
    expect(
      (await namesOf(run.kube, web, 'news')).filter(name => !/(berth.news|berth.news.(s|pkg)\..*)$/.test(name)),
    ).to.deep.equal([])
    expect(await grants()).to.deep.equal({})
    expect(await states(asEditor, web)).to.deep.equal({news: 'requested'})
    const status = ended(await asEditor('app', 'status', 'news', '-n', web), 0).json.result
    expect(status.verdict.message).to.include('it waits for database')
    ended(await asEditor('app', 'resume', 'news', '-n', web), 9, 'binding.requested')
  })

  it('only who has rights at the provider can grant it, and says yes to what is shown', async () => {
    ended(await asEditor('binding', 'grant', `${web}/news`), 4, 'cluster.forbidden')
    const words = ['binding', 'grant', `${web}/news`, '--json']
    const {error} = ended(await run.berth(words), 4, 'confirmation.required').json
    expect(error?.details.bindings[0]).to.deep.include({
      provider: {namespace: db, name: 'pg'},
      endpoint: 'sql',
      request: {version: '>=14', extensions: ['citext']},
      makes: consumerId({consumer: {namespace: web, name: 'news'}, parameter: 'database'}),
    })
    ended(await asAdmin('binding', 'grant', `${web}/news`, 'databse'), 3, 'binding.not-found')
    expect(await grants()).to.deep.equal({})
  })

  it('a grant that is killed at any call is granted again; the app goes on with its own database', async () => {
    const words = ['binding', 'grant', `${web}/news`, '--yes', '--json']
    const killed = async (n: number, moment: 'before' | 'after') => {
      const {killed, undisturbed} = await killedAt(run, words, calls.write, n, moment)
      expect((killed ?? undisturbed)?.exitCode).to.equal(killed ? null : 0)
      return killed !== undefined
    }
    let n = 1
    while ((await killed(n, 'before')) && (await killed(n, 'after'))) {
      const handedOver = Object.values(await states(asAdmin, web)).join() === 'granted'
      if (!handedOver) ended(await asEditor('app', 'resume', 'news', '-n', web), 9, 'binding.requested')
      n++
    }
    expect(n).to.be.greaterThan(3)
    expect(Object.values(await grants())).to.have.length(1)
    for (const _twice of [1, 2]) ended(await grant('news'), 0)
    expect(await states(asEditor, web)).to.deep.equal({news: 'granted'})
    ended(await asEditor('app', 'resume', 'news', '-n', web), 0)
    const name = consumerId({consumer: {namespace: web, name: 'news'}, parameter: 'database'})
    expect(await sql('news', 'CREATE TABLE t (a int); SELECT current_database()')).to.equal(`${name}\n`)
    const anchor = await anchorOf(run.kube, web, 'news')
    expect(anchor).to.deep.include({phase: 'running', pending: undefined})
    expect(anchor?.current.bindings.database.provider).to.deep.equal({
      app: {namespace: db, name: 'pg'},
      endpoint: 'sql',
    })
    expect((await namesOf(run.kube, web, 'news')).filter(each => each.includes('.g.'))).to.deep.equal([])
  })

  it('a change that is asked for and taken back has nobody told; a rotation is for who may', async () => {
    ended(await asEditor('binding', 'refresh', 'news', '-n', web), 9, 'binding.requested')
    expect(await states(asAdmin, db)).to.deep.equal({news: 'granted'})
    const back = ended(await asEditor('app', 'abort', 'news', '-n', web), 0)
    expect(back.json.warnings).to.deep.equal([])
    expect((await anchorOf(run.kube, web, 'news'))?.current.bindings.database).not.to.have.property('asks')
    const {error} = ended(
      await asEditor('binding', 'rotate', 'news', 'database', '-n', web),
      4,
      'cluster.forbidden',
    ).json
    expect(error?.hint.join()).to.include(`berth binding rotate news database -n ${web}`)
    expect((await anchorOf(run.kube, web, 'news'))?.phase).to.equal('running')
  })

  it('a refresh that is granted keeps the login that a rotation made', async () => {
    ended(await asAdmin('binding', 'rotate', 'news', 'database', '-n', web), 0)
    const user = await sql('news', 'SELECT session_user')
    expect(user).to.match(/_2$/m)
    ended(await asEditor('binding', 'refresh', 'news', '-n', web), 9, 'binding.requested')
    ended(await grant('news'), 0)
    expect(await sql('news', 'SELECT session_user')).to.equal(user)
    ended(await asEditor('app', 'resume', 'news', '-n', web), 0)
    expect(await sql('news', 'SELECT session_user')).to.equal(user)
  })

  it('a forged request gets nothing of others', async () => {
    ended(await install('evil'), 9, 'binding.requested')
    const genuine = await forge('evil', pending => ({...pending, target: {...pending.target, secret: 'news-secrets'}}))
    ended(await grant('evil'), 7, 'app.corrupt')
    // The login of another consumer, and its password to be set.
    const own = await secretOf(run.kube, web, 'news', 'database.password')
    const {user} = (await anchorOf(run.kube, web, 'news'))?.current.bindings.database.outputs ?? {}
    const {database} = genuine.target.bindings
    const target = {...genuine.target, bindings: {database: {...database, outputs: {...database.outputs, user}}}}
    await forge('evil', () => ({...genuine, target}))
    ended(await grant('evil'), 0)
    expect(await sql('news', 'SELECT 1')).to.equal('1\n')
    expect(await secretOf(run.kube, web, 'news', 'database.password')).to.equal(own)
    ended(await asEditor('app', 'abort', 'evil', '-n', web), 0)
    ended(await asAdmin('binding', 'revoke', `${web}/evil`, 'database', '-n', db, '--delete-data'), 0)
    expect(Object.keys(await grants())).to.deep.equal([`${web}/news#database`])
  })

  it('a provider that is not open to the namespace is not granted', async () => {
    ended(await install('shut'), 9, 'binding.requested')
    const current = (await anchorOf(run.kube, db, 'pg'))?.current
    const key = {apiVersion: 'v1', kind: 'ConfigMap', namespace: db, name: anchorName('pg')}
    const allowing = (namespaces: unknown) => {
      const sql = {...current.provides.sql, allow: {namespaces}}
      const data = {current: JSON.stringify({...current, provides: {...current.provides, sql}})}
      return mergePatch(run.kube, key, {data}, {fieldManager: 'test'})
    }
    await allowing(['elsewhere'])
    ended(await grant('shut'), 4, 'binding.refused')
    await allowing('all')
    ended(await asEditor('app', 'abort', 'shut', '-n', web), 0)
    expect(await namesOf(run.kube, web, 'shut')).to.deep.equal([])
  })

  it('a revoked login is shut and its data kept, and not while the app runs with it, unless forced', async () => {
    const revoke = ['binding', 'revoke', `${web}/news`, 'database', '-n', db]
    const {error} = ended(await asAdmin(...revoke), 4, 'app.in-use').json
    expect(error?.message).to.include(`${web}/news runs with`)
    ended(await asEditor(...revoke, '--force'), 4, 'cluster.forbidden')
    // Whoever has `db` alone may, and cannot look who is hurt; whoever may only look may not.
    const [dba, viewer] = [join(folder, 'dba.json'), join(folder, 'viewer.json')]
    await accountOf(run.kube, db, 'dba', dba, 'edit')
    await accountOf(run.kube, db, 'viewer', viewer, 'view')
    const revokeAs = (file: string, ...more: string[]) =>
      run.berth([...revoke, ...more, '--yes', '--json'], {kubeconfig: file})
    expect(ended(await revokeAs(dba), 4, 'app.in-use').json.error?.message).to.include('you may not look')
    ended(await revokeAs(viewer, '--force'), 4, 'cluster.forbidden')
    expect(await sql('news', 'SELECT 1')).to.equal('1\n')
    for (const _twice of [1, 2]) ended(await revokeAs(dba, '--force'), 0)
    expect(await sql('news', 'SELECT 1')).to.match(/authentication failed|not permitted to log in/)
    expect(await states(asAdmin, db)).to.deep.equal({news: 'retained'})
    const name = consumerId({consumer: {namespace: web, name: 'news'}, parameter: 'database'})
    expect(await onServer(`SELECT count(*) FROM pg_database WHERE datname = '${name}'`)).to.equal('1\n')
    ended(await asAdmin('binding', 'refresh', 'news', '-n', web), 0)
    expect(await sql('news', 'SELECT count(*) FROM t')).to.equal('0\n')
  })

  it('the editor uninstalls; the provider is told by who may', async () => {
    const run1 = ended(await asEditor('app', 'uninstall', 'news', '-n', web, '--delete-data'), 0)
    expect(run1.json.warnings.join()).to.include(`berth binding revoke ${web}/news database -n ${db}`)
    expect(await states(asAdmin, db)).to.deep.equal({news: 'granted'})
    const {result} = ended(
      await asAdmin('binding', 'revoke', `${web}/news`, 'database', '-n', db, '--delete-data'),
      0,
    ).json
    expect(result).to.deep.include({data: 'deleted', inUse: false, revoked: true})
    expect(await onServer("SELECT count(*) FROM pg_database WHERE datname LIKE 'grants%'")).to.equal('0\n')
    ended(await asAdmin('binding', 'revoke', `${web}/news`, 'database', '-n', db), 3, 'binding.not-found')
  })
})
