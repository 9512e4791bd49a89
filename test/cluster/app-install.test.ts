import {expect} from 'chai'
import {findObject, listObjects} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, ended, inPod, secretOf} from './apps.ts'
import {ingress, through, untilRouted} from './ingress.ts'

const run = apps()

/** The main job, as the README tells it: everything later is built on this. */
describe('two Minifluxes in one PostgreSQL', function () {
  this.timeout(120_000)
  let db = ''
  let web = ''
  const databases = async () =>
    (
      await inPod(
        run.kube,
        db,
        'pg',
        'psql -U postgres -Atc "SELECT datname FROM pg_database WHERE datname LIKE \'%_database_%\'"',
      )
    )
      .trim()
      .split('\n')
      .filter(name => name !== '')

  before(async () => {
    ;[db, web] = await Promise.all([run.namespace('db'), run.namespace('web')])
    ended(await run.berth(['app', 'install', 'postgres', 'pg', '-n', db, '--yes', '--json']), 0)
    const install = (name: string) =>
      run.berth([
        'app',
        'install',
        'miniflux',
        name,
        '-n',
        web,
        '--set',
        `database=app:${db}/pg`,
        '--set',
        `host=${name}.${web}.test`,
        '--yes',
        '--json',
      ])
    for (const done of await Promise.all([install('one'), install('two')])) ended(done, 0)
  })

  it('gives each a database and a user of its own', async () => {
    expect(await databases()).to.have.length(2)
    const grants = Object.values((await anchorOf(run.kube, db, 'pg'))?.grants ?? {}) as {
      state: string
      consumer: {name: string}
    }[]
    expect(grants.map(({state, consumer}) => `${consumer.name} ${state}`)).to.have.members([
      'one granted',
      'two granted',
    ])
  })

  it('talks to it in TLS, and to nobody else', async () => {
    expect((await secretOf(run.kube, web, 'one', 'database.url'))?.endsWith('?sslmode=verify-full')).to.equal(true)
    const who =
      "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename LIKE '%_database_%'"
    expect((await inPod(run.kube, db, 'pg', `psql -U postgres -Atc "${who}"`)).trim()).to.equal('t')
    const strange = 'PGSSLMODE=verify-full PGSSLROOTCERT=/etc/passwd psql -h $(hostname -i) -U postgres 2>&1 || true'
    expect(await inPod(run.kube, db, 'pg', strange)).to.match(
      /could not read root certificate|certificate verify failed/,
    )
  })

  it('publishes both under their host names, with the generated password of each', async function () {
    if (ingress === undefined) this.skip() // another cluster than the sandbox: its proxy is where its owner put it
    for (const name of ['one', 'two']) {
      await untilRouted(`${name}.${web}.test`)
      const password = await secretOf(run.kube, web, name, 'password')
      const answer = await through(`${name}.${web}.test`, '/v1/me', {authorization: basic('admin', password ?? '')})
      expect(answer.status, answer.body).to.equal(200)
      expect(JSON.parse(answer.body)).to.include({username: 'admin', is_admin: true})
    }
    const stranger = await through(`one.${web}.test`, '/v1/me', {authorization: basic('admin', 'guess')})
    expect(stranger.status).to.equal(401)
  })

  it('lets neither into the database of the other', async () => {
    const url = new URL((await secretOf(run.kube, web, 'one', 'database.url')) ?? '')
    const [other] = (await databases()).filter(name => name !== url.pathname.slice(1))
    const said = await inPod(
      run.kube,
      db,
      'pg',
      `PGPASSWORD='${url.password}' psql -h 127.0.0.1 -U ${url.username} ${other} -c 'SELECT 1' 2>&1 || true`,
    )
    expect(said).to.include('permission denied for database')
  })

  it('lists them with what they provide and use, and shows nothing secret', async () => {
    const secrets = await Promise.all(
      ['password', 'database.password', 'database.url'].map(key => secretOf(run.kube, web, 'one', key)),
    )
    const list = ended(await run.berth(['app', 'list', '-n', web, '--json']), 0)
    expect(list.json.result.items).to.containSubset([
      {name: 'one', phase: 'running', ready: {now: 1, wanted: 1}, uses: [`${db}/pg`]},
    ])
    const anchor = await findObject(run.kube, {apiVersion: 'v1', kind: 'ConfigMap', namespace: web, name: 'berth.one'})
    const shown = await Promise.all(
      [['show'], ['status']].map(([verb = '']) => run.berth(['app', verb, 'one', '-n', web, '--json'])),
    )
    const said = [list.stdout, JSON.stringify(anchor), ...shown.map(({stdout, stderr}) => stdout + stderr)].join('\n')
    for (const secret of secrets) expect(said).not.to.include(secret)
  })

  it('refuses to remove the database that they use, and says who and by which parameter', async () => {
    const refused = ended(await run.berth(['app', 'uninstall', 'pg', '-n', db, '--yes', '--json']), 4, 'app.in-use')
    expect(refused.json.error.details).to.have.deep.members([
      {ref: `${web}/one`, parameter: 'database'},
      {ref: `${web}/two`, parameter: 'database'},
    ])
    expect((await anchorOf(run.kube, db, 'pg'))?.phase).to.equal('running')
  })

  it('keeps data when one is uninstalled, refuses to walk over it, and takes it up again', async () => {
    const password = await secretOf(run.kube, web, 'two', 'password')
    const gone = ended(await run.berth(['app', 'uninstall', 'two', '-n', web, '--yes', '--json']), 0)
    expect(gone.json.result.outcome.retained).to.deep.equal([`data of database at ${db}/pg`])
    expect(await databases()).to.have.length(2)
    const kept = ended(await run.berth(['app', 'list', '-n', web, '--retained', '--json']), 0)
    expect(kept.json.result.retained).to.containSubset([{app: {name: 'two'}, bindings: ['database']}])
    const words = [
      'app',
      'install',
      'miniflux',
      'two',
      '-n',
      web,
      '--set',
      `database=app:${db}/pg`,
      '--set',
      `host=two.${web}.test`,
      '--yes',
      '--json',
    ]
    ended(await run.berth(words), 4, 'data.retained')
    ended(await run.berth([...words, '--adopt-data']), 0)
    expect(await secretOf(run.kube, web, 'two', 'password')).to.equal(password)
  })

  it('drops database and user with --delete-data, and nothing of the neighbour', async () => {
    ended(await run.berth(['app', 'uninstall', 'two', '-n', web, '--delete-data', '--yes', '--json']), 0)
    const [left, ...others] = await databases()
    expect(left).to.include('one')
    expect(others).to.deep.equal([])
    const {items} = await listObjects(run.kube, {apiVersion: 'v1', kind: 'Secret'}, {namespace: web})
    expect(items.map(({metadata}) => metadata.name).filter(name => /two/.test(name))).to.deep.equal([])
    expect((await run.berth(['app', 'status', 'one', '-n', web, '--json'])).json.result.verdict.healthy).to.equal(true)
  })
})

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
