import {expect} from 'chai'
import {getObject, mergePatch} from '../../src/lib/kube/index.ts'
import type {Run} from '../cli/support.ts'
import {anchorOf, apps, ended, namesOf, remove, throughFaults} from './apps.ts'

const elsewhere = {under: ['unshare', '-pf', '--mount-proc']}

describe('apps: a holder of the lock that falls behind', function () {
  this.timeout(300_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  // Nothing has so many processors, so its holder waits.
  const waiting = ['--set', 'cpu=500']
  const untilStep = (app: string, step: string) =>
    until(async () => (await anchorOf(a.kube, namespace, app))?.operation?.step === step)
  const lost = (run: Run, why: RegExp) => expect(ended(run, 6, 'operation.lost').json.error.message).to.match(why)
  before(async () => {
    namespace = await a.namespace('app-suspended')
  })

  /** Suspends a command at a step; another takes over after its lease; the app is changed once more; then the first wakes up, and writes nothing. */
  const suspended = async (
    app: string,
    words: string[],
    step: string,
    over: string[],
    {meanwhile = async () => undefined, next}: {meanwhile?(): Promise<unknown>; next: string[]},
  ) => {
    const {child, done} = a.start([...words, ...at()])
    await untilStep(app, step)
    child.kill('SIGSTOP')
    const held = await anchorOf(a.kube, namespace, app)

    // Seen from here it lives, suspended: no reason to take anything away from it.
    const refused = ended(await a.berth(['app', 'resume', app, ...at()]), 4, 'app.locked')
    expect(refused.json.error.details.operation.id).to.equal(held?.operation.id)

    // From another pid namespace nobody can tell, so only the lease counts.
    const started = performance.now()
    const second = a.berth([...over, ...at()], elsewhere)
    await meanwhile()
    ended(await second, 0)
    expect(performance.now() - started).to.be.within(58_000, 120_000)

    // The app is in use again by the time the first wakes up.
    ended(await a.berth([...next, ...at()]), 0)
    const before = await anchorOf(a.kube, namespace, app)
    const objects = await namesOf(a.kube, namespace, app)
    child.kill('SIGCONT')
    lost(await done, /lease|took over|removed|taken/)
    const after = await anchorOf(a.kube, namespace, app)
    expect(after?.object.metadata.resourceVersion, app).to.equal(before?.object.metadata.resourceVersion)
    expect(await namesOf(a.kube, namespace, app), app).to.deep.equal(objects)
    expect(objects, app).to.include(`StatefulSet/${app}`)
  }

  const text = (app: string) => ({apiVersion: 'v1', kind: 'ConfigMap', namespace, name: `${app}-text`})
  const hold = (app: string, finalizers: string[]) =>
    mergePatch(a.kube, text(app), {metadata: {finalizers}}, {fieldManager: 'test'})

  it('suspended: another takes over after watching the lease; the first writes nothing when it wakes up', async () => {
    for (const app of ['late', 'tardy']) ended(await a.berth(['app', 'install', 'plain', app, ...at()]), 0)
    await hold('tardy', ['berth.test/hold'])
    const install = ['app', 'install', 'plain']
    await Promise.all([
      suspended('fresh', [...install, 'fresh', ...waiting], 'ready app', ['app', 'abort', 'fresh'], {
        next: [...install, 'fresh'],
      }),
      suspended('late', ['app', 'config', 'late', ...waiting], 'ready app', ['app', 'abort', 'late'], {
        next: ['app', 'config', 'late', '--set', 'text=again'],
      }),
      // Its removal hangs at what somebody holds; whoever goes on with it comes to its end.
      suspended('tardy', ['app', 'uninstall', 'tardy'], 'remove secrets and settings', ['app', 'resume', 'tardy'], {
        meanwhile: async () => {
          await new Promise(resolve => setTimeout(resolve, 62_000))
          await hold('tardy', [])
        },
        next: [...install, 'tardy'],
      }),
    ])
    expect((await getObject(a.kube, text('late'))).data).to.deep.equal({text: 'again'})
  })

  it('that only waits, it notices that the app is gone, and that it has lost the cluster', async () => {
    await Promise.all([
      (async () => {
        const {done} = a.start(['app', 'install', 'plain', 'gone', ...waiting, ...at()])
        await untilStep('gone', 'ready app')
        await remove(a.kube, 'ConfigMap', namespace, 'berth.gone')
        lost(await done, /the app was removed/)
      })(),
      throughFaults(async (kubeconfig, proxy) => {
        ended(await a.berth(['app', 'install', 'plain', 'cut', ...at()]), 0)
        await hold('cut', ['berth.test/hold'])
        const {done} = a.start(['app', 'uninstall', 'cut', '--timeout', '5m', ...at()], {kubeconfig})
        await until(async () => (await getObject(a.kube, text('cut'))).metadata.deletionTimestamp !== undefined)
        proxy.inject({times: Number.POSITIVE_INFINITY, fault: {cutAt: 0, of: 'request'}})
        proxy.cutAll()
        const started = performance.now()
        lost(await done, /was not renewed for \d+ s/)
        expect(performance.now() - started).to.be.within(29_000, 100_000)
        // It said so before anybody else may begin; whoever comes next here need not wait, for this one is known to be gone.
        await hold('cut', [])
        ended(await a.berth(['app', 'resume', 'cut', ...at()]), 0)
        expect(await namesOf(a.kube, namespace, 'cut')).to.deep.equal([])
      }),
    ])
  })
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 100))
}
