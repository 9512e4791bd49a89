import {expect} from 'chai'
import {consumerId} from '../../src/lib/binding/index.ts'
import {findObject, listObjects} from '../../src/lib/kube/index.ts'
import {apps, atMost, ended, inPod, secretOf} from './apps.ts'

const engines = {
  pg: {package: 'postgres', endpoint: 'sql'},
  my: {package: 'mariadb', endpoint: 'sql'},
  cache: {package: 'valkey', endpoint: 'cache'},
} as const
type Engine = keyof typeof engines
// `cache` speaks nothing but TLS
const TLS = '$TLS_ARGS'
const nameOf = {read: 'reader', write: 'writer', owner: 'chief'}
const levels = ['read', 'write', 'owner'] as const

describe('logins to databases for people', function () {
  this.timeout(480_000)
  const run = apps()
  let db = ''
  const databases: Partial<Record<Engine, string>> = {}

  const user = (...words: string[]) => run.berth(['database', 'user', ...words, '--json'])
  const create = (engine: Engine, name: string, access: string, ...more: string[]) =>
    user('create', `${db}/${engine}`, databases[engine] ?? '', name, '--access', access, ...more)
  const passwordOf = async (engine: Engine, name: string) => {
    const found = await findObject(run.kube, {
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: db,
      name: `berth.${engine}.login.${name}`,
    })
    return Buffer.from((found?.data as Record<string, string> | undefined)?.password ?? '', 'base64').toString()
  }
  /** Says something to the server as this login, over the network: what it answers, on one line. */
  const say = async (engine: Engine, name: string, words: string, password?: string): Promise<string> => {
    const secret = password ?? (await passwordOf(engine, name))
    const database = databases[engine] ?? ''
    const client = {
      pg: `PGPASSWORD=${secret} psql -h $(hostname -i) -U ${name} -d ${database} -qAtc "${words}" 2>&1`,
      my: `MYSQL_PWD=${secret} mariadb -h 127.0.0.1 -u ${name} ${database} -N -e "${words}" 2>&1`,
      cache: `REDISCLI_AUTH=${secret} valkey-cli ${TLS} --user ${name} ${words} 2>&1`,
    }[engine]
    return (await inPod(run.kube, db, engine, client)).trim().split('\n').join(' ')
  }
  const rows = async (...where: string[]) =>
    ended(await user('list', ...where), 0).json.result.items as {
      name: string
      database: string
      access: string | null
      madeFor: string
      consumer: object | null
      there: boolean
    }[]

  before(async () => {
    db = await run.namespace('people')
    const install = (engine: Engine) => async () =>
      ended(await run.berth([...words(engine), '-n', db, '--yes', '--json']), 0)
    const words = (engine: Engine) => [
      ...['app', 'install', engines[engine].package, engine],
      ...(engine === 'cache' ? ['--set', 'requireTls=true'] : []),
    ]
    await atMost(2, (Object.keys(engines) as Engine[]).map(install))
    const answer = ['--set', `database=app:${db}/pg`]
    ended(await run.berth(['app', 'install', 'reader', 'news', '-n', db, ...answer, '--yes', '--json']), 0)
    databases.pg = consumerId({consumer: {namespace: db, name: 'news'}, parameter: 'database'})
    await inPod(run.kube, db, 'news', "psql -c 'CREATE TABLE t (a int)'")
    const root = 'MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb -u root -e'
    await inPod(
      run.kube,
      db,
      'my',
      `${root} "CREATE DATABASE shop_a; CREATE DATABASE shopxa; CREATE TABLE shop_a.t (a int)"`,
    )
    databases.my = 'shop_a'
    const admin = `REDISCLI_AUTH=$ADMIN_PASSWORD valkey-cli ${TLS} --user admin`
    await inPod(
      run.kube,
      db,
      'cache',
      `${admin} ACL SETUSER theirs on '>secret' '~theirs:*' +@all && ${admin} SET theirs:a 1`,
    )
    databases.cache = 'theirs'
  })

  it('read looks, write changes rows, owner changes tables', async () => {
    for (const access of levels)
      for (const engine of Object.keys(engines) as Engine[]) ended(await create(engine, nameOf[access], access), 0)
    // One that comes later, made by the app.
    await inPod(run.kube, db, 'news', "psql -c 'CREATE TABLE later (a int)'")
    const denied = /denied|NOPERM|must be owner/
    for (const [engine, words, right] of [
      ['pg', 'SELECT count(*) FROM later', 'read'],
      ['pg', 'INSERT INTO later VALUES (1)', 'write'],
      ['pg', 'UPDATE t SET a = 1', 'write'],
      ['pg', 'ALTER TABLE later ADD b int; ALTER TABLE later DROP b', 'owner'],
      ['pg', 'CREATE TABLE o (a int); DROP TABLE o', 'owner'],
      ['my', 'SELECT count(*) FROM t', 'read'],
      ['my', 'INSERT INTO t VALUES (1)', 'write'],
      ['my', 'CREATE TABLE o (a int); DROP TABLE o', 'owner'],
      ['cache', 'GET theirs:a', 'read'],
      ['cache', 'SET theirs:b 1', 'write'],
      ['cache', 'EVAL "return 1" 0', 'owner'],
    ] as const)
      for (const [level, access] of levels.entries()) {
        const may = level >= levels.indexOf(right)
        const said = await say(engine, nameOf[access], words)
        if (may) expect(said, `${engine} ${access}: ${words}`).not.to.match(/error|denied|NOPERM/i)
        else expect(said, `${engine} ${access}: ${words}`).to.match(denied)
      }
    expect(await say('my', 'chief', 'CREATE TABLE shopxa.t (a int)')).to.match(denied)
    for (const words of ['KEYS "*"', 'SCAN 0', 'GET other:a', 'FLUSHALL'])
      expect(await say('cache', 'chief', words), words).to.include('NOPERM')
    // What an owner makes is the app's.
    await say('pg', 'chief', 'CREATE TABLE made (a int)')
    expect(await inPod(run.kube, db, 'news', "psql -c 'DROP TABLE made' 2>&1")).to.include('DROP TABLE')
  })

  it('are told apart: of apps, of people, of others', async () => {
    await inPod(
      run.kube,
      db,
      'pg',
      `psql -U postgres -c 'CREATE ROLE dba LOGIN' -c 'GRANT CONNECT ON DATABASE ${databases.pg} TO dba'`,
    )
    const found = await rows(`${db}/pg`)
    expect(found.map(({name, access, madeFor}) => ({name, access, madeFor}))).to.have.deep.members([
      {name: 'reader', access: 'read', madeFor: 'person'},
      {name: 'writer', access: 'write', madeFor: 'person'},
      {name: 'chief', access: 'owner', madeFor: 'person'},
      {name: 'dba', access: null, madeFor: 'others'},
      {name: databases.pg, access: 'owner', madeFor: 'app'},
    ])
    expect(found.find(({madeFor}) => madeFor === 'app')?.consumer).to.deep.equal({
      namespace: db,
      name: 'news',
      parameter: 'database',
    })
    const cache = await rows(`${db}/cache`)
    expect(cache.map(({name, madeFor}) => `${name} ${madeFor}`)).to.have.members([
      'theirs others',
      'reader person',
      'writer person',
      'chief person',
    ])
    const {items} = ended(await run.berth(['database', 'list', '-n', db, '--json']), 0).json.result
    expect(items.map(({name}: {name: string}) => name)).to.have.members([databases.pg, 'shop_a', 'shopxa', 'theirs'])
  })

  for (const engine of Object.keys(engines) as Engine[])
    it(`${engine}: another password shuts the former, another access takes the former, delete ends both`, async () => {
      const before = await passwordOf(engine, 'writer')
      const shown = ended(await user('rotate', `${db}/${engine}`, 'writer', '--reveal'), 0).json.result
      expect(shown.password)
        .to.equal(await passwordOf(engine, 'writer'))
        .and.not.to.equal(before)
      const probe = engine === 'cache' ? 'GET theirs:a' : 'SELECT 1'
      expect(await say(engine, 'writer', probe)).to.equal('1')
      expect(await say(engine, 'writer', probe, before)).to.match(/authentication failed|Access denied|WRONGPASS/)
      ended(await create(engine, 'writer', 'read'), 0)
      const write = engine === 'cache' ? 'SET theirs:b 2' : 'INSERT INTO t VALUES (2)'
      expect(await say(engine, 'writer', write)).to.match(/denied|NOPERM/)
      expect(await say(engine, 'writer', probe)).to.equal('1')
      const words = ['delete', `${db}/${engine}`, 'writer']
      ended(await user(...words), 4, 'confirmation.required')
      ended(await user(...words, '--yes'), 0)
      expect(await say(engine, 'writer', probe, shown.password)).to.match(
        /authentication failed|Access denied|WRONGPASS/,
      )
      ended(await user(...words, '--yes'), 3, 'database.user-not-found')
    })

  for (const [engine, kind, said] of [
    ['my', 'mysql', {name: 'shop_a', user: 'boss'}],
    ['cache', 'redis', {user: 'admin'}],
  ] as const)
    it(`${engine}: its package serves one that it did not install, too`, async () => {
      const {package: pkg, endpoint} = engines[engine]
      const port = {my: '3306', cache: '6379'}[engine]
      const outputs = Object.entries({...said, host: `${engine}-${endpoint}.${db}.svc`, port})
      const words = ['service', 'add', engine, '--interface', kind, '--by', pkg, '-n', db, '--json']
      const set = outputs.flatMap(([name, value]) => ['--set', `${name}=${value}`])
      const env = {
        ADMIN: (await secretOf(run.kube, db, engine, 'password')) ?? '',
        CA: await inPod(run.kube, db, engine, 'cat /tls/ca.crt'),
      }
      // root may not come from elsewhere
      const boss = `GRANT ALL ON *.* TO boss@'%' IDENTIFIED BY '${env.ADMIN}' REQUIRE SSL WITH GRANT OPTION`
      if (engine === 'my')
        await inPod(run.kube, db, 'my', `MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb -u root -e "${boss}"`)
      ended(await run.berth([...words, ...set, '--set-env', 'password=ADMIN', '--set-env', 'ca=CA'], {env}), 0)
      const at = ['-n', db]
      const name = databases[engine] ?? ''
      const made = await user('create', `service:${engine}`, name, 'guest', '--access', 'read', '--reveal', ...at)
      const {password} = ended(made, 0).json.result
      expect(await say(engine, 'guest', engine === 'cache' ? 'GET theirs:a' : 'SELECT 1', password)).to.equal('1')
      ended(await user('delete', `service:${engine}`, 'guest', '--yes', ...at), 0)
      ended(await run.berth(['service', 'remove', engine, ...at, '--json']), 0)
    })

  it('a password is shown only where that is asked for, and recorded; one may be given', async () => {
    const quiet = ended(await create('pg', 'ann', 'read'), 0)
    expect(quiet.json.result.password).to.equal(null)
    expect(quiet.stdout + quiet.stderr).not.to.include(await passwordOf('pg', 'ann'))
    const env = {ANN: "it's a%pass word"}
    const words = ['database', 'user', 'rotate', `${db}/pg`, 'ann', '--password-env', 'ANN', '--json']
    ended(await run.berth(words, {env}), 0)
    expect(await passwordOf('pg', 'ann')).to.equal(env.ANN)
    expect(await say('pg', 'ann', 'SELECT 1', `"${env.ANN}"`)).to.equal('1')
    ended(await run.berth(words), 2, 'usage.invalid')
    const {items} = await listObjects(run.kube, {apiVersion: 'v1', kind: 'Event'}, {namespace: db})
    const told = items.filter(event => (event as {reason?: string}).reason === 'SecretRevealed')
    expect(told.map(event => (event as {message?: string}).message).join()).to.include('was shown the login writer')
  })

  it('what others made, and what governs the server, is not touched', async () => {
    for (const [engine, name] of [
      ['pg', 'postgres'],
      ['pg', 'dba'],
      ['my', 'root'],
      ['cache', 'admin'],
      ['cache', 'default'],
      ['cache', 'theirs'],
    ] as const) {
      ended(await create(engine, name, 'read'), 4, 'database.user-exists')
      ended(await user('delete', `${db}/${engine}`, name, '--yes'), 3, 'database.user-not-found')
    }
    ended(await user('create', `${db}/pg`, 'nowhere', 'bob', '--access', 'read'), 3, 'database.not-found')
    ended(await create('pg', 'Bob; DROP', 'read'), 2, 'usage.invalid')
    ended(await create('pg', 'bob', 'all'), 2, 'usage.invalid')
    ended(await user('create', `${db}/news`, 'x', 'bob', '--access', 'read'), 3, 'database.not-found')
    expect(await inPod(run.kube, db, 'news', 'psql -Atc "SELECT 1" 2>&1')).to.equal('1\n')
  })

  it('go with the server and its data, and stay where the data stays', async () => {
    const secrets = async () => {
      const {items} = await listObjects(run.kube, {apiVersion: 'v1', kind: 'Secret'}, {namespace: db})
      return items.filter(({metadata}) => metadata.name.startsWith('berth.my.login.')).length
    }
    expect(await secrets()).to.equal(2)
    ended(await run.berth(['app', 'uninstall', 'my', '-n', db, '--yes', '--json']), 0)
    ended(await run.berth(['app', 'install', 'mariadb', 'my', '-n', db, '--adopt-data', '--yes', '--json']), 0)
    expect(await say('my', 'reader', 'SELECT 1')).to.equal('1')
    expect((await rows(`${db}/my`)).find(({name}) => name === 'reader')).to.deep.include({
      madeFor: 'person',
      access: 'read',
    })
    ended(await run.berth(['app', 'uninstall', 'my', '-n', db, '--delete-data', '--yes', '--json']), 0)
    expect(await secrets()).to.equal(0)
  })
})
