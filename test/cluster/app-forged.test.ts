import {createHash} from 'node:crypto'
import {expect} from 'chai'
import {anchorName} from '../../src/lib/anchor/index.ts'
import {createObject, findObject, getObject, mergePatch, replaceObject} from '../../src/lib/kube/index.ts'
import {buildArchive} from '../../src/lib/package/index.ts'
import {anchorOf, apps, ended, inPod, namesOf, remove} from './apps.ts'

// biome-ignore lint/suspicious/noExplicitAny: what is forged here has no type, and that is the point
type Parsed = any

// Whoever may edit ConfigMaps and Secrets of a namespace can write all that berth keeps there, and wait for an administrator.
describe('apps: forged state', function () {
  this.timeout(120_000)
  const a = apps()
  let namespace = ''
  let elsewhere = ''
  const write = {fieldManager: 'mallory'}
  const at = () => ['-n', namespace, '--yes', '--json']
  const install = (app: string, ...more: string[]) => a.berth(['app', 'install', 'plain', app, ...more, ...at()])
  const anchorRef = (app: string) => ({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: anchorName(app)})
  const forge = (app: string, change: object) => mergePatch(a.kube, anchorRef(app), change, write)
  /** Rewrites one part of an anchor's data as JSON. */
  const edit = async (app: string, part: 'current' | 'pending', change: (value: Parsed) => Parsed) => {
    const anchor = await anchorOf(a.kube, namespace, app)
    await forge(app, {data: {[part]: JSON.stringify(change(anchor?.[part] ?? anchor?.current))}})
  }
  const there = async (kind: string, where: string | undefined, name: string, apiVersion = 'v1') =>
    (await findObject(a.kube, {apiVersion, kind, name, ...(where !== undefined && {namespace: where})})) !== undefined

  before(async () => {
    ;[namespace, elsewhere] = await Promise.all([a.namespace('app-forged'), a.namespace('app-forged-other')])
    ended(await install('base'), 0)
  })

  /** An archive of our own making, as its Secret and its reference in a journal. */
  async function plant(app: string, template: string) {
    const manifest =
      'apiVersion: berth.dev/v1\nkind: Package\nname: plain\nversion: 1.0.0\ntitle: x\ndescription: x\nlicense: MIT\nparameters: {properties: {}}\ncomponents: {}\n'
    const files = new Map([
      ['package.yaml', Buffer.from(manifest)],
      ['resources/x.yaml', Buffer.from(template)],
    ])
    const archive = Buffer.from(await buildArchive(files))
    const digest = `sha256:${createHash('sha256').update(archive).digest('hex')}`
    await createObject(
      a.kube,
      {
        apiVersion: 'v1',
        kind: 'Secret',
        immutable: true,
        metadata: {
          name: `berth.${app}.pkg.${digest.slice(7, 19)}`,
          namespace,
          labels: {'app.kubernetes.io/managed-by': 'berth', 'berth.dev/kind': 'package', 'berth.dev/app': app},
        },
        data: {'package.tgz': archive.toString('base64')},
      },
      write,
    )
    return digest
  }

  /** A journal that says "go on": what an administrator finds is an app whose install was interrupted. */
  async function journal(app: string, change: (target: Parsed) => Parsed) {
    const base = await anchorOf(a.kube, namespace, 'base')
    const secret = await getObject(a.kube, {apiVersion: 'v1', kind: 'Secret', namespace, name: base?.current.secret})
    const target = change({...base?.current, inventory: [], objects: {}, secret: `berth.${app}.s.1`})
    const labels = {...secret.metadata.labels, 'berth.dev/app': app}
    const metadata = {name: `berth.${app}.s.1`, namespace, labels}
    await createObject(a.kube, {...secret, apiVersion: 'v1', kind: 'Secret', metadata}, write)
    const stolen = base?.object.metadata
    const pending = {kind: 'install', operation: 'aaaaaaaaaa', stage: 'provisioning', target, leaving: [], tasks: {}}
    await createObject(
      a.kube,
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: anchorName(app),
          namespace,
          labels: {...stolen?.labels, 'berth.dev/app': app, 'berth.dev/phase': 'failed'},
          annotations: {...stolen?.annotations, 'berth.dev/package': JSON.stringify(target.package)},
        },
        data: {pending: JSON.stringify(pending)},
      },
      write,
    )
  }

  /** The package of `base`, which is trusted, as another app's; with other bytes, if wanted. */
  async function copyPackage(app: string, data?: object) {
    const digest: string = (await anchorOf(a.kube, namespace, 'base'))?.current.package.digest
    const nameFor = (owner: string) => `berth.${owner}.pkg.${digest.slice(7, 19)}`
    const genuine = await getObject(a.kube, {apiVersion: 'v1', kind: 'Secret', namespace, name: nameFor('base')})
    const {labels} = genuine.metadata
    const metadata = {name: nameFor(app), namespace, labels: {...labels, 'berth.dev/app': app}}
    await createObject(
      a.kube,
      {...genuine, apiVersion: 'v1', kind: 'Secret', metadata, data: data ?? genuine.data},
      write,
    )
  }

  const binding =
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: NAME}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: User, name: mallory, apiGroup: rbac.authorization.k8s.io}]\n'
  const job =
    'apiVersion: batch/v1\nkind: Job\nmetadata: {name: NAME}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: x, image: "docker.io/library/busybox:1.35", command: ["true"]}]}}}\n'

  for (const [what, template] of [
    ['ClusterRoleBinding', binding],
    ['Job', job],
  ] as const) {
    it(`a journal with a planted package (${what}): resume does not carry it out`, async () => {
      const app = `planted-${what.toLowerCase()}`
      const name = `${namespace}-${app}`
      const digest = await plant(app, template.replace('NAME', name))
      await journal(app, target => ({
        ...target,
        answers: {},
        scale: {},
        provides: {},
        values: {},
        services: {},
        package: {...target.package, digest},
      }))
      for (const more of [[], ['--allow', 'all'], ['--dry-run']])
        ended(await a.berth(['app', 'resume', app, ...more, ...at()]), 7, 'package.untrusted')
      expect(await there('ClusterRoleBinding', undefined, name, 'rbac.authorization.k8s.io/v1')).to.equal(false)
      expect(await there('Job', namespace, name, 'batch/v1')).to.equal(false)
      ended(await a.berth(['app', 'abort', app, ...at()]), 0)
    })
  }

  it('a package Secret whose bytes are not those of a digest that is trusted', async () => {
    await journal('swapped', target => target)
    await copyPackage('swapped', {'package.tgz': Buffer.from('not what it was').toString('base64')})
    ended(await a.berth(['app', 'resume', 'swapped', ...at()]), 7, 'package.integrity')
    ended(await a.berth(['app', 'abort', 'swapped', ...at()]), 0)
  })

  it('answers of a journal read no file of this machine', async () => {
    for (const [app, text] of [
      ['reads', {$file: '/etc/passwd'}],
      ['lists', ['x']],
      ['proto', JSON.parse('{"__proto__": {"polluted": true}}')],
    ] as const) {
      await journal(app, target => ({...target, answers: {text}}))
      await copyPackage(app)
      const run = await a.berth(['app', 'resume', app, ...at()])
      expect(run.exitCode, run.stdout).to.be.oneOf([2, 4, 7])
      expect(run.stdout).to.not.include('root:')
      expect(await there('ConfigMap', namespace, `${app}-text`)).to.equal(false)
      ended(await a.berth(['app', 'abort', app, ...at()]), 0)
    }
  })

  it('a journal cannot bind to a provider that is not open to its namespace', async () => {
    ended(await a.berth(['app', 'install', 'store', 'st', '-n', elsewhere, '--yes', '--json']), 0)
    const provider = {app: {namespace: elsewhere, name: 'st'}, endpoint: 'own'}
    const bound = {interface: 'tcp', provider, request: {}, outputs: {host: 'x', port: 1}, secrets: []}
    await journal('intruder', target => ({...target, bindings: {db: bound}}))
    await copyPackage('intruder')
    const run = await a.berth(['app', 'resume', 'intruder', ...at()])
    expect(run.exitCode, run.stdout).to.not.equal(0)
    expect(run.exitCode, run.stdout).to.not.equal(1)
    expect(await inPod(a.kube, elsewhere, 'st', 'cat /grants/log 2>/dev/null; echo')).to.equal('\n')
    expect((await anchorOf(a.kube, elsewhere, 'st'))?.grants).to.deep.equal({})
    ended(await a.berth(['app', 'abort', 'intruder', ...at()]), 0)
  })

  it('an inventory with what belongs to others: left alone, and said so', async () => {
    ended(await install('victim'), 0)
    ended(await install('greedy'), 0)
    ended(
      await a.berth(['app', 'install', 'plain', 'victim', '-n', elsewhere, '--yes', '--json', '--set', 'claim=true']),
      0,
    )
    const role = `${namespace}-role`
    const rbac = 'rbac.authorization.k8s.io/v1'
    await createObject(a.kube, {apiVersion: rbac, kind: 'ClusterRole', metadata: {name: role}, rules: []}, write)
    try {
      const uidOf = async (apiVersion: string, kind: string, name: string, where?: string) =>
        (await getObject(a.kube, {apiVersion, kind, name, ...(where !== undefined && {namespace: where})})).metadata.uid
      const set = {apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'victim'}
      const claim = {apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'data-victim-0', namespace: elsewhere}
      const forged = [
        {...set, namespace, uid: await uidOf('apps/v1', 'StatefulSet', 'victim', namespace)},
        {...set, namespace: elsewhere, uid: await uidOf('apps/v1', 'StatefulSet', 'victim', elsewhere)},
        {apiVersion: 'v1', kind: 'ConfigMap', name: 'victim-text', namespace, uid: 'wrong'},
        {apiVersion: 'v1', kind: 'ConfigMap', name: anchorName('victim'), namespace},
        {apiVersion: 'v1', kind: 'Namespace', name: elsewhere, uid: await uidOf('v1', 'Namespace', elsewhere)},
        {apiVersion: rbac, kind: 'ClusterRole', name: role, uid: await uidOf(rbac, 'ClusterRole', role)},
        {...claim, uid: await uidOf('v1', 'PersistentVolumeClaim', 'data-victim-0', elsewhere)},
        {apiVersion: 'example.com/v1', kind: 'NoSuchKind', name: 'x', namespace},
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name: '../../kube-system/configmaps/extension-apiserver-authentication',
          namespace,
        },
        {apiVersion: 'apps/v1', kind: 'StatefulSet', name: '(((a+)+)+)+$[', namespace},
      ]
      await edit('greedy', 'current', current => ({...current, inventory: [...current.inventory, ...forged]}))
      const run = ended(await a.berth(['app', 'uninstall', 'greedy', '--delete-data', ...at()]), 0)
      const warnings: string[] = run.json.result.outcome.warnings
      for (const name of ['StatefulSet.apps', 'ConfigMap', 'Namespace', 'ClusterRole'])
        expect(warnings.join('\n')).to.include(name)
      for (const where of [namespace, elsewhere]) {
        const live = await getObject(a.kube, {...set, namespace: where})
        expect(live.metadata.deletionTimestamp).to.equal(undefined)
        // Not even changed: it is told to delete its claims with itself, as its package says.
        expect(
          (live.spec as {persistentVolumeClaimRetentionPolicy: {whenDeleted: string}})
            .persistentVolumeClaimRetentionPolicy.whenDeleted,
        ).to.equal('Delete')
        expect(await there('ConfigMap', where, 'victim-text')).to.equal(true)
        expect(await there('ConfigMap', where, anchorName('victim'))).to.equal(true)
      }
      expect((await getObject(a.kube, claim)).metadata.deletionTimestamp).to.equal(undefined)
      expect(await there('ClusterRole', undefined, role, rbac)).to.equal(true)
      const status = (await getObject(a.kube, {apiVersion: 'v1', kind: 'Namespace', name: elsewhere})).status
      expect((status as {phase: string}).phase).to.equal('Active')
      expect(await namesOf(a.kube, namespace, 'greedy')).to.deep.equal([])
    } finally {
      await a.kube.request({method: 'DELETE', path: `/apis/${rbac}/clusterroles/${role}`})
    }
  })

  it('an anchor that cannot be read: the others are listed, recover mends it', async () => {
    ended(await install('garbled', '--set', 'text=kept'), 0)
    const genuine = await getObject(a.kube, anchorRef('garbled'))
    const revision = JSON.parse((genuine.data as Record<string, string>).current ?? '')
    const junk = 'x'.repeat(900 * 1024)
    const forgeries: [string, object][] = [
      ['no JSON', {data: {current: '{"number": 1'}}],
      ['another type', {data: {current: '[]'}}],
      ['wrong types inside', {data: {current: JSON.stringify({...revision, inventory: {length: 1e9}})}}],
      ['a negative number', {data: {current: JSON.stringify({...revision, number: -1})}}],
      ['deep nesting', {data: {current: `${'['.repeat(20_000)}${']'.repeat(20_000)}`}}],
      ['junk of 900 KB', {data: {current: junk}}],
      ['a forged lock', {metadata: {annotations: {'berth.dev/operation': '{"id": {}}'}}}],
      ['an epoch that is none', {metadata: {annotations: {'berth.dev/epoch': '1e400'}}}],
      ['history of another shape', {data: {history: '{"__proto__": []}'}}],
      ['a journal of no kind', {data: {pending: '{"kind": "upgrade"}'}}],
    ]
    for (const [what, change] of forgeries) {
      await forge('garbled', change)
      await Promise.all([
        ...['status', 'show'].map(async verb =>
          ended(await a.berth(['app', verb, 'garbled', '-n', namespace, '--json']), 7, 'app.corrupt'),
        ),
        ...['resume', 'abort', 'uninstall'].map(async verb =>
          ended(await a.berth(['app', verb, 'garbled', ...at()]), 7, 'app.corrupt'),
        ),
      ])
      const {json} = ended(await a.berth(['app', 'list', '-n', namespace, '--json']), 0)
      expect(
        json.result.items.map(({name}: {name: string}) => name),
        what,
      ).to.include.members(['base', 'garbled', 'victim'])
      const live = await getObject(a.kube, anchorRef('garbled'))
      await replaceObject(
        a.kube,
        {...genuine, metadata: {...genuine.metadata, resourceVersion: live.metadata.resourceVersion ?? ''}},
        write,
      )
    }
    await forge('garbled', {data: {current: 'x'}})
    ended(await a.berth(['app', 'recover', 'garbled', '-n', namespace, '--json']), 0)
    const {json} = ended(await a.berth(['app', 'show', 'garbled', '-n', namespace, '--json']), 0)
    expect(json.result.answers).to.deep.equal({text: 'kept'})
    const status = ended(await a.berth(['app', 'status', 'garbled', '-n', namespace, '--json']), 0)
    expect(status.json.result.verdict.healthy).to.equal(true)
    ended(await a.berth(['app', 'uninstall', 'garbled', ...at()]), 0)
    expect(await namesOf(a.kube, namespace, 'garbled')).to.deep.equal([])
  })

  it('prototype keys in what is read pollute nothing', async () => {
    ended(await install('proto2'), 0)
    const current = (await anchorOf(a.kube, namespace, 'proto2'))?.current
    const text = JSON.stringify(current).replace(
      '"bindings":{}',
      '"bindings":{"__proto__":{"interface":"x"},"constructor":{"prototype":{"x":1}}}',
    )
    await forge('proto2', {data: {current: text}})
    const run = await a.berth(['app', 'status', 'proto2', '-n', namespace, '--json'])
    expect(run.exitCode, run.stdout).to.be.oneOf([0, 7])
    await forge('proto2', {data: {current: JSON.stringify(current)}})
    ended(await a.berth(['app', 'uninstall', 'proto2', ...at()]), 0)
  })

  it('an anchor that was deleted comes back, with the same members and its users', async () => {
    ended(await a.berth(['app', 'install', 'store', 'lost', ...at()]), 0)
    for (const app of ['user', 'left'])
      ended(await a.berth(['app', 'install', 'worker', app, '--set', 'database=app:lost', ...at()]), 0)
    ended(await a.berth(['app', 'uninstall', 'left', ...at()]), 0)
    for (const app of ['lost', 'user']) {
      const before = await anchorOf(a.kube, namespace, app)
      expect(await remove(a.kube, 'ConfigMap', namespace, anchorName(app))).to.equal(true)
      ended(await a.berth(['app', 'status', app, '-n', namespace, '--json']), 3, 'app.not-found')
      if (app === 'user') {
        // Deleted and made again without a value, which anybody with `edit` can do to an immutable Secret.
        const whole = await getObject(a.kube, {
          apiVersion: 'v1',
          kind: 'Secret',
          namespace,
          name: before?.current.secret,
        })
        const {name, labels} = whole.metadata
        const make = async (data: object) => {
          await remove(a.kube, 'Secret', namespace, name)
          const secret = {apiVersion: 'v1', kind: 'Secret', type: 'berth.dev/revision', immutable: true, data}
          await createObject(a.kube, {...secret, metadata: {name, namespace, ...(labels && {labels})}}, write)
        }
        const {key: _lost, ...others} = whole.data as Record<string, string>
        await make(others)
        ended(await a.berth(['app', 'recover', app, '-n', namespace, '--json']), 7, 'app.corrupt')
        await make(whole.data as object)
      }
      const {json} = ended(await a.berth(['app', 'recover', app, '-n', namespace, '--json']), 0)
      expect(json.result.missing).to.deep.equal([])
      const after = await anchorOf(a.kube, namespace, app)
      const byName = (one: {name: string}, other: {name: string}) => (one.name < other.name ? -1 : 1)
      expect(after?.current.inventory.sort(byName)).to.deep.equal(before?.current.inventory.sort(byName))
      expect(after?.current.answers).to.deep.equal(before?.current.answers)
      expect(after?.current.objects).to.deep.equal(before?.current.objects)
      expect(after?.phase).to.equal('running')
      // Who uses it, and whose data it keeps: only since when is not known any more.
      const undated = (grants: Record<string, object> = {}) =>
        Object.entries(grants).map(([key, grant]) => [key, {...grant, since: ''}])
      expect(undated(after?.grants)).to.have.deep.members(undated(before?.grants))
    }
    const pods = async () => (await namesOf(a.kube, namespace, 'user')).filter(name => name === 'Pod').length
    ended(await a.berth(['app', 'stop', 'user', ...at()]), 0)
    await remove(a.kube, 'ConfigMap', namespace, anchorName('user'))
    // An install would make its secrets anew, over data that was made with the former ones.
    const again = await a.berth(['app', 'install', 'worker', 'user', '--set', 'database=app:lost', ...at()])
    expect(ended(again, 4, 'app.exists').json.error.hint[0]).to.equal(`berth app recover user -n ${namespace}`)
    const {desired} = ended(await a.berth(['app', 'recover', 'user', '-n', namespace, '--json']), 0).json.result
    expect([desired, (await anchorOf(a.kube, namespace, 'user'))?.phase, await pods()]).to.deep.equal([
      'stopped',
      'stopped',
      0,
    ])
    ended(await a.berth(['app', 'start', 'user', ...at()]), 0)
    expect(await pods()).to.equal(1)
    ended(await a.berth(['app', 'uninstall', 'lost', ...at()]), 4, 'app.in-use')
    ended(await a.berth(['app', 'uninstall', 'left', '--delete-data', ...at()]), 0)
    ended(await a.berth(['app', 'uninstall', 'user', '--delete-data', ...at()]), 0)
    expect(await inPod(a.kube, namespace, 'lost', 'tail -n 1 /grants/log')).to.match(/^remove /)
    ended(await a.berth(['app', 'uninstall', 'lost', ...at()]), 0)
    expect(await namesOf(a.kube, namespace, 'lost')).to.deep.equal([])
  })
})
