import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import {createObject, deleteObject, jsonPatch, listObjects, mergePatch} from '../../src/lib/kube/index.ts'
import {root} from '../cli/support.ts'
import {apps, ended, inPod, remove} from './apps.ts'

/** Ten apps that are ill, each in its own way: `docs/troubleshooting.md` shows what status says of them, and this holds it to be true. */
describe('app status: ten broken apps', function () {
  this.timeout(240_000)
  const a = apps()
  const places: Record<string, string> = {}
  const node = `dead-${process.pid}`
  const at = (app: string) => ['-n', places[app] ?? places.shop ?? '']
  const berth = async (...args: string[]) => ended(await a.berth(args), 0)
  const install = (app: string, ...answers: string[]) =>
    berth('app', 'install', 'patient', app, ...answers.flatMap(each => ['--set', each]), ...at(app), '--yes', '--json')
  const ill = (app: string, ...answers: string[]) =>
    berth(
      'app',
      'install',
      'patient',
      app,
      '--no-wait',
      '--json',
      '--yes',
      ...at(app),
      ...answers.flatMap(each => ['--set', each]),
    )
  const status = async (app: string) => (await berth('app', 'status', app, ...at(app), '--json')).json.result
  const podOf = async (app: string) => {
    const where = {namespace: places[app] ?? places.shop, labelSelector: `app.kubernetes.io/instance=${app}`}
    return (await listObjects(a.kube, {apiVersion: 'v1', kind: 'Pod'}, where)).items[0]?.metadata.name ?? ''
  }

  const heldService = () => ({apiVersion: 'v1', kind: 'Service', namespace: places.shop ?? '', name: 'held-echo'})

  /** How each app falls ill, and the reason that programs read. */
  const cases: Record<string, {reason: RegExp; make(): Promise<unknown>}> = {
    image: {
      reason: /^(ErrImagePull|ImagePullBackOff)$/,
      make: () => ill('image', 'image=docker.io/library/not-there:1'),
    },
    crash: {
      reason: /^CrashLoopBackOff$/,
      make: () => ill('crash', 'script=echo starting; echo the cat ate it; exit 3'),
    },
    room: {reason: /^Unschedulable$/, make: () => ill('room', 'cpu=500')},
    secret: {reason: /^CreateContainerConfigError$/, make: () => ill('secret', 'secretName=nowhere')},
    probe: {reason: /^Unhealthy$/, make: () => ill('probe', 'page=nowhere.html')},
    full: {reason: /^NoSpaceLeft$/, make: () => ill('full', 'script=echo data >/dev/full')},
    quota: {
      reason: /^FailedCreate$/,
      make: async () => {
        await install('quota')
        const quota = {
          apiVersion: 'v1',
          kind: 'ResourceQuota',
          metadata: {name: 'small', namespace: places.quota ?? ''},
        }
        await createObject(a.kube, {...quota, spec: {hard: {pods: '0'}}}, {fieldManager: 'test'})
        await remove(a.kube, 'Pod', places.quota ?? '', await podOf('quota'))
      },
    },
    held: {
      reason: /^Terminating$/,
      make: async () => {
        await install('held')
        const patch = {metadata: {finalizers: ['example.com/guard']}}
        await mergePatch(a.kube, heldService(), patch, {fieldManager: 'guard'})
        await deleteObject(a.kube, heldService())
      },
    },
    node: {
      reason: /^NodeNotReady$/,
      make: async () => {
        const taints = [{key: 'test', value: 'dead', effect: 'NoSchedule'}]
        const dead = {apiVersion: 'v1', kind: 'Node', metadata: {name: node}, spec: {unschedulable: true, taints}}
        await createObject(a.kube, dead, {fieldManager: 'test'})
        const condition = {
          type: 'Ready',
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
        }
        const patch = [{op: 'add', path: '/status/conditions', value: [condition]}] as const
        await jsonPatch(a.kube, {apiVersion: 'v1', kind: 'Node', name: node}, [...patch], {
          fieldManager: 'test',
          subresource: 'status',
        })
        await ill('node', `node=${node}`)
      },
    },
    login: {
      reason: /^LoginRefused$/,
      make: async () => {
        await berth('app', 'install', 'postgres', 'pg', ...at('login'), '--yes', '--json')
        await berth(
          'app',
          'install',
          'miniflux',
          'login',
          '--set',
          'database=app:pg',
          ...at('login'),
          '--yes',
          '--json',
        )
        const change = "ALTER ROLE :user PASSWORD 'another'"
        const roles = await inPod(
          a.kube,
          places.login ?? '',
          'pg',
          'psql -qAtU postgres -c "select rolname from pg_roles where rolname like \'%login%\'"',
        )
        await inPod(a.kube, places.login ?? '', 'pg', `psql -U postgres -c "${change.replace(':user', roles.trim())}"`)
        await remove(a.kube, 'Pod', places.login ?? '', await podOf('login'))
      },
    },
  }

  before(async () => {
    for (const place of ['shop', 'quota', 'login']) places[place] = await a.namespace(`status-${place}`)
    await Promise.all(Object.values(cases).map(({make}) => make()))
  })
  after(async () => {
    await remove(a.kube, 'Node', '', node)
    // Or its namespace stays for ever.
    await mergePatch(a.kube, heldService(), {metadata: {finalizers: null}}, {fieldManager: 'guard'})
  })

  for (const [app, {reason}] of Object.entries(cases))
    it(`${app}: the cause in one line, and the next step`, async () => {
      let found = await status(app)
      for (const end = Date.now() + 120_000; Date.now() < end && !reason.test(found.verdict.reason ?? ''); ) {
        await sleep(500)
        found = await status(app)
      }
      expect(found.verdict.reason, JSON.stringify(found.verdict)).to.match(reason)
      expect(found.verdict.healthy).to.equal(false)
      expect(found.verdict.message).not.to.include('\n')
      const {stdout} = await berth('app', 'status', app, ...at(app))
      const page = await readFile(join(root, 'docs/troubleshooting.md'), 'utf8')
      const [, block = ''] = new RegExp(`^\\$ berth app status ${app} -n shop\\n(.*?)^\`\`\``, 'ms').exec(page) ?? []
      const shown = block.trimEnd().split('\n')
      const said = stdout
        .replaceAll(places[app] ?? places.shop ?? '', 'shop')
        .replaceAll(node, 'worker-3')
        .split('\n')
      expect(shown, 'lines of the page').to.have.length(2)
      for (const [i, line] of shown.entries())
        expect(said[i], stdout).to.match(new RegExp(`^${line.split('…').map(RegExp.escape).join('.*')}$`))
    })

  it('its next step mends a refused login', async () => {
    const {verdict} = await status('login')
    const [command = ''] = verdict.next.split('   ')
    await berth(...command.split(' ').slice(1), '--yes')
    expect((await status('login')).verdict).to.deep.include({healthy: true, next: null})
  })
})
