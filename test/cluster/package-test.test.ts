import {once} from 'node:events'
import {cp, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import {listObjects} from '../../src/lib/kube/index.ts'
import {root} from '../cli/support.ts'
import {apps, ended} from './apps.ts'

const run = apps()

describe('package test', function () {
  this.timeout(120_000)
  let folder = ''
  const packageNamed = async (name: string) => {
    const path = join(folder, name)
    await cp(join(root, 'packages/site'), path, {recursive: true})
    const manifest = await readFile(join(path, 'package.yaml'), 'utf8')
    await writeFile(join(path, 'package.yaml'), manifest.replace('name: site', `name: ${name}`))
    await rm(join(path, 'tests'), {recursive: true})
    return path
  }
  /** Those of a package that are not on their way out. */
  const namespaces = async (name: string) => {
    const {items} = await listObjects(
      run.kube,
      {apiVersion: 'v1', kind: 'Namespace'},
      {labelSelector: `berth.dev/package-test=${name}`},
    )
    return items.filter(({metadata}) => metadata.deletionTimestamp === undefined).map(({metadata}) => metadata.name)
  }
  const appears = async (name: string) => {
    for (let tries = 0; tries < 100; tries++) {
      const [found] = await namespaces(name)
      if (found !== undefined) return found
      await sleep(200)
    }
    throw new Error('no namespace appeared')
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-authors-'))
  })
  after(() => rm(folder, {recursive: true}))

  it('installs a provider, a consumer, checks both ways, grants twice, and leaves nothing', async () => {
    const [postgres, miniflux] = await Promise.all([
      run.berth(['package', 'test', join(root, 'packages/postgres'), '--json']),
      run.berth(['package', 'test', join(root, 'packages/miniflux'), '--json']),
    ])
    const [small] = ended(postgres, 0).json.result.tests
    expect(small.steps.map(({title}: {title: string}) => title)).to.deep.equal([
      'installs',
      'answers queries',
      'sql: ensure, twice, with the same outputs',
      'sql: rotate, twice, and ensure with what it printed',
      'sql: ensureUser with each access, and removeUser, twice',
      'sql: dump, remove, ensure, restore, and the same data',
      'sql: remove, twice',
      'uninstalls with its data',
      'leaves nothing',
    ])
    expect(ended(miniflux, 0).json.result).to.deep.include({passed: true, removed: []})
    expect(await namespaces('postgres')).to.deep.equal([])
  })

  it('upgrades from the version before, whose data is still there; tells what an upgrade loses', async () => {
    const next = async (version: string, change: (text: string) => string) => {
      const path = join(folder, version)
      await cp(join(root, 'packages/postgres'), path, {recursive: true})
      const edit = async (file: string, changed: (text: string) => string) =>
        writeFile(join(path, file), changed(await readFile(join(path, file), 'utf8')))
      await edit('package.yaml', text => change(text.replace(/^version: .*/m, `version: ${version}`)))
      await edit('resources/server.yaml', change)
      const run = "psql -U postgres -qAtc 'SELECT note FROM notes'"
      const seed = {component: 'server', run: "psql -U postgres -c 'CREATE TABLE notes AS SELECT 42 AS note'"}
      const checks = [{name: 'finds the note', exec: {component: 'server', run, contains: '42'}, within: 0}]
      const small = {seed: [{name: 'writes a note', exec: seed}], checks}
      await writeFile(join(path, 'tests/small.checks.yaml'), JSON.stringify(small))
      return path
    }
    const renamed = await next('2.0.0', text =>
      text
        .replace('    maxConnections:\n', '    connections:\n      formerly: [maxConnections]\n')
        .replace('params.maxConnections', 'params.connections'),
    )
    const losing = await next('2.1.0', text =>
      text
        .replace('    storage:\n', '    disk:\n')
        .replace('components:\n', 'migrations: [{below: 2.1.0, remove: [/storage]}]\ncomponents:\n')
        .replace('volume: storage', 'volume: disk')
        .replace('params.storage', 'params.disk'),
    )
    // The one before is found in the repository.
    const manifest = await readFile(join(root, 'packages/postgres/package.yaml'), 'utf8')
    const [, present] = /^version: (.*)$/m.exec(manifest) ?? []
    const [good, bad] = await Promise.all([
      run.berth(['package', 'test', renamed, '--json']),
      run.berth(['package', 'test', losing, '--from', join(root, 'packages/postgres'), '--json']),
    ])
    const titles = (steps: {title: string}[]) => steps.map(({title}) => title)
    const [whole, upgraded] = ended(good, 0).json.result.tests
    expect(titles(whole.steps).slice(0, 4)).to.deep.equal([
      'installs',
      'writes a note',
      'answers queries',
      'finds the note',
    ])
    expect(upgraded).to.include({name: 'small', from: present, passed: true})
    expect(titles(upgraded.steps)).to.deep.equal([
      `installs ${present}`,
      'writes a note',
      'sql: ensure',
      'upgrades to 2.0.0',
      'keeps its secrets and volumes',
      'answers queries',
      'finds the note',
      'sql: ensure after the upgrade, with the same outputs and data',
      'uninstalls with its data',
      'leaves nothing',
    ])
    const [, lost] = ended(bad, 6).json.result.tests
    const wrong = lost.steps.filter(({passed}: {passed: boolean}) => !passed)
    expect(titles(wrong)).to.deep.equal([
      'keeps its secrets and volumes',
      'finds the note',
      'sql: ensure after the upgrade, with the same outputs and data',
    ])
    expect(wrong[0].message).to.equal('made anew, or no longer used: PersistentVolumeClaim/postgres-storage')
  })

  it('tells each check that fails, and what is left over, with exit code 6', async () => {
    const path = await packageNamed('failing')
    const checks = [
      {name: 'a word that is not there', http: {endpoint: 'web', contains: 'nowhere'}, within: 0},
      {name: 'a status', http: {endpoint: 'web', path: '/none', status: 403}, within: 0},
      {name: 'a program', exec: {component: 'web', run: 'echo oh dear; exit 3'}, within: 0},
      {
        name: 'an object',
        object: {apiVersion: 'v1', kind: 'Service', name: 'failing-web'},
        check: 'object.spec.ports.size() == 7',
        within: 0,
      },
      {name: 'a nothing', object: {apiVersion: 'v1', kind: 'Service', name: 'nothing'}, check: 'true', within: 0},
      {name: 'what holds', exec: {component: 'web', run: 'echo $((40 + 2))', contains: '42'}},
    ]
    await mkdir(join(path, 'tests'))
    await writeFile(join(path, 'tests/checks.yaml'), JSON.stringify({checks}))
    const {json} = ended(await run.berth(['package', 'test', path, '--json']), 6)
    const [{steps}] = json.result.tests
    const said = Object.fromEntries(steps.map(({title, message}: {title: string; message: string}) => [title, message]))
    expect(said['a word that is not there']).to.include('the body has no "nowhere"')
    expect(said['a status']).to.match(/404/)
    expect(said['a program']).to.equal('it ended with 3: "oh dear"')
    expect(said['an object']).to.include('is not true of Service failing-web')
    expect(said['a nothing']).to.equal('there is no Service nothing')
    expect(said).to.deep.include({'what holds': null, installs: null, 'leaves nothing': null})
    const {stdout, exitCode} = await run.berth(['package', 'test', path, '--only', 'nothing'])
    expect({stdout, exitCode}).to.deep.equal({stdout: '', exitCode: 2})
  })

  it('removes its namespace at Ctrl-C, and that of a killed run the next time', async () => {
    const path = await packageNamed('stopped')
    const stopped = run.start(['package', 'test', path, '--json'])
    const first = await appears('stopped')
    stopped.child.kill('SIGINT')
    expect((await stopped.done).exitCode).to.equal(130)
    expect(await namespaces('stopped')).not.to.include(first)

    const killed = run.start(['package', 'test', path])
    const second = await appears('stopped')
    killed.child.kill('SIGKILL')
    await (killed.child.exitCode === null && killed.child.signalCode === null
      ? once(killed.child, 'close')
      : killed.done)
    expect(await namespaces('stopped')).to.deep.equal([second])
    const next = ended(await run.berth(['package', 'test', path, '--json']), 0).json.result
    expect(next).to.deep.include({passed: true, removed: [second]})
  })
})
