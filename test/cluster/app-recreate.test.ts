import {expect} from 'chai'
import type {KubeObject} from '../../src/lib/kube/index.ts'
import {createObject, deleteObject, getObject, listObjects, readScale, scaleObject} from '../../src/lib/kube/index.ts'
import type {Run} from '../cli/support.ts'
import {anchorOf, apps, ended, throughFaults} from './apps.ts'

describe('apps: what cannot be changed in place is made anew', function () {
  this.timeout(180_000)
  const a = apps()
  const classKind = {apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass'}
  let namespace = ''
  let elastic = ''
  let rigid = ''
  const at = () => ['-n', namespace, '--json']
  const config = (app: string, ...words: string[]) => a.berth(['app', 'config', app, ...words, ...at()])
  const install = async (app: string, ...words: string[]) => {
    ended(await a.berth(['app', 'install', 'keeper', app, ...words, '--yes', ...at()]), 0)
    // somebody scales it: the count is theirs from then on
    await scaleObject(a.kube, setOf(app), 2, {fieldManager: 'kubectl'})
    for (let tries = 0; (await podsOf(app)).length < 2; tries++) {
      if (tries > 100) throw new Error(`${app} has no second pod`)
      await new Promise(done => setTimeout(done, 300))
    }
  }
  const setOf = (name: string) => ({apiVersion: 'apps/v1', kind: 'StatefulSet', namespace, name})
  const inApp = async (kind: string, app: string) => {
    const labelSelector = `app.kubernetes.io/instance=${app}`
    const {items} = await listObjects(a.kube, {apiVersion: 'v1', kind}, {namespace, labelSelector})
    return items.filter(({metadata}) => metadata.deletionTimestamp === undefined)
  }
  const podsOf = (app: string) => inApp('Pod', app)
  const uidsOf = async (kind: string, app: string) => (await inApp(kind, app)).map(({metadata}) => metadata.uid).sort()
  const uidOf = async (app: string) => (await getObject(a.kube, setOf(app))).metadata.uid
  const specOf = async (app: string) => (await getObject(a.kube, setOf(app))).spec as Record<string, unknown>
  const ownersOf = (pod: KubeObject) => pod.metadata.ownerReferences?.map(({uid}) => uid)
  const stepsOf = (run: Run) => run.json.result.plan.steps.filter(({do: kind}: {do: string}) => kind === 'recreate')

  before(async () => {
    namespace = await a.namespace('recreate')
    elastic = `elastic-${namespace}`
    rigid = `rigid-${namespace}`
    const {items} = await listObjects(a.kube, classKind)
    const byDefault = items.find(
      ({metadata}) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
    )
    const {provisioner, volumeBindingMode, parameters} = byDefault as KubeObject
    for (const [name, allowVolumeExpansion] of [
      [elastic, true],
      [rigid, false],
    ] as const) {
      const made = {provisioner, volumeBindingMode, parameters, allowVolumeExpansion}
      await createObject(a.kube, {...classKind, metadata: {name}, ...made}, {fieldManager: 'test'})
    }
    await install('k', '--set', `class=${elastic}`)
  })
  after(async () => {
    for (const name of [elastic, rigid]) await deleteObject(a.kube, {...classKind, name})
  })

  it('hands the pods of a StatefulSet over: none stops, and there are as many as somebody wanted', async () => {
    const [pods, set] = [await uidsOf('Pod', 'k'), await uidOf('k')]
    const asked = ended(await config('k', '--set', 'parallel=true'), 4, 'confirmation.required')
    expect(asked.json.error.message).to.include('StatefulSet k anew')
    const [step] = stepsOf(ended(await config('k', '--set', 'parallel=true', '--yes'), 0))
    expect(step).to.not.have.property('loses')
    expect(step.changes).to.deep.include({field: 'spec.podManagementPolicy', from: 'OrderedReady', to: 'Parallel'})
    expect(await uidsOf('Pod', 'k')).to.deep.equal(pods)
    expect(await uidOf('k')).to.not.equal(set)
    expect((await readScale(a.kube, setOf('k'))).wanted).to.equal(2)
    for (const pod of await podsOf('k')) expect(ownersOf(pod)).to.deep.equal([await uidOf('k')])
    // and whoever scales is in charge, as before
    await scaleObject(a.kube, setOf('k'), 3, {fieldManager: 'kubectl'})
    await scaleObject(a.kube, setOf('k'), 2, {fieldManager: 'kubectl'})
    ended(await config('k', '--set', 'storage=16Mi'), 0)
    expect((await readScale(a.kube, setOf('k'))).wanted).to.equal(2)
  })

  it('has the volumes of a StatefulSet grow first', async () => {
    const pods = await uidsOf('Pod', 'k')
    const claims = await uidsOf('PersistentVolumeClaim', 'k')
    const [step] = stepsOf(ended(await config('k', '--set', 'storage=32Mi', '--yes'), 0))
    expect(step.grows).to.include.members(['data-k-0', 'data-k-1'])
    for (const {metadata, spec} of await inApp('PersistentVolumeClaim', 'k'))
      if (step.grows.includes(metadata.name))
        expect((spec as {resources: object}).resources).to.deep.equal({requests: {storage: '32Mi'}})
    expect(await uidsOf('PersistentVolumeClaim', 'k')).to.deep.equal(claims)
    expect(await uidsOf('Pod', 'k')).to.deep.equal(pods)
  })

  it('refuses where volumes cannot grow, and where something would be lost; nothing is changed', async () => {
    await install('rigid', '--set', `class=${rigid}`)
    const uid = await uidOf('rigid')
    const tight = ended(await config('rigid', '--set', 'storage=32Mi', '--yes'), 4, 'preflight.failed').json.error
    expect(tight.message).to.match(/volumes of .*rigid cannot grow/)
    const {error} = ended(await config('rigid', '--set', 'colour=blue', '--yes'), 4, 'object.immutable').json
    expect(error.message).to.include('spec.selector.matchLabels.colour').and.to.include('its pods stop')
    expect(error.hint).to.deep.equal(['--allow-recreate   make it anew'])
    ended(await config('rigid', '--set', 'headless=true', '--yes'), 4, 'object.immutable')
    expect(await uidOf('rigid')).to.equal(uid)
    expect((await anchorOf(a.kube, namespace, 'rigid'))?.phase).to.equal('running')
  })

  it('stops and makes anew under --allow-recreate; volumes stay although their set would take them along', async () => {
    const pods = await uidsOf('Pod', 'rigid')
    const claims = await uidsOf('PersistentVolumeClaim', 'rigid')
    const words = ['--set', 'colour=blue', '--set', 'headless=true', '--allow-recreate']
    ended(await config('rigid', ...words), 4, 'confirmation.required')
    expect(stepsOf(ended(await config('rigid', ...words, '--yes'), 0))).to.have.length(2)
    expect(await uidsOf('PersistentVolumeClaim', 'rigid')).to.deep.equal(claims)
    const now = await podsOf('rigid')
    expect(now.map(({metadata}) => metadata.labels?.colour)).to.deep.equal(['blue', 'blue'])
    expect(now.some(({metadata}) => pods.includes(metadata.uid))).to.equal(false)
    const service = await getObject(a.kube, {apiVersion: 'v1', kind: 'Service', namespace, name: 'rigid'})
    expect((service.spec as {clusterIP: string}).clusterIP).to.equal('None')
  })

  /** Kills berth where the server has done what it asked, and the answer is on its way. */
  const killedAt = ({request, skip}: {request: RegExp; skip: number}, app: string, ...words: string[]) =>
    throughFaults(async (kubeconfig, proxy) => {
      const {child, done} = a.start(['app', 'config', app, ...words, '--yes', ...at()], {kubeconfig})
      let struck = false
      proxy.inject({
        on: request,
        skip,
        fault: {stallAt: 0},
        struck: () => {
          struck = true
          child.kill('SIGKILL')
        },
      })
      await done
      expect(struck, 'it was killed').to.equal(true)
    })
  // The first is tried only: whether it may be is known before anything changes.
  const deletes = {request: /^DELETE .*\/statefulsets\//, skip: 1}
  const creates = {request: /^PATCH .*\/statefulsets\/\w+\?(?!.*dryRun)/, skip: 0}

  for (const [n, moment] of [deletes, creates].entries())
    for (const way of ['resume', 'abort'] as const)
      it(`killed ${n === 0 ? 'between delete and apply' : 'right after it was made anew'}: ${way}`, async () => {
        const app = `c${n}${way[0]}`
        await install(app)
        const pods = await uidsOf('Pod', app)
        await killedAt(moment, app, '--set', 'parallel=true')
        ended(await a.berth(['app', way, app, '--yes', ...at()]), 0)
        expect(await uidsOf('Pod', app)).to.deep.equal(pods)
        expect(await specOf(app)).to.deep.include({
          replicas: 2,
          podManagementPolicy: way === 'resume' ? 'Parallel' : 'OrderedReady',
        })
        const {managedFields = []} = (await getObject(a.kube, setOf(app))).metadata
        const counts = managedFields.filter(({manager}) => manager.endsWith('.scale'))
        expect(counts.map(({fieldsV1}) => fieldsV1)).to.deep.equal([{'f:spec': {'f:replicas': {}}}])
        for (const pod of await podsOf(app)) expect(ownersOf(pod)).to.deep.equal([await uidOf(app)])
        expect(await anchorOf(a.kube, namespace, app)).to.include({phase: 'running', pending: undefined})
      })
})
