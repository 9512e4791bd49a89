import {expect} from 'chai'
import {anchorOf, apps, ended, namesOf} from './apps.ts'

describe('apps: a holder that is suspended', function () {
  this.timeout(200_000)
  const a = apps()

  it('another takes over after watching the lease; the first writes nothing when it wakes up', async () => {
    const namespace = await a.namespace('app-suspended')
    const at = ['-n', namespace, '--yes', '--json']
    // Nothing has so many processors, so the holder waits (and would say so after 30 s).
    const install = ['app', 'install', 'plain', 'late', '--set', 'cpu=500', ...at]
    const {child, done} = a.start(install)
    await until(async () => (await anchorOf(a.kube, namespace, 'late'))?.operation?.step === 'ready app')
    child.kill('SIGSTOP')
    const held = await anchorOf(a.kube, namespace, 'late')

    // Seen from here it lives, suspended: no reason to take anything away from it.
    const refused = ended(await a.berth(['app', 'resume', 'late', ...at]), 4, 'app.locked')
    expect(refused.json.error.details.operation.id).to.equal(held?.operation.id)

    // From another pid namespace nobody can tell, so only the lease counts.
    const started = performance.now()
    const second = await a.berth(['app', 'abort', 'late', ...at], {under: ['unshare', '-pf', '--mount-proc']})
    ended(second, 0)
    expect(performance.now() - started).to.be.within(58_000, 100_000)
    expect(await namesOf(a.kube, namespace, 'late')).to.deep.equal([])

    // The name is in use again by the time the first wakes up.
    ended(await a.berth(['app', 'install', 'plain', 'late', ...at]), 0)
    const before = await anchorOf(a.kube, namespace, 'late')
    child.kill('SIGCONT')
    const first = ended(await done, 6, 'operation.lost')
    expect(first.json.error.message).to.match(/lease|took over|removed|taken/)
    const after = await anchorOf(a.kube, namespace, 'late')
    expect(after?.object.metadata.resourceVersion).to.equal(before?.object.metadata.resourceVersion)
    expect(await namesOf(a.kube, namespace, 'late')).to.include('StatefulSet/late')
  })
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 100))
}
