import {expect} from 'chai'
import {createObject, findObject} from '../../src/lib/kube/index.ts'
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

  it('of another tool whose release has the name of the app, nothing is touched', async () => {
    ended(await a.berth(['app', 'install', 'plain', 'db', '--set', 'claim=true', ...at()]), 0)
    const labels = {'app.kubernetes.io/instance': 'db', 'app.kubernetes.io/managed-by': 'Helm'}
    const selector = {'app.kubernetes.io/instance': 'db', 'app.kubernetes.io/name': 'postgresql'}
    const claims = {accessModes: ['ReadWriteOnce'], resources: {requests: {storage: '1Mi'}}}
    const containers = [{name: 'a', image: 'docker.io/library/busybox:1.35', command: ['sleep', '36000']}]
    const make = (apiVersion: string, kind: string, name: string, object: object, own: object = labels) =>
      createObject(
        a.kube,
        {apiVersion, kind, metadata: {name, namespace, labels: {...own}}, ...object},
        {fieldManager: 'helm'},
      )
    await make('apps/v1', 'StatefulSet', 'my-db', {
      spec: {
        replicas: 0,
        serviceName: 'my-db',
        selector: {matchLabels: selector},
        volumeClaimTemplates: [{metadata: {name: 'data'}, spec: claims}],
        template: {metadata: {labels: selector}, spec: {containers}},
      },
    })
    for (const set of ['my-db', 'gone-db'])
      await make('v1', 'PersistentVolumeClaim', `data-${set}-0`, {spec: claims}, selector)
    await make('v1', 'Pod', 'foreign', {spec: {containers, terminationGracePeriodSeconds: 0}})
    ended(await a.berth(['app', 'stop', 'db', ...at()]), 0)
    const {pods} = ended(await a.berth(['app', 'status', 'db', '-n', namespace, '--json']), 0).json.result
    expect(pods).to.deep.equal([])
    ended(await a.berth(['app', 'uninstall', 'db', '--delete-data', ...at()]), 0)
    expect(await findObject(a.kube, claim('db'))).to.equal(undefined)
    for (const [kind, name] of [
      ['PersistentVolumeClaim', 'data-my-db-0'],
      ['PersistentVolumeClaim', 'data-gone-db-0'],
      ['Pod', 'foreign'],
    ] as const) {
      const live = await findObject(a.kube, {apiVersion: 'v1', kind, namespace, name})
      expect(live?.metadata.uid, name).to.be.a('string')
      expect(live?.metadata.deletionTimestamp, name).to.equal(undefined)
    }
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
