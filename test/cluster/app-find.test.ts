import {cp, mkdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {expect} from 'chai'
import {listObjects} from '../../src/lib/kube/index.ts'
import {expectSchema} from '../cli/schema.ts'
import {root} from '../cli/support.ts'
import {apps, ended, remove} from './apps.ts'
import {keys, Terminal} from './terminal.ts'

interface Node {
  kind: string
  name: string
  ready: boolean | null
  children: Node[]
}

describe('apps: found, drawn as a tree, watched', function () {
  this.timeout(120_000)
  const a = apps()
  let namespace = ''
  before(async () => {
    namespace = await a.namespace('find')
    const at = ['-n', namespace, '--yes', '--json']
    ended(await a.berth(['app', 'install', 'store', 'base', ...at]), 0)
    ended(await a.berth(['app', 'install', 'worker', 'well', '--set', 'database=app:base', ...at]), 0)
    ended(await a.berth(['app', 'install', 'patient', 'ill', '--no-wait', '--set', 'secretName=nowhere', ...at]), 0)
  })
  const list = async (...flags: string[]): Promise<string[]> =>
    ended(await a.berth(['app', 'list', '-n', namespace, '--json', ...flags]), 0).json.result.items.map(
      ({name}: {name: string}) => name,
    )

  it('list: by owner, state and package, in the order asked for', async () => {
    const all = ['base', 'ill', 'well']
    expect(await list()).to.deep.equal(all)
    expect(await list('--mine')).to.deep.equal(all)
    expect(await list('--owner', 'somebody-else')).to.deep.equal([])
    expect(await list('--status', 'running')).to.deep.equal(all)
    expect(await list('--status', 'unhealthy')).to.deep.equal(['ill'])
    expect(await list('--status', 'stopped')).to.deep.equal([])
    expect(await list('--package', 'worker')).to.deep.equal(['well'])
    expect(await list('--package', 'worker', '--status', 'unhealthy')).to.deep.equal([])
    expect(await list('--sort', 'status')).to.deep.equal(['ill', 'base', 'well'])
    expect(await list('--sort', 'package')).to.deep.equal(['ill', 'base', 'well'])
    expect(await list('--sort', 'age')).to.deep.equal(['ill', 'well', 'base'])
    expect(await list('-l', 'berth.dev/package=store')).to.deep.equal(['base'])
    ended(await a.berth(['app', 'list', '--status', 'odd', '--json']), 2, 'usage.invalid')
    ended(await a.berth(['app', 'list', '--mine', '--owner', 'me', '--json']), 2, 'usage.invalid')
  })

  it('list --outdated: what its own repository has in a newer version', async () => {
    expect(await list('--outdated')).to.deep.equal([])
    const home = await a.newHome()
    const folder = join(home, 'newer')
    await mkdir(folder)
    for (const name of ['store', 'patient']) {
      await cp(join(root, 'test/fixtures/apps', name), join(folder, name), {recursive: true})
      const manifest = join(folder, name, 'package.yaml')
      const version = name === 'store' ? '1.2.0' : '1.0.0'
      await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/^version: .*/m, `version: ${version}`))
    }
    const config = JSON.stringify({repositories: [{name: 'test', location: folder}]})
    await writeFile(join(home, '.config/berth/config.yaml'), config)
    const run = ended(await a.berth(['app', 'list', '-n', namespace, '--outdated', '--json'], {home}), 0)
    expect(run.json.result.items).to.have.length(1)
    expect(run.json.result.items[0]).to.include({name: 'base', version: '1.0.0', newest: '1.2.0'})
  })

  it('tree: components down to pods and what they read; provider and user', async () => {
    const tree = async (app: string): Promise<Node> =>
      ended(await a.berth(['app', 'tree', app, '-n', namespace, '--json']), 0).json.result.tree
    const well = await tree('well')
    expect(well).to.deep.include({kind: 'App', name: `${namespace}/well`, ready: true})
    const [component] = well.children
    expect(pathsOf(component)).to.deep.equal([
      'Component app',
      'Component app > Deployment well',
      'Component app > Deployment well > ReplicaSet',
      'Component app > Deployment well > ReplicaSet > Pod',
      'Component app > Deployment well > Secret well-secrets',
      'Component app > Deployment well > ConfigMap well-text',
    ])
    expect(well.children.at(-1)).to.deep.include({kind: 'Provider', name: `${namespace}/base`, ready: true})
    expect((await tree('base')).children.at(-1)).to.deep.include({kind: 'User', name: `${namespace}/well`})
    const ill = await tree('ill')
    expect(ill.ready).to.equal(false)
    expect(pathsOf(ill.children[0]).join('\n')).to.include('Deployment ill > PersistentVolumeClaim ill-disk')
    const {stdout} = ended(await a.berth(['app', 'tree', 'ill', '-n', namespace]), 0)
    expect(stdout).to.match(/^✗ .*\/ill {2}patient 1.0.0, running\n└─ ✗ component app\n {3}├─ ✗ Deployment ill/)
  })

  it('status --watch: one document a change, until Ctrl-C', async () => {
    const {child, done} = a.start(['app', 'status', 'well', '-n', namespace, '--watch', '--json'])
    const states: boolean[] = []
    for await (const line of createInterface({input: child.stdout as NodeJS.ReadableStream})) {
      const document = JSON.parse(line)
      expectSchema('AppStatus', document)
      const {healthy} = document.result.verdict
      if (healthy !== states.at(-1)) states.push(healthy)
      if (states.length === 1) {
        const where = {namespace, labelSelector: 'app.kubernetes.io/instance=well'}
        const {items} = await listObjects(a.kube, {apiVersion: 'v1', kind: 'Pod'}, where)
        await Promise.all(items.map(({metadata}) => remove(a.kube, 'Pod', namespace, metadata.name)))
      }
      if (states.length === 3) child.kill('SIGINT')
    }
    expect(states).to.deep.equal([true, false, true])
    expect((await done).exitCode).to.equal(0)
  })

  it('status --watch: a terminal shows the newest in place of the last', async () => {
    const home = await a.newHome()
    const terminal = new Terminal(['app', 'status', 'well', '-n', namespace, '--watch'], {home, columns: 100})
    await terminal.see('everything is ready')
    const {items} = await listObjects(
      a.kube,
      {apiVersion: 'v1', kind: 'Pod'},
      {namespace, labelSelector: 'app.kubernetes.io/instance=well'},
    )
    await Promise.all(items.map(({metadata}) => remove(a.kube, 'Pod', namespace, metadata.name)))
    await terminal.see('✗')
    await terminal.see('everything is ready')
    expect(terminal.raw).to.include('\u001b[0J')
    terminal.type(keys.ctrlC)
    expect(await terminal.ended()).to.equal(0)
  })
})

/** `Component app > Deployment well`; names that chance chose are left out. */
const pathsOf = (node: Node | undefined, above = ''): string[] => {
  if (node === undefined) return []
  const own = `${above}${node.kind}${node.kind === 'Pod' || node.kind === 'ReplicaSet' ? '' : ` ${node.name}`}`
  return [own, ...node.children.flatMap(child => pathsOf(child, `${own} > `))]
}
