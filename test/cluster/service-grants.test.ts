import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {consumerId} from '../../src/lib/binding/index.ts'
import {createObject, deleteObject, findObject, getObject, listObjects, mergePatch} from '../../src/lib/kube/index.ts'
import {root} from '../cli/support.ts'
import {accountOf, anchorOf, apps, ended, inPod, secretOf} from './apps.ts'
import {servePostgres} from './postgres-outside.ts'

describe('services outside, where each app gets its own', function () {
  this.timeout(240_000)
  const a = apps()
  const admin = "O'Brien & sons"
  let [namespace, outside, ca, folder, uid] = ['', '', '', '', '']
  let words: string[] = []
  const at = () => ['-n', namespace, '--json']
  const berth = (...args: string[]) => a.berth([...args, ...at()], {env: {ADMIN: admin, CA: ca}})
  /** As the superuser of the server itself. */
  const sql = async (query: string) =>
    (await inPod(a.kube, outside, 'secured', `psql -U postgres -qAtX -c "${query}"`)).trim()
  /** Names differ by the namespace's uid, which no other cluster has. */
  const id = (salt = uid) => consumerId({consumer: {namespace, name: 'news'}, parameter: 'database'}, salt)
  const rolesThere = () =>
    sql(`SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname LIKE '${id()}%'`)
  const left = async () => {
    const kinds = [
      {apiVersion: 'batch/v1', kind: 'Job'},
      {apiVersion: 'v1', kind: 'Pod'},
    ]
    const lists = await Promise.all(
      kinds.map(kind => listObjects(a.kube, kind, {namespace, labelSelector: 'berth.dev/kind=script'})),
    )
    return lists.flatMap(({items}) => items).filter(({metadata}) => metadata.deletionTimestamp === undefined)
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-outside-'))
    ;[namespace, outside] = await Promise.all([a.namespace('granted'), a.namespace('outside')])
    uid = (await getObject(a.kube, {apiVersion: 'v1', kind: 'Namespace', name: namespace})).metadata.uid ?? ''
    const served = await servePostgres(a.kube, outside, 'of the superuser')
    ca = served.ca
    // as at providers of databases: an administrator who is no superuser
    await sql(`CREATE ROLE boss LOGIN CREATEDB CREATEROLE PASSWORD '${admin.replace("'", "''")}'`)
    const said = {host: served.host, port: '5432', name: 'postgres', user: 'boss', sslmode: 'require'}
    words = [
      ...['service', 'add', 'erp', '--interface', 'postgresql'],
      ...Object.entries(said).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
      ...['--set-env', 'password=ADMIN', '--set-env', 'ca=CA'],
    ]
    const by = ['--by', join(root, 'packages/postgres')]
    expect(ended(await berth(...words, ...by), 0).json.result).to.deep.include({
      by: {package: 'postgres', version: '1.1.0'},
      users: [],
    })
    words.push('--replace')
  })
  after(() => rm(folder, {recursive: true}))

  it('a package that cannot do that is refused, as is a long name, before anything is written', async () => {
    const refused = ended(await berth(...words, '--by', 'miniflux'), 2, 'usage.invalid')
    expect(refused.stdout).to.include('miniflux cannot serve a postgresql')
    const long = 'e'.repeat(56)
    const {error} = ended(await berth(...words.with(2, long), '--by', 'postgres'), 2, 'usage.invalid').json
    expect(error?.message).to.include('55 characters at most')
    const secret = {apiVersion: 'v1', kind: 'Secret', namespace, name: `berth-service.${long}`}
    expect(await findObject(a.kube, secret)).to.equal(undefined)
  })

  it('makes a database and a user there, who may do nothing else; nobody gets the administrator', async () => {
    ended(await berth('app', 'install', 'miniflux', 'news', '--set', 'database=service:erp', '--yes'), 0)
    expect(await sql(`SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE datname = '${id()}'`)).to.equal(
      `${id()}|${id()}`,
    )
    const powers = 'rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls'
    expect(await sql(`SELECT ${powers} FROM pg_roles WHERE rolname = '${id()}'`)).to.equal('f')
    expect(await sql(`SELECT has_database_privilege('public', '${id()}', 'CONNECT')`)).to.equal('f')
    const url = new URL((await secretOf(a.kube, namespace, 'news', 'database.url')) ?? '')
    expect([url.username, url.searchParams.get('sslmode')]).to.deep.equal([id(), 'require'])
    expect(decodeURIComponent(url.password)).to.have.length(32)
    expect(await left()).to.deep.equal([])
    const {current} = (await anchorOf(a.kube, namespace, 'news')) ?? {}
    expect(current.bindings.database.outputs).to.include({ca, user: id()})
    const shown = ended(await berth('app', 'show', 'news'), 0).json.result
    expect(shown.uses).to.deep.equal([
      {parameter: 'database', interface: 'postgresql', provider: `service ${namespace}/erp`},
    ])
    expect(ended(await berth('app', 'status', 'news'), 0).json.result.verdict.healthy).to.equal(true)
  })

  it('its databases and logins are listed and made like those of an app', async () => {
    const provider = {namespace, name: 'service.erp'}
    const consumer = {namespace, name: 'news', parameter: 'database'}
    const {items} = ended(await berth('database', 'list'), 0).json.result
    expect(items).to.containSubset([{provider, name: id(), users: [id()], consumer}])
    ended(await berth('database', 'user', 'create', 'service:erp', id(), 'ann', '--access', 'read'), 0)
    const secret = {apiVersion: 'v1', kind: 'Secret', namespace, name: 'berth.service.erp.login.ann'}
    const password = async () =>
      Buffer.from(((await getObject(a.kube, secret)).data as {password: string}).password, 'base64').toString()
    const asAnn = (query: string, word: string) =>
      inPod(
        a.kube,
        outside,
        'secured',
        `PGPASSWORD=${word} psql -h $(hostname -i) -U ann -d ${id()} -qAtc "${query}" 2>&1`,
      )
    const first = await password()
    expect(await asAnn('SELECT count(*) > 0 FROM users', first)).to.include('t')
    expect(await asAnn('DELETE FROM users', first).catch(String)).to.include('permission denied')
    ended(await berth('database', 'user', 'rotate', 'service:erp', 'ann'), 0)
    expect(await asAnn('SELECT 1', first).catch(String)).to.include('authentication failed')
    expect(await asAnn('SELECT 1', await password())).to.include('1')
    ended(await berth('database', 'user', 'delete', `${namespace}/service.erp`, 'ann', '--yes'), 0)
    expect(await sql("SELECT count(*) FROM pg_roles WHERE rolname = 'ann'")).to.equal('0')
    ended(await berth('app', 'uninstall', 'service.erp', '--yes'), 2, 'usage.invalid')
  })

  it("who may not have pods made beside the cluster's service leaves a request", async () => {
    const shared = `erp-${namespace}`
    const inAll = [...words.filter(word => word !== '--replace'), '--by', 'postgres', '--cluster', '--json']
    ended(await a.berth(inAll.with(2, shared), {env: {ADMIN: admin, CA: ca}}), 0)
    const name = `berth-service.${shared}`
    const rule = {apiGroups: [''], resources: ['configmaps'], resourceNames: [name], verbs: ['get']}
    const rbac = 'rbac.authorization.k8s.io'
    const metadata = {name, namespace: 'berth'}
    const subjects = [{kind: 'ServiceAccount', name: 'editor', namespace}]
    for (const object of [
      {apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules: [rule]},
      {
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: {apiGroup: rbac, kind: 'Role', name},
        subjects,
      },
    ])
      await createObject(a.kube, object, {fieldManager: 'test'})
    try {
      const kubeconfig = join(folder, 'editor.json')
      await accountOf(a.kube, namespace, 'editor', kubeconfig, 'edit')
      const install = ['app', 'install', 'reader', 'r', '--set', `database=service:${shared}`, '--yes', ...at()]
      ended(await a.berth(install, {kubeconfig}), 9, 'binding.requested')
      ended(await a.berth(['binding', 'grant', `${namespace}/r`, '--yes', '--json']), 0)
      ended(await a.berth(['app', 'resume', 'r', '--yes', ...at()], {kubeconfig}), 0)
      expect(await inPod(a.kube, namespace, 'r', 'psql -qAtc "SELECT current_user"')).to.include(
        `${namespace}_r`.replaceAll('-', '_'),
      )
      ended(await berth('app', 'uninstall', 'r', '--delete-data', '--yes'), 0)
    } finally {
      ended(await a.berth(['service', 'remove', shared, '--cluster', '--force', '--json']), 0)
      for (const kind of ['Role', 'RoleBinding'])
        await deleteObject(a.kube, {apiVersion: `${rbac}/v1`, kind, ...metadata})
    }
  })

  it('another password, without an interruption', async () => {
    const before = await secretOf(a.kube, namespace, 'news', 'database.password')
    ended(await berth('binding', 'rotate', 'news', 'database', '--yes'), 0)
    expect(await secretOf(a.kube, namespace, 'news', 'database.password')).not.to.equal(before)
    expect(await sql(`SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname LIKE '${id()}%'`)).to.equal(
      `${id()}_2`,
    )
    const {items} = ended(await berth('binding', 'list'), 0).json.result
    expect(items).to.containSubset([{state: 'granted', provider: {namespace, name: 'service.erp'}}])
  })

  it('an app of another cluster that is called the same gets another; what is recorded keeps its name', async () => {
    const record = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'berth-service.erp'}
    const patch = (data: object) => mergePatch(a.kube, record, {data}, {fieldManager: 'test'})
    await patch({salt: 'of another cluster'})
    const {items} = ended(await berth('database', 'list'), 0).json.result
    expect(items).to.containSubset([{name: id(), consumer: {name: 'news'}}])
    const {grants} = (await getObject(a.kube, record)).data as {grants: string}
    await patch({grants: null})
    const dry = ['binding', 'refresh', 'news', 'database', '--dry-run']
    const makes = async () => ended(await berth(...dry), 0).json.result.plan.steps[0].makes
    expect(await makes()).to.equal(id('of another cluster'))
    // one that was recorded before there was this has a name without
    const before = Object.fromEntries(
      Object.entries(JSON.parse(grants)).map(([key, grant]) => [key, {...(grant as object), salt: undefined}]),
    )
    await patch({grants: JSON.stringify(before)})
    expect(await makes()).to.equal(id(''))
    // registered again, it is the same
    ended(await berth('service', 'remove', 'erp', '--force'), 0)
    ended(await berth(...words, '--by', 'postgres'), 0)
    ended(await berth('binding', 'refresh', 'news', 'database', '--yes'), 0)
    expect(await sql(`SELECT count(*) FROM pg_database WHERE datname LIKE '%news_database%'`)).to.equal('1')
    expect(ended(await berth('app', 'status', 'news'), 0).json.result.verdict.healthy).to.equal(true)
  })

  it('cannot go, or stop to serve, while an app has something there; the administrator may change', async () => {
    const users = [{app: {namespace, name: 'news'}, parameters: ['database']}]
    const refused = ended(await berth('service', 'remove', 'erp'), 4, 'service.in-use')
    expect(refused.json.error.details.users).to.deep.equal(users)
    ended(await berth(...words), 4, 'service.in-use')
    const wrong = words.map(word => (word === 'password=ADMIN' ? 'password=CA' : word))
    ended(await berth(...wrong, '--by', 'postgres'), 0)
    const shut = ended(await berth('service', 'check', 'erp'), 6).json.result
    expect(shut).to.include({reachable: false, reason: 'login'})
    expect(shut.message).to.include('password authentication failed')
    ended(await berth(...words.with(words.indexOf('ca=CA'), 'ca=ADMIN'), '--by', 'postgres'), 0)
    const {verdict} = ended(await berth('app', 'status', 'news'), 0).json.result
    expect(verdict).to.include({healthy: true, reason: 'ProviderRenewed'})
    ended(await berth(...words, '--by', 'postgres'), 0)
    expect(ended(await berth('service', 'show', 'erp'), 0).json.result.users).to.deep.equal(users)
    expect(ended(await berth('service', 'check', 'erp'), 0).json.result).to.include({reachable: true})
  })

  it('goes with the app as far as that is said; then nothing is left', async () => {
    ended(await berth('app', 'uninstall', 'news', '--yes'), 0)
    const kept = ended(await berth('service', 'remove', 'erp'), 4, 'service.in-use')
    expect(kept.json.error.details.users).to.containSubset([{kept: true}])
    expect(await rolesThere()).to.equal(`${id()} ${id()}_2`)
    ended(await berth('app', 'uninstall', 'news', '--delete-data', '--yes'), 0)
    expect(await rolesThere()).to.equal('')
    expect(await sql(`SELECT count(*) FROM pg_database WHERE datname = '${id()}'`)).to.equal('0')
    ended(await berth('service', 'remove', 'erp'), 0)
    const {items} = await listObjects(a.kube, {apiVersion: 'v1', kind: 'Secret'}, {namespace})
    expect(items.map(({metadata}) => metadata.name)).to.deep.equal([])
    expect(await left()).to.deep.equal([])
  })
})
