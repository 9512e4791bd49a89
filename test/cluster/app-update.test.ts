import {expect} from 'chai'
import {localHolder} from '../../src/cli/holder.ts'
import type {Agree, ChangeOptions, Lib} from '../../src/lib/app/index.ts'
import {abort, planUpdate, readPresent, update} from '../../src/lib/app/index.ts'
import type {UserError} from '../../src/lib/errors.ts'
import {applyObject, createObject, findObject, getObject} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, ended, namesOf} from './apps.ts'

describe('apps: an update, on the way of an install', function () {
  this.timeout(180_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  const agree: Agree = () => undefined
  const read = {file: () => Promise.reject(new Error('no files here')), env: () => undefined}
  const options: ChangeOptions = {adopt: false, allow: [], wait: true, timeout: 60_000, onFailure: 'keep', read}
  const lib = (): Lib => ({
    kube: a.kube,
    cluster: {domain: 'localhost', kubernetes: '1.34.4', ingressClass: null, storageClass: null},
    holder: localHolder('test'),
    isTrusted: async () => true,
    trust: async () => undefined,
    findPackage: () => Promise.reject(new Error('no answer names a package')),
    signal: new AbortController().signal,
    report: () => undefined,
    now: () => new Date(),
  })
  /** The app's answers with some of them changed. */
  const request = async (app: string, change: Record<string, unknown>, more: Partial<ChangeOptions> = {}) => {
    const ref = {namespace, name: app}
    const {pkg, origin, answers} = await readPresent(lib(), ref)
    const merged = {answers: {...answers, ...change}, errors: [], positions: new Map()}
    return {ref, pkg, origin, answers: merged, options: {...options, ...more}}
  }
  const map = (name: string) => ({apiVersion: 'v1', kind: 'ConfigMap', namespace, name})
  const textOf = async (name: string) => ((await getObject(a.kube, map(name))).data as {text: string}).text

  before(async () => {
    namespace = await a.namespace('app-update')
    ended(await a.berth(['app', 'install', 'plain', 'u', ...at()]), 0)
  })

  it('changes what differs and nothing else; what changes nothing makes no revision', async () => {
    const set = {apiVersion: 'apps/v1', kind: 'StatefulSet', namespace, name: 'u'}
    const before = await getObject(a.kube, set)
    const plan = await planUpdate(lib(), await request('u', {text: 'two'}))
    const steps = plan.steps.map(step => `${step.do} ${'object' in step ? step.object.kind : ''}`)
    expect(steps).to.deep.equal(['update ConfigMap', 'keep StatefulSet'])
    expect((await update(lib(), await request('u', {text: 'two'}), agree)).revision).to.equal(2)
    expect(await textOf('u-text')).to.equal('two')
    expect((await getObject(a.kube, set)).metadata.generation).to.equal(before.metadata.generation)
    expect((await update(lib(), await request('u', {}), agree)).revision).to.equal(2)
    const anchor = await anchorOf(a.kube, namespace, 'u')
    expect([anchor?.phase, anchor?.pending, anchor?.operation]).to.deep.equal(['running', undefined, undefined])
    expect((await namesOf(a.kube, namespace, 'u')).filter(name => name.includes('.s.'))).to.deep.equal([
      'Secret/berth.u.s.2',
    ])
  })

  it('prunes what the app has no more', async () => {
    await update(lib(), await request('u', {shared: 'u-other'}), agree)
    expect(await textOf('u-other')).to.equal('two')
    expect(await findObject(a.kube, map('u-text'))).to.equal(undefined)
  })

  it('a field that another set: refused, left or taken, as was said', async () => {
    const theirs = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'u-other', namespace}, data: {text: 'theirs'}}
    await applyObject(a.kube, theirs, {fieldManager: 'somebody', force: true})
    const {code, message} = (await failed(update(lib(), await request('u', {text: 'three'}), agree))) as {
      code: string
      message: string
    }
    expect(`${code} ${message}`).to.match(/object.conflict .*data.text was set by somebody/)
    expect((await anchorOf(a.kube, namespace, 'u'))?.phase).to.equal('running')
    await update(lib(), await request('u', {text: 'three'}, {onDrift: 'keep'}), agree)
    expect(await textOf('u-other')).to.equal('theirs')
    await update(lib(), await request('u', {text: 'four'}, {onDrift: 'take'}), agree)
    expect(await textOf('u-other')).to.equal('four')
  })

  it('one that does not come up in time is taken back to what the app was', async () => {
    const bad = {script: 'sleep 35999', text: 'bad', shared: 'u-new'}
    const error = await failed(update(lib(), await request('u', bad, {timeout: 1}), agree))
    expect(error).to.have.property('code', 'wait.timeout')
    expect((error as UserError).hint.map(line => line.split(' -n')[0])).to.deep.equal([
      'berth app status u',
      'berth app resume u',
      'berth app abort u',
    ])
    expect(await textOf('u-new')).to.equal('bad')
    await abort(lib(), {namespace, name: 'u'}, {deleteData: false, timeout: 60_000}, agree)
    expect(await findObject(a.kube, map('u-new'))).to.equal(undefined)
    expect(await textOf('u-other')).to.equal('four')
    const anchor = await anchorOf(a.kube, namespace, 'u')
    expect([anchor?.phase, anchor?.pending, anchor?.history[0].outcome]).to.deep.equal([
      'running',
      undefined,
      'aborted',
    ])
    ended(await a.berth(['app', 'uninstall', 'u', ...at()]), 0)
    expect(await namesOf(a.kube, namespace, 'u')).to.deep.equal([])
  })

  it('adopts an object whose fields differ, and gives it back when the install is taken back', async () => {
    const theirs = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'shared', namespace, labels: {theirs: 'yes'}},
      data: {text: 'theirs', other: 'kept'},
    }
    const {metadata} = await createObject(a.kube, theirs, {fieldManager: 'somebody'})
    const install = ['app', 'install', 'plain', 'taker', '--set', 'shared=shared', '--adopt', ...at()]
    ended(await a.berth([...install, '--set', 'image=Not An Image']), 6, 'operation.failed')
    expect(await textOf('shared')).to.equal('Hello')
    ended(await a.berth(['app', 'abort', 'taker', ...at()]), 0)
    const back = await getObject(a.kube, map('shared'))
    expect(back.metadata.uid).to.equal(metadata.uid)
    expect(back.metadata.labels).to.deep.equal({theirs: 'yes'})
    expect(Object.keys(back.metadata.annotations ?? {})).to.deep.equal([])
    expect((back.data as {other: string}).other).to.equal('kept')
  })
})

const failed = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => {
      throw new Error('it should have failed')
    },
    (error: unknown) => error,
  )
