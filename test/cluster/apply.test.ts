import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {deleteObject, findObject} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, ended} from './apps.ts'

describe('apply: a set of apps from a file', function () {
  this.timeout(300_000)
  const a = apps()
  let namespace = ''
  let folder = ''
  const app = (name: string, pkg: string, answers: object = {}) => ({name, package: pkg, answers})
  const store = () => app('store', 'store')
  const reader = (answers: object = {}) => app('reader', 'worker', {database: `app:${namespace}/store`, ...answers})
  const plain = (text: string) => app('plain', 'plain', {text})
  const set = async (list: object[], more: object = {}) => {
    const file = join(folder, 'apps.yaml')
    const content = {apiVersion: 'berth.dev/v1', kind: 'AppSet', name: namespace, apps: list, ...more}
    await writeFile(file, JSON.stringify(content, null, 1))
    return file
  }
  const apply = async (list: object[], ...more: string[]) =>
    a.berth(['apply', '-f', await set(list), '-n', namespace, '--json', ...more])
  const changes = (result: {plan: {apps: {app: {name: string}; change: string}[]}}) =>
    result.plan.apps.map(({app, change}) => `${change} ${app.name}`)

  before(async () => {
    namespace = await a.namespace('apply')
    folder = await mkdtemp(join(tmpdir(), 'berth-set-'))
  })
  after(() => rm(folder, {recursive: true}))

  it('plans all, users after what they use, before anything is there', async () => {
    const {result} = ended(await apply([reader(), plain('one'), store()], '--dry-run'), 0).json
    const order = changes(result)
    expect(order).to.have.members(['install store', 'install reader', 'install plain'])
    expect(order.indexOf('install store')).to.be.lessThan(order.indexOf('install reader'))
    expect(result.results).to.equal(null)
    expect(await anchorOf(a.kube, namespace, 'store')).to.equal(undefined)
    ended(await apply([reader(), store()], '--check'), 8)
  })

  it('tells the wrong answers of all apps at once, with their places, and changes nothing', async () => {
    const wrong = [
      app('plain', 'plain', {text: 5, nosuch: 1}),
      app('other', 'plain', {claim: 'maybe'}),
      app('w', 'worker'),
      // One that another uses keeps that one's own faults from nobody; its user's lack of it is none.
      app('store', 'store', {nosuch: 1}),
      reader({nosuch: 1}),
      app('fine', 'worker', {database: `app:${namespace}/store`}),
    ]
    const {error} = ended(await apply(wrong, '--yes'), 2, 'params.invalid').json
    type Fault = {app: string; field: string; line: number}
    const fields = error.details.map(({app, field, line}: Fault) => [app.split('/')[1], field, line > 0])
    expect(fields).to.deep.equal([
      ['plain', '/apps/0/answers/text', true],
      ['plain', '/apps/0/answers/nosuch', true],
      ['other', '/apps/1/answers/claim', true],
      ['w', '/apps/2/answers/database', true],
      ['store', '/apps/3/answers/nosuch', true],
      ['reader', '/apps/4/answers/nosuch', true],
    ])
    expect(await anchorOf(a.kube, namespace, 'plain')).to.equal(undefined)
    const {stderr} = await a.berth(['apply', '-f', await set([...wrong, app('lost', 'nowhere')]), '-n', namespace])
    expect(stderr).to.match(/reader: the answers for worker are not valid:\n {2}nosuch \(line \d+, /)
    expect(stderr).to.match(/lost: no repository has a package nowhere/)
  })

  it('a file with faults, and apps that use each other in a circle', async () => {
    const file = await set([{name: 'Plain', package: 'plain'}, {name: 'x'}], {kind: 'AppSett'})
    const {error} = ended(await a.berth(['apply', '-f', file, '--json']), 2, 'set.invalid').json
    expect(error.details).to.have.length(3)
    ended(await apply([plain('one'), plain('two')]), 2, 'set.invalid')
    ended(await a.berth(['apply', '-f', join(folder, 'none.yaml'), '--json']), 2, 'usage.invalid')
  })

  it('insists on an approved plan, then brings all about by it; a second run changes nothing', async () => {
    const list = [reader(), plain('one'), store()]
    const {result: planned} = ended(await apply(list, '--dry-run'), 0).json
    const other = ended(await apply(list, '--plan', '0000000000000000', '--yes'), 4, 'plan.changed')
    expect(other.json.error.hint.join()).to.include('--dry-run')
    expect(other.json.error.details.hash).to.equal(planned.plan.hash)
    const {result} = ended(await apply(list, '--plan', planned.plan.hash, '--yes'), 0).json
    expect(result.results.map(({state}: {state: string}) => state)).to.deep.equal(['done', 'done', 'done'])
    for (const name of ['store', 'reader', 'plain'])
      expect((await anchorOf(a.kube, namespace, name))?.object.metadata.labels?.['berth.dev/set']).to.equal(namespace)
    const before = await anchorOf(a.kube, namespace, 'reader')
    const again = ended(await apply(list, '--yes'), 0).json.result
    expect(changes(again)).to.have.members(['none store', 'none reader', 'none plain'])
    const after = await anchorOf(a.kube, namespace, 'reader')
    expect(after?.object.metadata.resourceVersion).to.equal(before?.object.metadata.resourceVersion)
    ended(await apply(list, '--check'), 0)
    const text = await a.berth(['apply', '-f', await set(list), '-n', namespace])
    expect(text.stdout).to.match(/nothing to change: 3 apps/)
  })

  it('changes what differs, drift included, and nothing else', async () => {
    await deleteObject(a.kube, {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'plain-text'})
    const {result} = ended(await apply([reader(), plain('one'), store()], '--yes'), 0).json
    expect(changes(result)).to.have.members(['none store', 'none reader', 'update plain'])
    const map = await findObject(a.kube, {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'plain-text'})
    expect(map?.data).to.deep.equal({text: 'one'})
  })

  it('knows an app that failed, or was left behind by a kill, for its own', async () => {
    const failing = app('fails', 'plain', {image: 'nothing.example/such:1'})
    const alone = async (list: object[], ...more: string[]) => {
      const file = await set(list, {name: `${namespace}-2`})
      return a.berth(['apply', '-f', file, '-n', namespace, '--yes', '--json', ...more])
    }
    ended(await alone([failing]), 6)
    expect((await anchorOf(a.kube, namespace, 'fails'))?.object.metadata.labels?.['berth.dev/set']).to.equal(
      `${namespace}-2`,
    )
    const unfinished = ended(await alone([], '--prune'), 4, 'app.unfinished').json.error
    expect(unfinished.hint.join()).to.include(`berth app abort fails -n ${namespace}`)
    ended(await a.berth(['app', 'abort', 'fails', '-n', namespace, '--yes', '--json']), 0)
    expect(await anchorOf(a.kube, namespace, 'fails')).to.equal(undefined)
  })

  it('prunes only on request, only what was the set’s, users first; a yes is wanted', async () => {
    ended(await a.berth(['app', 'install', 'plain', 'stranger', '-n', namespace, '--json']), 0)
    const {result} = ended(await apply([plain('one')], '--yes'), 0).json
    expect(changes(result)).to.deep.equal(['none plain'])
    ended(await apply([plain('one')], '--prune'), 4, 'confirmation.required')
    const pruned = ended(await apply([plain('one')], '--prune', '--yes'), 0).json.result
    expect(changes(pruned)).to.deep.equal(['none plain', 'uninstall reader', 'uninstall store'])
    expect(await anchorOf(a.kube, namespace, 'reader')).to.equal(undefined)
    expect((await anchorOf(a.kube, namespace, 'stranger'))?.phase).to.equal('running')
  })

  it('an app of another set is refused, unless it is moved; another package always', async () => {
    const other = ['apply', '-f', await set([plain('one')], {name: 'another'}), '-n', namespace, '--json', '--yes']
    ended(await a.berth(other), 4, 'set.conflict')
    ended(await a.berth([...other, '--move']), 0)
    expect((await anchorOf(a.kube, namespace, 'plain'))?.object.metadata.labels?.['berth.dev/set']).to.equal('another')
    ended(await apply([app('plain', 'store')], '--move', '--yes'), 4, 'set.conflict')
  })

  it('one that fails keeps only its users from theirs', async () => {
    const broken = app('store', 'store', {})
    const list = [broken, reader({}), app('fine', 'plain'), app('bad', 'plain', {image: 'docker.io/library/none:0'})]
    const {result} = ended(await apply(list, '--yes', '--timeout', '60s'), 6).json
    const states = Object.fromEntries(
      result.results.map(({app, state}: {app: {name: string}; state: string}) => [app.name, state]),
    )
    expect(states).to.deep.equal({store: 'done', reader: 'done', fine: 'done', bad: 'failed'})
  })
})
