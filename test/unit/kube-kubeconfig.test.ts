import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {expect} from 'chai'
import {UserError} from '../../src/lib/errors.ts'
import {makeAgents} from '../../src/lib/kube/agent.ts'
import {authenticator} from '../../src/lib/kube/credentials.ts'
import {inClusterChoice} from '../../src/lib/kube/in-cluster.ts'
import {chooseCluster} from '../../src/lib/kube/kubeconfig.ts'
import {proxyFor} from '../../src/lib/kube/proxy.ts'

const config = `
apiVersion: v1
kind: Config
current-context: staging
contexts:
- {name: staging, context: {cluster: one, user: ada, namespace: web}}
- {name: production, context: {cluster: one, user: bob}}
- {name: broken, context: {cluster: none, user: bob}}
clusters:
- name: one
  cluster: {server: 'https://10.0.0.1:6443/k8s/c-1/', certificate-authority: pki/ca.crt, tls-server-name: kube, proxy-url: 'http://proxy:3128', disable-compression: true}
users:
- {name: ada, user: {token: hunter2}}
- {name: bob, user: {client-certificate: bob.crt, client-key-data: a2V5, as: carol, as-groups: [dev, ops], as-user-extra: {scopes/x: [a]}}}
`

describe('kube: kubeconfig', () => {
  let folder: string
  let file: string
  const write = async (name: string, text: string) => {
    const path = join(folder, name)
    await writeFile(path, text)
    return path
  }
  const failure = async (promise: Promise<unknown>) => {
    const error = await promise.then(
      () => undefined,
      each => each,
    )
    expect(error).to.be.instanceOf(UserError)
    return error as UserError
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-kubeconfig-'))
    file = await write('config', config)
  })
  after(() => rm(folder, {recursive: true}))

  it('takes the current context, its namespace, and paths from where the file is', async () => {
    const {context, namespace, cluster, user} = await chooseCluster({kubeconfig: file})
    expect({context, namespace, user: user?.name}).to.deep.equal({context: 'staging', namespace: 'web', user: 'ada'})
    expect(cluster).to.deep.include({
      caFile: join(folder, 'pki/ca.crt'),
      tlsServerName: 'kube',
      proxyUrl: 'http://proxy:3128',
      insecure: false,
      disableCompression: true,
    })
    expect(cluster.server.href).to.equal('https://10.0.0.1:6443/k8s/c-1/')
  })

  it('lets flags win over it', async () => {
    const choice = await chooseCluster({kubeconfig: file, context: 'production', namespace: 'other'})
    expect(choice).to.deep.include({context: 'production', namespace: 'other'})
    expect(choice.user).to.deep.include({
      certFile: join(folder, 'bob.crt'),
      keyData: 'a2V5',
      impersonate: {
        'Impersonate-User': 'carol',
        'Impersonate-Group': ['dev', 'ops'],
        'Impersonate-Extra-scopes%2Fx': ['a'],
      },
    })
  })

  it('says which contexts there are, and which one was probably meant', async () => {
    const error = await failure(chooseCluster({kubeconfig: file, context: 'prodution'}))
    expect(error.code).to.equal('cluster.context-not-found')
    expect(error.message).to.contain('did you mean production?')
    expect(error.details).to.deep.equal({
      context: 'prodution',
      contexts: ['staging', 'production', 'broken'],
      closest: 'production',
    })
    expect((await failure(chooseCluster({kubeconfig: file, context: 'xyz'}))).message).not.to.contain('did you mean')
  })

  it('merges KUBECONFIG lists as kubectl does: the first to name a thing wins, missing files are skipped', async () => {
    const second = await write(
      'second',
      config
        .replaceAll('hunter2', 'other')
        .replace('staging, context', 'extra, context')
        .replace('current-context: staging', 'current-context: extra'),
    )
    const env = {KUBECONFIG: [join(folder, 'missing'), '', file, second].join(delimiter)}
    const choice = await chooseCluster({env})
    expect(choice.context).to.equal('staging')
    expect(choice.user?.token).to.equal('hunter2')
    expect((await chooseCluster({env, context: 'extra'})).user?.token).to.equal('hunter2')
  })

  it('finds ~/.kube/config', async () => {
    await mkdir(join(folder, '.kube'), {recursive: true})
    await write('.kube/config', config)
    expect((await chooseCluster({env: {HOME: folder}})).context).to.equal('staging')
  })

  it('says where it looked when there is none', async () => {
    const error = await failure(chooseCluster({env: {KUBECONFIG: '/nowhere/a'}}))
    expect(error.code).to.equal('cluster.no-config')
    expect(error.message).to.contain('/nowhere/a')
    expect((await failure(chooseCluster({kubeconfig: '/nowhere/a'}))).code).to.equal('cluster.config-invalid')
  })

  it('names what is wrong, and never what is in the file', async () => {
    const cases: [string, RegExp][] = [
      ['users:\n- name: x\n  user: {token: hunter2\ncontexts: []', /line \d+, column \d+: not valid YAML/],
      ['{"users": [{"token": "hunter2" "x"}]}', /not valid YAML/],
      ['hunter2', /not a kubeconfig/],
      ['clusters: hunter2', /clusters is not a list/],
      ['clusters: [{name: a, cluster: {server: "ftp://hunter2"}}]', /clusters\[0\].cluster.server is not an http/],
      ['clusters: [{name: a}]', /clusters\[0\].cluster.server is missing/],
      ['users: [{user: {token: hunter2}}]', /users\[0\].name is missing/],
      ['users: [{name: a, user: {token: {x: hunter2}}}]', /users\[0\].user.token is not a string/],
      ['users: [{name: a, user: {exec: {args: [hunter2]}}}]', /exec.command is missing/],
    ]
    for (const [text, expected] of cases) {
      const error = await failure(chooseCluster({kubeconfig: await write('bad', text)}))
      expect(error.code, text).to.equal('cluster.config-invalid')
      expect(error.message).to.match(expected)
      expect(JSON.stringify([error.message, error.details, error.hint, String(error.cause)])).not.to.contain('hunter2')
    }
    expect((await failure(chooseCluster({kubeconfig: file, context: 'broken'}))).message).to.contain(
      'names the cluster none',
    )
    expect((await failure(chooseCluster({kubeconfig: await write('none', 'contexts: []')}))).message).to.contain(
      'no current context',
    )
  })

  it('takes the account of the pod where there is no kubeconfig, IPv6 included', async () => {
    await Promise.all([write('token', 'abc\n'), write('namespace', 'apps\n'), write('ca.crt', 'x')])
    const choice = await inClusterChoice({KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443'}, folder)
    expect(choice?.cluster.server.href).to.equal('https://[fd00::1]/')
    expect(choice?.namespace).to.equal('apps')
    expect(await inClusterChoice({}, folder)).to.equal(undefined)
    if (choice === undefined) return
    expect(await authenticator(choice, {})({renew: false})).to.deep.equal({headers: {Authorization: 'Bearer abc'}})
  })

  it('takes a key that is none for a fault of the kubeconfig', async () => {
    const {cluster} = await chooseCluster({kubeconfig: file})
    const error = await failure(makeAgents(cluster, {headers: {}, key: 'hunter2'}, undefined, {}))
    expect(error.message).to.match(/^cluster one: its certificates cannot be used: /)
    expect(error.message).not.to.contain('hunter2')
  })

  describe('credentials', () => {
    const authenticate = async (user: object, env = {}) => {
      const text = JSON.stringify({
        'current-context': 'c',
        contexts: [{name: 'c', context: {cluster: 'k', user: 'u'}}],
        clusters: [{name: 'k', cluster: {server: 'https://k'}}],
        users: [{name: 'u', user}],
      })
      return authenticator(await chooseCluster({kubeconfig: await write('auth', text)}), env)
    }
    /** A plugin that counts its runs and tells in its token what it was told. */
    const plugin = (script: string) => ({
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: '/bin/sh',
        args: ['-c', script],
        env: [{name: 'GREETING', value: 'hi'}],
      },
    })
    const credential = (status: string) =>
      `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":${status}}'`

    it('reads a token file again after a 401', async () => {
      const authorize = await authenticate({tokenFile: 'rotating', token: 'fallback'})
      expect((await authorize({renew: false})).headers.Authorization).to.equal('Bearer fallback')
      await write('rotating', 'first\n')
      expect((await authorize({renew: true})).headers.Authorization).to.equal('Bearer first')
      await write('rotating', 'second')
      expect((await authorize({renew: false})).headers.Authorization).to.equal('Bearer first')
      expect((await authorize({renew: true})).headers.Authorization).to.equal('Bearer second')
    })

    it('sends name and password', async () => {
      const authorize = await authenticate({username: 'ada', password: 'p'})
      expect((await authorize({renew: false})).headers.Authorization).to.equal(
        `Basic ${Buffer.from('ada:p').toString('base64')}`,
      )
    })

    it('runs a plugin once, shares the run, and again when told or expired', async () => {
      const runs = join(folder, 'runs')
      const authorize = await authenticate(
        plugin(`echo x >> ${runs}; ${credential(`{"token":"'$GREETING-$(wc -l < ${runs})'"}`)}`),
      )
      const both = await Promise.all([authorize({renew: false}), authorize({renew: false})])
      expect(both.map(each => each.headers.Authorization)).to.deep.equal(['Bearer hi-1', 'Bearer hi-1'])
      expect((await authorize({renew: false})).headers.Authorization).to.equal('Bearer hi-1')
      expect((await authorize({renew: true})).headers.Authorization).to.equal('Bearer hi-2')
      const expired = await authenticate(
        plugin(
          `echo x >> ${runs}; ${credential(`{"token":"'$(wc -l < ${runs})'","expirationTimestamp":"2020-01-01T00:00:00Z"}`)}`,
        ),
      )
      expect((await expired({renew: false})).headers.Authorization).to.equal('Bearer 3')
      expect((await expired({renew: false})).headers.Authorization).to.equal('Bearer 4')
    })

    it('tells a plugin its API version', async () => {
      const authorize = await authenticate(
        plugin(
          `case "$KUBERNETES_EXEC_INFO" in *'"client.authentication.k8s.io/v1"'*) ${credential('{"token":"ok"}')};; esac`,
        ),
      )
      expect((await authorize({renew: false})).headers.Authorization).to.equal('Bearer ok')
    })

    it('takes a certificate from a plugin', async () => {
      const authorize = await authenticate(plugin(credential('{"clientCertificateData":"CERT","clientKeyData":"KEY"}')))
      expect(await authorize({renew: false})).to.deep.equal({headers: {}, cert: 'CERT', key: 'KEY'})
    })

    it('says what a plugin said, never what it gave', async () => {
      const cases: [object, RegExp][] = [
        [plugin('echo "please log in" >&2; exit 3'), /exit code 3: please log in/],
        [plugin(`echo '{"status": {"token": "hunter2"'`), /not JSON/],
        [
          plugin(`echo '{"kind":"ExecCredential","apiVersion":"other/v1","status":{"token":"hunter2"}}'`),
          /answers in other\/v1/,
        ],
        [plugin(credential('{}')), /neither a token nor a certificate/],
        [
          {
            exec: {
              apiVersion: 'client.authentication.k8s.io/v1',
              command: 'no-such-plugin',
              installHint: 'get it at example.com',
            },
          },
          /the program is not there/,
        ],
      ]
      for (const [user, expected] of cases) {
        const error = await (await authenticate(user))({renew: false}).catch(each => each)
        expect(error.code).to.equal('cluster.unauthorized')
        expect(error.message).to.match(expected)
        expect(error.message).not.to.contain('hunter2')
        if ('exec' in user && 'installHint' in (user.exec as object))
          expect(error.hint).to.deep.equal(['get it at example.com'])
      }
    })

    it('leaves the legacy providers to client-node', async () => {
      const azure = await authenticate({'auth-provider': {name: 'azure', config: {'access-token': 'abc'}}})
      expect((await azure({renew: false})).headers.Authorization).to.equal('Bearer abc')
      const idToken = `${btoa('{}')}.${btoa(JSON.stringify({exp: 9999999999}))}.x`
      const oidc = await authenticate({'auth-provider': {name: 'oidc', config: {'id-token': idToken}}})
      expect((await oidc({renew: false})).headers.Authorization).to.equal(`Bearer ${idToken}`)
      const other = await authenticate({'auth-provider': {name: 'other'}})
      expect((await other({renew: false}).catch(each => each)).message).to.contain('auth-provider other is not known')
    })
  })

  it('chooses a proxy by the rules of Go', () => {
    const env = {HTTPS_PROXY: 'proxy:3128', NO_PROXY: 'example.com, .local,10.0.0.0/8,fd00::/8,one.org:6443,1.2.3.4'}
    const through = (server: string, e: Record<string, string> = env) => proxyFor(new URL(server), e)
    expect(through('https://api.cloud:6443')).to.equal('http://proxy:3128')
    for (const server of [
      'https://localhost:6443',
      'https://127.0.0.1',
      'https://[::1]:6443',
      'https://example.com',
      'https://a.example.com',
      'https://x.local',
      'https://10.1.2.3',
      'https://[fd00::5]:6443',
      'https://one.org:6443',
      'https://1.2.3.4:6443',
    ]) {
      expect(through(server), server).to.equal(undefined)
    }
    for (const server of ['https://notexample.com', 'https://local', 'https://11.0.0.1', 'https://one.org'])
      expect(through(server), server).to.equal('http://proxy:3128')
    expect(through('http://api.cloud')).to.equal(undefined)
    expect(through('https://api.cloud', {https_proxy: 'https://p', NO_PROXY: '*'})).to.equal(undefined)
  })
})
