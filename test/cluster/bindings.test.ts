import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Writable} from 'node:stream'
import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import {RemoteError} from '../../src/lib/errors.ts'
import {exec, type Kube, listObjects} from '../../src/lib/kube/index.ts'
import {accountOf, anchorOf, apps, ended, inPod, killedAtWrite, secretOf, throughFaults} from './apps.ts'

describe('bindings, by commands', function () {
  this.timeout(240_000)
  const run = apps()
  let db = ''
  let web = ''
  const user = () => inPod(run.kube, web, 'news', 'echo $PGUSER')
  const sql = (words: string) => inPod(run.kube, web, 'news', `psql -qAt -c "${words}" 2>&1`)
  const rotate = ['binding', 'rotate', 'news', 'database', '-n']

  before(async () => {
    ;[db, web] = await Promise.all([run.namespace('db'), run.namespace('web')])
    for (const name of ['pg', 'other'])
      ended(await run.berth(['app', 'install', 'postgres', name, '-n', db, '--yes', '--json']), 0)
    const answer = ['--set', `database=app:${db}/pg`]
    ended(await run.berth(['app', 'install', 'reader', 'news', '-n', web, ...answer, '--yes', '--json']), 0)
  })

  it('are listed with their state, from either end; unseen is what may not be looked at', async () => {
    const list = async (namespace: string, kubeconfig?: string) => {
      const words = ['binding', 'list', '-n', namespace, '--json']
      const {items} = ended(await run.berth(words, {...(kubeconfig && {kubeconfig})}), 0).json.result
      expect(items).to.have.length(1)
      expect(items[0]).to.deep.include({
        consumer: {namespace: web, name: 'news'},
        parameter: 'database',
        provider: {namespace: db, name: 'pg'},
      })
      return items[0].state
    }
    expect([await list(db), await list(web)]).to.deep.equal(['granted', 'granted'])
    const folder = await mkdtemp(join(tmpdir(), 'berth-bindings-'))
    const viewer = join(folder, 'viewer.json')
    await accountOf(run.kube, web, 'viewer', viewer, 'view')
    expect(await list(web, viewer)).to.equal('unseen')
    await rm(folder, {recursive: true})
  })

  it('databases are listed, and what others made is told apart', async () => {
    await inPod(run.kube, db, 'pg', "psql -U postgres -c 'CREATE DATABASE theirs'")
    const {items} = ended(await run.berth(['database', 'list', '-n', db, '--json']), 0).json.result
    const rows = items as {name: string; users: string[]; bytes: number; consumer: object | null}[]
    const name = (await inPod(run.kube, web, 'news', 'echo $PGDATABASE')).trim()
    const [theirs, own] = [rows.find(row => row.name === 'theirs'), rows.find(row => row.name === name)]
    expect(theirs?.consumer).to.equal(null)
    expect(own?.consumer).to.deep.equal({namespace: web, name: 'news', parameter: 'database'})
    expect(own?.users).to.deep.equal([name])
    expect(own?.bytes).to.be.greaterThan(1000)
  })

  it('rotate: another login, rolled pods, no connection refused on the way, the former login shut', async () => {
    const before = {user: await user(), password: await secretOf(run.kube, web, 'news', 'database.password')}
    await sql('CREATE TABLE t (a int); INSERT INTO t VALUES (42)')
    const probe = probing(run.kube, web)
    ended(await run.berth([...rotate, web, '--yes', '--json']), 0)
    const {tries, refused} = await probe.stop()
    expect(refused).to.deep.equal([])
    expect(tries).to.be.greaterThan(5)
    expect(await user()).not.to.equal(before.user)
    expect(await sql('SELECT a FROM t')).to.equal('42\n')
    const old = `PGUSER=${before.user.trim()} PGPASSWORD=${before.password} psql -c 'SELECT 1' 2>&1`
    expect(await inPod(run.kube, web, 'news', old)).to.match(/not permitted to log in|authentication failed/)
  })

  it('a rotation that is cut off goes on, or back, and leaves one login', async () => {
    for (const [write, way] of [
      [3, 'resume'],
      [5, 'abort'],
    ] as const) {
      const before = await user()
      const {killed} = await killedAtWrite(run, [...rotate, web, '--yes', '--json'], 'news', write, 'after')
      expect(killed, 'it ended before it was killed').not.to.equal(undefined)
      if ((await anchorOf(run.kube, web, 'news'))?.pending === undefined) continue
      ended(await run.berth(['app', way, 'news', '-n', web, '--yes', '--json']), 0)
      if (way === 'abort') expect(await user()).to.equal(before)
      expect(await sql('SELECT a FROM t')).to.equal('42\n')
      const logins = "SELECT count(*) FROM pg_roles WHERE rolcanlogin AND rolname LIKE 'web%'"
      expect(await sql(logins)).to.equal('1\n')
    }
  })

  it('taken back when the former login is shut already, a rotation opens it again before any pod needs it', async () => {
    const before = await user()
    await throughFaults(async (kubeconfig, proxy) => {
      const {child, done} = run.start([...rotate, web, '--yes', '--json'], {kubeconfig})
      const kill = {fault: {answer: 503}, struck: () => child.kill('SIGKILL')}
      // The first script makes the new login, the second shuts the former one; then the next write of the anchor is the last.
      const settled = () => proxy.inject({on: /^PUT .*\/berth\.news\?/, ...kill})
      proxy.inject({on: /\/exec\?/, skip: 1, fault: {delay: 0}, struck: settled})
      await done
    })
    const logins = "SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname LIKE 'web%'"
    expect(await sql(logins)).not.to.equal(before)
    ended(await run.berth(['app', 'abort', 'news', '-n', web, '--yes', '--json', '--timeout', '1m']), 0)
    expect(await user()).to.equal(before)
    expect(await sql(logins)).to.equal(before)
  })

  it('do not just point at another provider: the data would stay behind', async () => {
    const elsewhere = ['app', 'config', 'news', '-n', web, '--yes', '--json']
    const $literal = {host: 'pg.test', port: 5432, name: 'a', user: 'b', password: 'c'}
    for (const answer of [
      ['--set', `database=app:${db}/other`],
      ['--set-json', `database=${JSON.stringify({$literal})}`],
    ]) {
      const {error} = ended(await run.berth([...elsewhere, ...answer]), 4, 'binding.would-lose-data').json
      expect(error?.message).to.include(`its data is at ${db}/pg`)
    }
    expect((await anchorOf(run.kube, web, 'news'))?.phase).to.equal('running')
  })

  it('refresh asks the provider again and keeps what it made', async () => {
    const before = await user()
    ended(await run.berth(['binding', 'refresh', 'news', '-n', web, '--yes', '--json']), 0)
    expect(await user()).to.equal(before)
    expect(await sql('SELECT a FROM t')).to.equal('42\n')
    const unknown = await run.berth(['binding', 'refresh', 'news', 'databse', '-n', web, '--yes', '--json'])
    expect(ended(unknown, 3, 'binding.not-found').json.error?.hint).to.deep.equal(['did you mean database?'])
  })
})

