import {expect} from 'chai'
import {createObject, getObject, listObjects} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, ended, namesOf, remove} from './apps.ts'

describe('apps: what cannot come up says why', function () {
  this.timeout(120_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  const install = (app: string, ...answers: string[]) =>
    a.berth(['app', 'install', 'plain', app, ...answers.flatMap(answer => ['--set', answer]), ...at()])
  before(async () => {
    namespace = await a.namespace('app-failing')
  })

  it('image, crash, missing Secret, no room: each in its own time, with the evidence', async () => {
    const failing: [app: string, answer: string, seconds: number, reason: RegExp, evidence: RegExp][] = [
      ['image', 'image=docker.io/library/not-there:1', 20, /^(ErrImagePull|ImagePullBackOff)$/, /not-there:1/],
      ['name', 'image=Not An Image', 20, /^InvalidImageName$/, /Not An Image/],
      ['crash', 'script=echo the cat ate it; exit 3', 75, /^CrashLoopBackOff$/, /exit code 3[\s\S]*the cat ate it/],
      ['secret', 'secretName=nowhere', 30, /^CreateContainerConfigError$/, /nowhere/],
      ['room', 'cpu=500', 45, /^Unschedulable$/, /Insufficient cpu/i],
    ]
    await Promise.all(
      failing.map(async ([app, answer, seconds, reason, evidence]) => {
        const started = performance.now()
        const {json} = ended(await install(app, answer), 6, 'operation.failed')
        const took = (performance.now() - started) / 1000
        expect(took, `${app}: seconds`).to.be.below(seconds)
        expect(json.error.details.reason, app).to.match(reason)
        expect(json.error.message, app).to.match(evidence)
        expect(json.error.hint.join('\n'), app).to.include('app resume').and.to.include('app abort')
        expect((await anchorOf(a.kube, namespace, app))?.phase, app).to.equal('failed')
        const status = ended(await a.berth(['app', 'status', app, '-n', namespace, '--json']), 0)
        expect(status.json.result.verdict.healthy, app).to.equal(false)
        expect(status.json.result.verdict.next, app).to.include('app resume')
        ended(await a.berth(['app', 'abort', app, ...at()]), 0)
        expect(await namesOf(a.kube, namespace, app), app).to.deep.equal([])
      }),
    )
  })

  it('what was missing is made: resume goes on', async () => {
    ended(await install('mended', 'secretName=later'), 6, 'operation.failed')
    const secret = {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'later', namespace}, stringData: {value: 'x'}}
    await createObject(a.kube, secret, {fieldManager: 'test'})
    ended(await a.berth(['app', 'resume', 'mended', ...at()]), 0)
    expect((await anchorOf(a.kube, namespace, 'mended'))?.phase).to.equal('running')
  })

  it('a deleted pod comes back, and status tells', async () => {
    ended(await install('lively'), 0)
    const status = async () =>
      ended(await a.berth(['app', 'status', 'lively', '-n', namespace, '--json']), 0).json.result
    expect((await status()).verdict.healthy).to.equal(true)
    const first = await getObject(a.kube, {apiVersion: 'v1', kind: 'Pod', namespace, name: 'lively-0'})
    await remove(a.kube, 'Pod', namespace, 'lively-0')
    const seen = new Set<boolean>()
    for (let healthy = false; !healthy; ) {
      ;({
        verdict: {healthy},
      } = await status())
      seen.add(healthy)
      const {items} = await listObjects(a.kube, {apiVersion: 'v1', kind: 'Pod'}, {namespace})
      healthy &&= items.some(({metadata}) => metadata.name === 'lively-0' && metadata.uid !== first.metadata.uid)
    }
    expect([...seen]).to.include(true)
  })
})

describe('apps: objects that are there already', function () {
  this.timeout(60_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  const install = (app: string, ...more: string[]) =>
    a.berth(['app', 'install', 'plain', app, '--set', 'shared=common', ...more, ...at()])
  const common = () => getObject(a.kube, {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'common'})
  before(async () => {
    namespace = await a.namespace('app-taken')
  })

  it('of another app: refused, with or without --adopt, and neither app changes', async () => {
    ended(await install('first'), 0)
    const [object, anchor] = [await common(), await anchorOf(a.kube, namespace, 'first')]
    for (const more of [[], ['--adopt'], ['--set', 'text=other', '--adopt']]) {
      const {json} = ended(await install('second', ...more), 4, 'object.owned-by-app')
      expect(json.error.message).to.include('common')
    }
    expect((await common()).metadata.resourceVersion).to.equal(object.metadata.resourceVersion)
    const after = await anchorOf(a.kube, namespace, 'first')
    expect(after?.object.metadata.resourceVersion).to.equal(anchor?.object.metadata.resourceVersion)
    expect(await namesOf(a.kube, namespace, 'second')).to.deep.equal([])
    expect(await anchorOf(a.kube, namespace, 'second')).to.equal(undefined)
    ended(await a.berth(['app', 'uninstall', 'first', ...at()]), 0)
  })

  it('of nobody: refused, untouched; taken over with --adopt', async () => {
    const foreign = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'common', namespace, labels: {theirs: 'yes'}},
      data: {other: 'kept'},
    }
    const made = await createObject(a.kube, foreign, {fieldManager: 'somebody'})
    const {json} = ended(await install('taker'), 4, 'object.exists')
    expect(json.error.hint.join()).to.include('--adopt')
    expect((await common()).metadata.resourceVersion).to.equal(made.metadata.resourceVersion)
    expect(await namesOf(a.kube, namespace, 'taker')).to.deep.equal([])
    ended(await install('taker', '--adopt'), 0)
    const taken = await common()
    expect(taken.metadata.uid).to.equal(made.metadata.uid)
    expect(taken.metadata.labels).to.deep.include({theirs: 'yes', 'app.kubernetes.io/instance': 'taker'})
    expect(taken.data).to.deep.equal({other: 'kept', text: 'Hello'})
    const {verdict} = ended(await a.berth(['app', 'status', 'taker', '-n', namespace, '--json']), 0).json.result
    expect(verdict.healthy).to.equal(true)
  })
})
