import {execFileSync} from 'node:child_process'
import {createHash, randomBytes, X509Certificate} from 'node:crypto'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {compare} from 'bcryptjs'
import {expect} from 'chai'
import {createObject, findObject, listObjects} from '../../src/lib/kube/index.ts'
import {root} from '../cli/support.ts'
import {apps, ended, inPod} from './apps.ts'

const run = apps()
const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(64)])

/** The package of test/fixtures/apps/kinds has a parameter of every kind; what comes of them is proved by tools that others wrote. */
describe('parameters of every kind', function () {
  this.timeout(120_000)
  let space = ''
  let folder = ''

  before(async () => {
    space = await run.namespace('kinds')
    folder = await mkdtemp(join(tmpdir(), 'berth-kinds-'))
  })
  after(() => rm(folder, {recursive: true}))

  const file = async (name: string, content: string | Buffer) => {
    await writeFile(join(folder, name), content, {mode: 0o600})
    return join(folder, name)
  }
  const openssl = (...words: string[]) => execFileSync('openssl', words, {encoding: 'utf8', stdio: 'pipe'})
  const dataOf = async (kind: 'Secret' | 'ConfigMap', name: string): Promise<Record<string, string>> => {
    const found = await findObject(run.kube, {apiVersion: 'v1', kind, namespace: space, name})
    const data = Object.entries((found?.data ?? {}) as Record<string, string>)
    return Object.fromEntries(
      data.map(([key, value]) => [key, kind === 'Secret' ? Buffer.from(value, 'base64').toString() : value]),
    )
  }
  const linuxNode = async () => {
    const {items} = await listObjects(run.kube, {apiVersion: 'v1', kind: 'Node'}, {})
    return items.find(({spec}) => (spec as {unschedulable?: boolean}).unschedulable !== true)?.metadata.name ?? ''
  }
  const at = () => ['-n', space, '--yes', '--json']
  let generated: Record<string, string> = {}

  it('install from flags: secrets and keys are made, forms fit together', async () => {
    const [motd, logo] = [await file('motd', 'Good morning\n'), await file('logo.png', png)]
    const flags = [
      ...['--set', 'sidecar=nginx:1.29', '--set', 'size=l', '--set', 'memory=32Mi', '--set', 'every=0 3 * * SUN'],
      ...['--set', 'labels.team=web', '--set', 'routes[+].path=/a', '--set', 'routes[0].hosts[+]=B.example.com'],
      ...['--set', 'smtp.enabled=true', '--set', 'smtp.password=hunter22', '--set', `watched=${space}`],
      ...['--set-file', `motd=${motd}`, '--set-file', `logo=${logo}`],
    ]
    const {json} = ended(await run.berth(['app', 'install', 'kinds', 'one', ...flags, ...at()]), 0)
    const secrets = await dataOf('Secret', 'one-secrets')
    const seen = await dataOf('ConfigMap', 'one-seen')
    expect(json.result.outcome.notes).to.equal(`Publish ${secrets['signing.publicOpenssh']}`)
    generated = secrets

    expect(secrets.password).to.match(/^[A-HJ-NP-Za-km-z2-9]{20}$/)
    expect(secrets.token).to.match(/^tk_[0-9a-f]{64}$/)
    expect(secrets.client).to.match(/^[0-9a-f-]{36}$/)
    expect(secrets['smtp.password']).to.equal('hunter22')
    expect(await compare(secrets.password ?? '', secrets.hash ?? '')).to.equal(true)
    const [user, hash = ''] = secrets.users?.split(':') ?? []
    expect([user, await compare(secrets.password ?? '', hash.replace('$2y$', '$2b$'))]).to.deep.equal(['admin', true])
    expect(Buffer.from(secrets.database ?? '', 'base64')).to.have.length(32)

    for (const name of ['signing', 'tunnel', 'push', 'mail', 'tls']) {
      const path = await file(`${name}.pem`, secrets[name] ?? '')
      expect(openssl('pkey', '-in', path, '-pubout'), name).to.equal(secrets[`${name}.publicKey`])
    }
    const ssh = await file('id', secrets['signing.openssh'] ?? '')
    expect(execFileSync('ssh-keygen', ['-y', '-f', ssh], {encoding: 'utf8'}).trim()).to.equal(seen.ssh)
    const certificate = await file('tls.crt', seen.certificate ?? '')
    expect(openssl('x509', '-in', certificate, '-noout', '-checkhost', 'one.example.com')).to.include('does match')
    expect(openssl('x509', '-in', certificate, '-noout', '-pubkey')).to.equal(secrets['tls.publicKey'])
    expect(await dataOf('Secret', 'one-tls-certificate')).to.deep.equal({
      'tls.key': secrets.tls,
      'tls.crt': seen.certificate,
      'ca.crt': seen.certificate,
    })

    expect(seen).to.include({
      plain: '{"team":"web"} [{"hosts":["b.example.com"],"path":"/a"}] l admin 32Mi 5m 0 3 * * SUN',
      picked: `- - ${space} nginx:1.29`,
      motd: 'Good morning\n',
      signing: secrets['signing.publicKey'],
      dkim: secrets['mail.publicKey'],
    })
    const object = await findObject(run.kube, {...configMap, namespace: space, name: 'one-seen'})
    const {logo: bytes = ''} = (object?.binaryData ?? {}) as Record<string, string>
    expect(sha(Buffer.from(bytes, 'base64'))).to.equal(sha(png))
    expect((await dataOf('Secret', 'one-config'))['config.ini']).to.include(`user=admin:${secrets.password}\n`)
  })

  it('keep what was made when the app is uninstalled and installed again; a new password gets a new hash', async () => {
    ended(await run.berth(['app', 'uninstall', 'one', ...at()]), 0)
    const again = [
      'app',
      'install',
      'kinds',
      'one',
      '--set',
      'sidecar=nginx:1',
      '--set',
      'password=another-1',
      '--adopt-data',
    ]
    ended(await run.berth([...again, ...at()]), 0)
    const {'smtp.password': _typed, password, hash, users, ...secrets} = await dataOf('Secret', 'one-secrets')
    expect(generated).to.include(secrets)
    expect(password).to.equal('another-1')
    expect(await compare('another-1', hash ?? '')).to.equal(true)
    expect(users).to.not.equal(generated.users)
    expect((await dataOf('ConfigMap', 'one-seen')).signing).to.equal(generated['signing.publicKey'])
  })

  it('stay over other answers, but what follows them; volumes grow only', async () => {
    const before = await dataOf('Secret', 'one-secrets')
    const config = (...set: string[]) =>
      run.berth(['app', 'config', 'one', ...set.flatMap(one => ['--set', one]), ...at()])
    const {json} = ended(await config('data=8Mi', 'admin=Eve'), 2, 'params.invalid')
    expect(json.error.details).to.containSubset([
      {field: '/data', code: 'shrinks'},
      {field: '/admin', code: 'pattern'},
    ])
    ended(await config('admin=eve', 'every=@daily', 'labels.team=ops'), 0)
    const {users, ...after} = await dataOf('Secret', 'one-secrets')
    expect(before).to.include(after)
    expect(users).to.match(/^eve:\$2y\$/)
    const {plain, signing} = await dataOf('ConfigMap', 'one-seen')
    expect(plain).to.equal('{"team":"ops"} [] s eve 64Mi 1m30s @daily')
    expect(signing).to.equal(after['signing.publicKey'])
  })

  it('its list of secrets says when a certificate ends, and leaves out what everybody may see', async () => {
    const {secrets} = ended(await run.berth(['app', 'secret', 'list', 'one', '-n', space, '--json']), 0).json.result
    const ends = Object.fromEntries(secrets.map(({name, expires}: {name: string; expires: unknown}) => [name, expires]))
    expect((Date.parse(ends.tls) - Date.now()) / 86_400_000).to.be.within(89, 90)
    expect(ends).to.include({signing: null, password: null})
    expect(Object.keys(ends).filter(name => /\.(public|kid|certificate|ca)/.test(name))).to.deep.equal([])
  })

  it('a plan makes no key, so that it is the same each time, and can be approved by its hash', async () => {
    const before = await dataOf('ConfigMap', 'one-seen')
    const rotate = ['app', 'rotate', 'one', 'mail', ...at()]
    const plan = async () => ended(await run.berth([...rotate, '--dry-run']), 0).json.result.plan
    const {hash, steps} = await plan()
    expect((await plan()).hash).to.equal(hash)
    const changes = steps.flatMap(({changes = []}: {changes?: object[]}) => changes)
    expect(changes).to.deep.include({
      field: 'data.dkim',
      from: before.dkim,
      to: '<mail.publicKey: known once it is made>',
    })
    ended(await run.berth([...rotate, '--plan', hash]), 0)
    const [seen, secrets] = [await dataOf('ConfigMap', 'one-seen'), await dataOf('Secret', 'one-secrets')]
    expect(seen.dkim).to.equal(secrets['mail.publicKey']).and.to.not.equal(before.dkim)
    expect(openssl('pkey', '-in', await file('mail.pem', secrets.mail ?? ''), '-pubout')).to.equal(seen.dkim)
  })

  it('install from an answers file: keys of others, by file, by Secret, in any form', async () => {
    const key = await file('rsa.pem', openssl('genrsa', '2048'))
    const pair = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '9', '-subj', '/CN=x', '-addext']
    const [own, crt] = [join(folder, 'own.key'), join(folder, 'own.crt')]
    openssl(...pair, 'subjectAltName=DNS:two.example.com,DNS:*.two.example.com', '-keyout', own, '-out', crt)
    const data = {'tls.key': await readFile(own, 'base64'), 'tls.crt': await readFile(crt, 'base64')}
    const secret = {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'own', namespace: space}, data}
    await createObject(run.kube, secret, {fieldManager: 'test'})
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'ssh')])
    const wireguard = randomBytes(32).toString('base64')
    const answers = {
      sidecar: 'nginx:1',
      note: 'two\nlines\n',
      mail: {$file: key},
      tunnel: wireguard,
      tls: {$secret: `${space}/own`},
      logo: {$file: await file('two.png', png)},
      data: {size: '16Mi'},
      upstream: {url: 'http://feeds', token: 'tok-tok-tok', quiet: ['01:00-02:00', '12:00-13:30']},
      builder: await linuxNode(),
    }
    const path = await file('answers.yaml', JSON.stringify(answers))
    ended(await run.berth(['app', 'install', 'kinds', 'two', '-f', path, ...at()]), 0)
    const secrets = await dataOf('Secret', 'two-secrets')
    expect(secrets['mail.publicKey']).to.equal(openssl('pkey', '-in', key, '-pubout'))
    expect(secrets['tunnel.base64']).to.equal(wireguard)
    expect(secrets['tls.certificate']).to.equal(await readFile(crt, 'utf8'))
    expect(secrets['tls.publicKey']).to.equal(openssl('pkey', '-in', own, '-pubout'))
    // its Secret has no ca.crt, but it vouches for itself
    expect(secrets['tls.ca']).to.equal(secrets['tls.certificate'])
    const {verdict, certificates} = ended(await run.berth(['app', 'status', 'two', '-n', space, '--json']), 0).json
      .result
    expect(certificates).to.containSubset([
      {parameter: 'tls', expires: new X509Certificate(await readFile(crt)).validToDate.toISOString()},
    ])
    expect(verdict).to.deep.include({healthy: true, reason: 'CertificateEnds'})
    expect(verdict.next).to.include(`berth app sync two -n ${space} `)
    expect(secrets['upstream.token']).to.equal('tok-tok-tok')
    expect((await dataOf('ConfigMap', 'two-seen')).own).to.equal(
      `02:00-04:00 ${answers.builder} ["01:00-02:00","12:00-13:30"]`,
    )
    const show = ended(await run.berth(['app', 'form', 'kinds', '-n', space, '--json']), 0)
    const fields = new Map(show.json.result.fields.map((field: {field: string}) => [field.field, field]))
    expect(fields.has('/hash')).to.equal(false)
    expect(fields.get('/signing')).to.include({kind: 'key', widget: 'password', secret: true})
    expect(fields.get('/logo')).to.deep.include({widget: 'file', kind: 'file'})
    expect(fields.get('/builder')).to.deep.include({kind: 'node', widget: 'choice', title: 'Node to build on'})
    expect(fields.get('/builder'))
      .to.have.property('choices')
      .that.deep.includes({value: answers.builder, title: answers.builder})
    expect(fields.get('/watched')).to.have.property('choices').that.deep.includes({value: space, title: space})
  })

  it('a certificate comes from cert-manager where it is asked for, and the wait for it says what is in the way', async () => {
    const issuer = (name: string, spec: object) =>
      createObject(
        run.kube,
        {apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata: {name, namespace: space}, spec},
        {fieldManager: 'test'},
      )
    await issuer('authority', {ca: {secretName: 'authority'}})
    const install = (name: string, ...more: string[]) =>
      run.berth([
        'app',
        'install',
        'kinds',
        'three',
        '--set',
        'sidecar=nginx:1',
        '--set',
        `tls=${name}`,
        ...more,
        ...at(),
      ])
    const wrong = ended(await install('Issuer/nobody'), 2, 'params.invalid')
    expect(wrong.json.error.details).to.containSubset([{field: '/tls', code: 'choice', expected: ['Issuer/authority']}])
    // Its Secret is not there yet.
    const early = ended(await install('Issuer/authority', '--timeout', '5s'), 9, 'wait.timeout')
    expect(early.json.error.message)
      .to.match(/three-tls-issued-\w+: NotIssued: /)
      .and.match(/Issuer authority: .*secrets? "authority" not found/)
    const {verdict} = ended(await run.berth(['app', 'status', 'three', '-n', space, '--json']), 0).json.result
    expect(verdict).to.include({healthy: false, reason: 'NotIssued'})

    const [key, crt] = [join(folder, 'ca.key'), join(folder, 'ca.crt')]
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=authority', '-keyout', key, '-out', crt)
    const data = {'tls.key': await readFile(key, 'base64'), 'tls.crt': await readFile(crt, 'base64')}
    const metadata = {name: 'authority', namespace: space}
    await createObject(run.kube, {apiVersion: 'v1', kind: 'Secret', metadata, data}, {fieldManager: 'test'})
    ended(await run.berth(['app', 'resume', 'three', ...at()]), 0)
    const certificates = async () => {
      const kind = {apiVersion: 'cert-manager.io/v1', kind: 'Certificate'}
      const {items} = await listObjects(run.kube, kind, {namespace: space})
      return items.map(({metadata}) => metadata.name)
    }
    const [first = ''] = await certificates()
    const issued = await dataOf('Secret', first)
    const leaf = await file('leaf.pem', issued['tls.crt'] ?? '')
    expect(openssl('verify', '-CAfile', crt, '-verify_hostname', 'a.three.example.com', leaf)).to.include(': OK')
    expect((await dataOf('ConfigMap', 'three-seen')).certificate).to.equal('-')
    expect(await inPod(run.kube, space, 'three', 'cat /tls/tls.crt')).to.equal(issued['tls.crt'])
    const refused = ended(await run.berth(['app', 'rotate', 'three', 'tls', ...at()]), 4, 'rotation.refused')
    expect(refused.json.error.hint.join()).to.include(`kubectl delete secret ${first} -n ${space}`)
    const expires = new X509Certificate(issued['tls.crt'] ?? '').validToDate.toISOString()
    const status = ended(await run.berth(['app', 'status', 'three', '-n', space, '--json']), 0).json.result
    expect(status.certificates).to.containSubset([{parameter: 'tls', expires, renew: null}])
    const listed = ended(await run.berth(['app', 'secret', 'list', 'three', '-n', space, '--json']), 0).json.result
    expect(listed.secrets).to.containSubset([{name: 'tls', from: 'cert-manager', expires}])

    // Of another issuer it is another, which pods are restarted for; one that does not come leaves the present one as it is.
    const change = (name: string, ...more: string[]) =>
      run.berth(['app', 'config', 'three', '--set', `tls=${name}`, ...more, ...at()])
    await issuer('other', {ca: {secretName: 'authority'}})
    ended(await change('Issuer/other'), 0)
    const [second = '', ...none] = await certificates()
    expect([second, ...none]).not.to.include(first)
    const now = await dataOf('Secret', second)
    expect(await inPod(run.kube, space, 'three', 'cat /tls/tls.crt')).to.equal(now['tls.crt'])
    await issuer('broken', {ca: {secretName: 'nowhere'}})
    ended(await change('Issuer/broken', '--timeout', '5s'), 9, 'wait.timeout')
    ended(await run.berth(['app', 'abort', 'three', ...at()]), 0)
    expect(await certificates()).to.deep.equal([second])
    expect(await dataOf('Secret', second)).to.deep.equal(now)
    const form = ended(await run.berth(['app', 'form', 'kinds', '-n', space, '--json']), 0).json.result.fields
    expect(form).to.containSubset([
      {field: '/tls', choices: [{value: {$issuer: 'Issuer/authority'}, title: 'Issuer/authority'}]},
    ])

    ended(await run.berth(['app', 'config', 'three', '--unset', 'tls', ...at()]), 0)
    for (let tries = 0; tries < 100 && (await dataOf('Secret', second))['tls.key'] !== undefined; tries++)
      await sleep(100)
    expect(await dataOf('Secret', second)).to.deep.equal({})
    expect(await dataOf('Secret', 'three-tls-certificate')).to.have.property('tls.key')
  })

  it('answers for an earlier version are brought to this one; without it what nothing takes is refused', async () => {
    const path = await file('old.yaml', 'sidecar: nginx:1\ntimeoutSeconds: 90\nteam: ops\nremark: hello\nsize: xl\n')
    const validate = ['app', 'validate', 'kinds', '-n', space, '-f', path, '--json']
    const {json} = ended(await run.berth(validate), 2, 'params.invalid')
    expect(
      json.error.details.map(({field, line}: {field: string; line: number}) => `${line} ${field}`),
    ).to.have.members(['2 /timeoutSeconds', '3 /team', '5 /size'])
    ended(await run.berth([...validate, '--answers-for', '1.4.0']), 0)
    const kinds = join(root, 'test/fixtures/apps/kinds')
    const render = await run.berth(['package', 'render', kinds, '-f', path, '--answers-for', '1.4.0', '--json'])
    const seen = ended(render, 0).json.result.objects.find(
      ({object}: {object: {metadata: {name: string}}}) => object.metadata.name === 'kinds-seen',
    )
    expect(seen.object.data).to.include({plain: '{"team":"ops"} [] l admin 64Mi 90s */5 * * * *', note: 'hello'})
  })

  it('tell what is wrong with each, all at once, in words of the kind', async () => {
    const wrong = {
      sidecar: 'Nginx:1',
      every: '0 3 31 2 *',
      timeout: 'soon',
      memory: 'much',
      host: 'https://x',
      watched: 'No Name',
      motd: 'x'.repeat(2000),
      logo: Buffer.from('GIF89a').toString('base64'),
      mail: 'no key',
      tls: {$secret: 'own'},
      hash: 'given',
      routes: [{}],
      labels: {a: 1},
      attempts: 6,
      worker: 'nobody',
      builder: 'nobody',
      backups: '05:00-04:00',
      upstream: {url: 'feeds', quiet: ['01:00-02:00', '24:00-01:00', '03:00-02:00']},
    }
    const path = await file('wrong.yaml', JSON.stringify(wrong))
    const {json} = ended(await run.berth(['app', 'validate', 'kinds', '-n', space, '-f', path, '--json']), 2)
    const said = json.error.details.map(({field, message}: {field: string; message: string}) => `${field} ${message}`)
    for (const words of [
      '/sidecar has a wrong repository "library/Nginx"',
      '/every is never due',
      '/timeout must be a length of time such as 1h30m',
      '/memory must be an amount such as 512Mi',
      '/host must be the name only, without https://',
      '/watched must be a name such as monitoring',
      '/motd has 2000 bytes, 1024 are allowed',
      '/logo is no image/png',
      '/mail cannot be read: it must be PEM or a JWK',
      '/tls/$secret must be namespace/name of a Secret with tls.key and tls.crt',
      '/hash is made of another secret',
      '/routes/0/path is required',
      '/labels/a must be text',
      '/worker must be ',
      '/builder must be ',
      '/backups must end later on the same day',
      '/upstream/url must be a URL',
      '/upstream/quiet/1 must match',
      '/upstream/quiet/2 must end later on the same day',
      '/attempts must be 5 or less, unless the size is large',
    ])
      expect(
        said.some((line: string) => line.startsWith(words)),
        `${words}\n${said.join('\n')}`,
      ).to.equal(true)
  })
})

const configMap = {apiVersion: 'v1', kind: 'ConfigMap'}
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