/** Opens a connection from every ready pod of the consumer, over and over: what its users would feel. */
function probing(kube: Kube, namespace: string) {
  const stopped = new AbortController()
  const refused: string[] = []
  let tries = 0
  const attempt = async (pod: string) => {
    const said: Buffer[] = []
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        said.push(chunk)
        done()
      },
    })
    try {
      const command = ['psql', '-c', 'SELECT 1']
      const {exitCode} = await exec(kube, {namespace, pod, command, stdout: sink, stderr: sink, timeout: 10_000})
      tries++
      // 137: the pod was ended under it.
      if (exitCode !== 0 && exitCode !== 137) refused.push(`${pod}: ${exitCode} ${Buffer.concat(said)}`)
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error // the pod has gone between the list and this
    }
  }
  const asking = (async () => {
    while (!stopped.signal.aborted) {
      const {items} = await listObjects(kube, {apiVersion: 'v1', kind: 'Pod'}, {namespace})
      const there = items.filter(({metadata, status}) => {
        const {conditions = []} = (status ?? {}) as {conditions?: {type: string; status: string}[]}
        const ready = conditions.some(({type, status}) => type === 'Ready' && status === 'True')
        return ready && metadata.deletionTimestamp === undefined
      })
      await Promise.all(there.map(({metadata}) => attempt(metadata.name)))
      await sleep(100)
    }
  })()
  return {
    stop: async () => {
      stopped.abort()
      await asking
      return {tries, refused}
    },
  }
}
