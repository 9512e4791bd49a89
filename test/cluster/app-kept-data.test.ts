import {expect} from 'chai'
import {findObject} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, atMost, ended, inPod, killedAtWrite, namesOf} from './apps.ts'

describe('apps: data that was kept survives what happens to the install that adopts it', function () {
  this.timeout(120_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  const claim = (app: string) => ({apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: `data-${app}-0`})
  before(async () => {
    namespace = await a.namespace('app-kept')
  })

  it('an install that fails and is rolled back deletes only what it made', async () => {
    const plain = (...more: string[]) => ['app', 'install', 'plain', 'p', '--set', 'claim=true', ...more, ...at()]
    ended(await a.berth(plain()), 0)
    await inPod(a.kube, namespace, 'p', 'true')
    const uid = (await findObject(a.kube, claim('p')))?.metadata.uid
    ended(await a.berth(['app', 'uninstall', 'p', ...at()]), 0)
    const failing = ['--set', 'image=nothing.example/such:1', '--on-failure', 'rollback']
    ended(await a.berth(plain('--adopt-data', ...failing)), 6, 'operation.failed')
    const live = await findObject(a.kube, claim('p'))
    expect(live?.metadata.uid).to.equal(uid)
    expect(live?.metadata.deletionTimestamp).to.equal(undefined)
    const {json} = ended(await a.berth(['app', 'list', '--retained', '-n', namespace, '--json']), 0)
    expect(json.result.retained.map(({claims}: {claims: string[]}) => claims)).to.deep.equal([['data-p-0']])
    ended(await a.berth(['app', 'uninstall', 'p', '--delete-data', ...at()]), 0)
    expect(await findObject(a.kube, claim('p'))).to.equal(undefined)
    // Without data from before, all of it goes.
    ended(await a.berth(plain(...failing)), 6, 'operation.failed')
    expect(await namesOf(a.kube, namespace, 'p')).to.deep.equal([])
  })

  it('deleting kept data: killed at any write, a second try ends it', async () => {
    await atMost(
      3,
      [1, 2, 4].map(n => async () => {
        const app = `d${n}`
        ended(await a.berth(['app', 'install', 'plain', app, '--set', 'claim=true', ...at()]), 0)
        ended(await a.berth(['app', 'uninstall', app, ...at()]), 0)
        const purge = ['app', 'uninstall', app, '--delete-data', ...at()]
        const {killed, undisturbed} = await killedAtWrite(a, purge, app, n, 'after')
        if (undisturbed !== undefined) ended(undisturbed, 0)
        if (killed !== undefined && (await anchorOf(a.kube, namespace, app)) !== undefined) {
          const again = await a.berth(purge)
          if (again.exitCode !== 0) {
            ended(again, 4, 'app.unfinished')
            ended(await a.berth(['app', 'resume', app, ...at()]), 0)
          }
        }
        expect(await findObject(a.kube, claim(app)), app).to.equal(undefined)
        expect(await namesOf(a.kube, namespace, app), app).to.deep.equal([])
      }),
    )
  })
})
