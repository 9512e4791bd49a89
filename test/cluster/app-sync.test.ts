import {expect} from 'chai'
import {applyObject, deleteObject, getObject, mergePatch} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, ended} from './apps.ts'

describe('apps: drift is told, taken back, or left to others by a rule', function () {
  this.timeout(180_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--json']
  const map = () => ({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'd-text'})
  const textNow = async () => ((await getObject(a.kube, map())).data as {text: string}).text
  const edit = (text: string) =>
    applyObject(
      a.kube,
      {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'd-text', namespace}, data: {text}},
      {fieldManager: 'somebody', force: true},
    )
  const check = () => a.berth(['app', 'plan', 'd', '--check', ...at()])
  const sync = (...more: string[]) => a.berth(['app', 'sync', 'd', ...at(), ...more])

  before(async () => {
    namespace = await a.namespace('app-sync')
    ended(await a.berth(['app', 'install', 'plain', 'd', ...at()]), 0)
  })

  it('an app that is as it shall be: check says so, sync changes nothing and says so', async () => {
    const checked = ended(await check(), 0).json.result
    expect(checked.plan.changes).to.equal(false)
    const before = await anchorOf(a.kube, namespace, 'd')
    const synced = ended(await sync(), 0).json.result
    expect([synced.plan.changes, synced.outcome]).to.deep.equal([false, null])
    const after = await anchorOf(a.kube, namespace, 'd')
    expect(after?.object.metadata.resourceVersion).to.equal(before?.object.metadata.resourceVersion)
    const shown = await a.berth(['app', 'sync', 'd', '-n', namespace])
    expect(shown.stdout).to.match(/nothing to change/)
  })

  it('a field that another set: check ends with 8 and names who, sync takes it back', async () => {
    const was = await textNow()
    await edit('theirs')
    const {plan} = ended(await check(), 8).json.result
    const changed = plan.steps.filter((step: {do: string}) => step.do === 'update')
    expect(changed).to.have.length(1)
    expect(changed[0].changes[0]).to.include({field: 'data.text', from: 'theirs', to: was, drift: 'somebody'})
    expect(await textNow()).to.equal('theirs')
    ended(await sync(), 0)
    expect(await textNow()).to.equal(was)
    ended(await check(), 0)
  })

  it('while somebody changes it, check says who, and not that it was changed', async () => {
    const ref = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'berth.d'}
    const held = {
      ...{id: 'x', kind: 'update', epoch: 1, seq: 1, since: new Date().toISOString()},
      holder: {who: 'ann', host: 'elsewhere'},
    }
    const annotate = (value: string | null) =>
      mergePatch(a.kube, ref, {metadata: {annotations: {'berth.dev/operation': value}}}, {fieldManager: 'test'})
    await annotate(JSON.stringify(held))
    const {error} = ended(await check(), 4, 'app.locked').json
    expect(error?.message).to.include('is being changed: update by ann on elsewhere')
    await annotate(null)
    ended(await check(), 0)
  })

  it('an object that somebody deleted comes back', async () => {
    await deleteObject(a.kube, map())
    ended(await check(), 8)
    ended(await sync(), 0)
    expect(await textNow()).to.be.a('string')
  })

  it('a rule leaves a field to others, also at a later change, until it is taken back', async () => {
    const rule = 'ConfigMap/d-text:data.text'
    await edit('theirs')
    ended(await sync('--ignore', rule), 0)
    expect(await textNow()).to.equal('theirs')
    ended(await check(), 0)
    const shown = ended(await a.berth(['app', 'show', 'd', ...at()]), 0).json.result
    expect(shown.ignore).to.deep.equal([rule])
    ended(await a.berth(['app', 'config', 'd', '--set', 'text=another', '--yes', ...at()]), 0)
    expect(await textNow()).to.equal('theirs')
    ended(await sync('--no-ignore', rule), 0)
    expect(await textNow()).to.equal('another')
  })

  it('a rule that is none, and one that is not there', async () => {
    const wrong = ended(await sync('--ignore', 'spec.replicas'), 2, 'usage.invalid').json.error
    expect(wrong.message).to.contain('"spec.replicas" is no rule')
    ended(await sync('--no-ignore', 'Service:spec.ports'), 2, 'usage.invalid')
    ended(await a.berth(['app', 'plan', 'd', 'e', '--check', ...at()]), 2, 'usage.invalid')
    ended(await a.berth(['app', 'plan', 'nobody', '--check', ...at()]), 3, 'app.not-found')
  })

  it('renders what is applied, and what another answer would make of it; no secret', async () => {
    const textIn = (run: Awaited<ReturnType<typeof a.berth>>) =>
      run.json.result.objects.find(
        ({object}: {object: {metadata: {name: string}}}) => object.metadata.name === 'd-text',
      ).object.data.text
    expect(textIn(ended(await a.berth(['app', 'render', 'd', ...at()]), 0))).to.equal('another')
    const changed = ended(await a.berth(['app', 'render', 'd', '--set', 'text=third', ...at()]), 0)
    expect(textIn(changed)).to.equal('third')
    expect(await textNow()).to.equal('another')
    const yaml = ended(await a.berth(['app', 'render', 'd', '-n', namespace]), 0)
    expect(yaml.stdout).to.match(/^---\n/)
  })
})
