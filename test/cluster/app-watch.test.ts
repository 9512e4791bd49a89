import {expect} from 'chai'
import {createObject, deleteObject, mergePatch, refOf, scaleObject} from '../../src/lib/kube/index.ts'
import {apps, ended} from './apps.ts'
import {accountThatMay, connectThroughFaults} from './support.ts'
import {anchor, watch} from './watching.ts'

const write = {fieldManager: 'test'}

describe('app watch: states as they change', function () {
  this.timeout(120_000)
  const a = apps()
  const at = (namespace: string) => ['-n', namespace, '--yes', '--json']
  const set = (namespace: string, name: string) => ({apiVersion: 'apps/v1', kind: 'StatefulSet', namespace, name})

  it('tells of an install, what is scaled, what fails and an uninstall; Ctrl-C ends it well', async () => {
    const namespace = await a.namespace('watch')
    const seen = watch(a, ['-n', namespace])
    const {believed, until} = seen
    await until(() => believed.events.length === 1, 'a snapshot')
    expect(believed.events[0]).to.deep.include({type: 'snapshot', apps: []})
    ended(await a.berth(['app', 'install', 'plain', 'p', ...at(namespace)]), 0)
    const app = `${namespace}/p`
    const state = () => believed.states.get(app)
    await until(() => state()?.phase === 'running' && state()?.operation === null, 'running')
    const stepsOf = believed.changes().flatMap(event => (event.type === 'operation' && event.to ? [event.to.step] : []))
    expect(stepsOf.join(' ')).to.include('component app')
    expect(state()).to.deep.include({
      health: 'ready',
      replicas: {now: 1, wanted: 1},
      version: {package: 'plain', version: '1.0.0', appVersion: null},
      bindings: {},
    })
    await scaleObject(a.kube, set(namespace, 'p'), 2, write)
    await until(() => state()?.replicas?.wanted === 2 && state()?.health === 'unready', 'two wanted')
    await until(() => state()?.replicas?.now === 2 && state()?.health === 'ready', 'two ready')
    ended(await a.berth(['app', 'uninstall', 'p', ...at(namespace)]), 0)
    await until(() => state() === undefined, 'gone')
    expect(believed.types()).to.include.members(['installed', 'phase', 'operation', 'replicas', 'health', 'removed'])
    const run = await seen.end()
    expect(run).to.include({exitCode: 0, stderr: ''})
  })

  it('watches the apps that are named, and says it to people in lines', async () => {
    const namespace = await a.namespace('watch')
    for (const name of ['one', 'two']) await createObject(a.kube, anchor(namespace, name), write)
    const seen = watch(a, ['one', 'late', '-n', namespace])
    await seen.until(() => seen.believed.events.length === 1, 'a snapshot')
    await createObject(a.kube, anchor(namespace, 'late'), write)
    await deleteObject(a.kube, refOf(anchor(namespace, 'two')))
    await deleteObject(a.kube, refOf(anchor(namespace, 'one')))
    await seen.until(() => seen.believed.events.length === 3, 'what comes and goes')
    expect(seen.believed.changes().map(({type, app}) => `${type} ${app}`)).to.deep.equal([
      `installed ${namespace}/late`,
      `removed ${namespace}/one`,
    ])
    await seen.end()

    const plain = a.start(['app', 'watch', '-n', namespace])
    let said = ''
    plain.child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk
    })
    const sees = async (words: string) => {
      for (let i = 0; i < 400 && !said.includes(words); i++) await new Promise(pass => setTimeout(pass, 50))
      expect(said).to.include(words)
    }
    await sees('1 app\n')
    const evil = {
      metadata: {annotations: {'berth.dev/operation': JSON.stringify({kind: 'update', step: '\x1b]0;x\x07'})}},
    }
    await mergePatch(a.kube, refOf(anchor(namespace, 'late')), evil, write)
    await sees(`${namespace}/late  update: ^[]0;x^G`)
    plain.child.kill('SIGINT')
    expect(await plain.done).to.include({exitCode: 0, stderr: ''})
  })

  it('loses no change while connections are cut and the server forgets, and tells none twice', async () => {
    const namespace = await a.namespace('watch')
    const {proxy, kubeconfig, close} = await connectThroughFaults()
    const own = anchor(namespace, 'x')
    await createObject(a.kube, own, write)
    const seen = watch(a, ['-n', namespace], {kubeconfig})
    const {believed, until} = seen
    await until(() => believed.events.length === 1, 'a snapshot')
    const phases = ['failed', 'running', 'stopped']
    const phase = (at: number) => phases[at % phases.length] ?? ''
    for (let i = 0; i < 30; i++) {
      await mergePatch(a.kube, refOf(own), {metadata: {labels: {'berth.dev/phase': phase(i)}}}, write)
      if (i % 6 === 3) proxy.cutAll()
      if (i % 10 === 5) proxy.inject({on: /watch=true/, fault: {cutAt: 300}})
    }
    await until(() => believed.changes().length === 30, '30 changes')
    expect(believed.changes().map(event => 'to' in event && event.to)).to.deep.equal(
      Array.from({length: 30}, (_, i) => phase(i)),
    )
    const gone = {kind: 'Status', status: 'Failure', reason: 'Expired', message: 'too old resource version', code: 410}
    proxy.inject({on: /configmaps.*watch=true/, fault: {answer: 410, body: JSON.stringify(gone)}})
    proxy.cutAll()
    await createObject(a.kube, anchor(namespace, 'y'), write)
    await deleteObject(a.kube, refOf(own))
    await until(() => believed.states.size === 1 && believed.states.has(`${namespace}/y`), 'a new list')
    expect(believed.types().slice(31).toSorted()).to.deep.equal(['installed', 'removed'])
    await seen.end()
    await close()
  })

  it('without permission for workloads it tells the rest, without any it says which is missing', async () => {
    const namespace = await a.namespace('watch')
    await createObject(a.kube, anchor(namespace, 'x'), write)
    const mayList = {apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch']}
    const kubeconfig = await accountThatMay(a.kube, namespace, [mayList])
    const seen = watch(a, ['-n', namespace], {kubeconfig})
    await seen.until(() => seen.believed.events.length === 1, 'a snapshot')
    expect(seen.believed.states.get(`${namespace}/x`)).to.deep.include({health: null, replicas: null, phase: 'running'})
    await seen.end()
    ended(await a.berth(['app', 'watch', '-n', 'default', '--json'], {kubeconfig}), 4, 'cluster.forbidden')
  })
})
