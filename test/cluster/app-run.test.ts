import {expect} from 'chai'
import {
  applyObject,
  deleteObject,
  getObject,
  type KubeObject,
  listObjects,
  mergePatch,
  scaleObject,
} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, atMost, ended, killedAtWrite} from './apps.ts'
import {Terminal} from './terminal.ts'

const apps1 = 'apps/v1'

describe('apps: stop, start, restart', function () {
  this.timeout(240_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  const get = (apiVersion: string, kind: string, name: string) => getObject(a.kube, {apiVersion, kind, namespace, name})
  const specOf = (object: KubeObject) =>
    object.spec as {replicas: number; suspend?: boolean; template: {spec: {nodeSelector?: object}}}
  const replicas = async (kind: string, name: string) => specOf(await get(apps1, kind, name)).replicas
  const suspended = async (name: string) => specOf(await get('batch/v1', 'CronJob', `${name}-nightly`)).suspend
  const selector = async (name: string) =>
    specOf(await get(apps1, 'DaemonSet', `${name}-agent`)).template.spec.nodeSelector
  const pods = async (app: string) =>
    (
      await listObjects(
        a.kube,
        {apiVersion: 'v1', kind: 'Pod'},
        {namespace, labelSelector: `app.kubernetes.io/instance=${app}`},
      )
    ).items
  const staying = async (app: string) =>
    (await pods(app)).filter(({metadata}) => metadata.deletionTimestamp === undefined)
  const uids = async (app: string) => (await staying(app)).map(({metadata}) => metadata.uid).sort()
  const item = (run: {json: {result: {items: unknown[]}}}) =>
    run.json.result.items[0] as {plan: Plan; outcome: object | null}
  interface Plan {
    changes: boolean
    hash: string
    steps: {do: string; object: {kind: string}; from?: number; to?: number}[]
  }
  const shortOf = ({steps}: Plan) => steps.map(step => `${step.do} ${step.object.kind}`)

  before(async () => {
    namespace = await a.namespace('app-run')
    ended(await a.berth(['app', 'install', 'parts', 'p', ...at()]), 0)
    ended(await a.berth(['app', 'install', 'store', 'st', ...at()]), 0)
    ended(await a.berth(['app', 'install', 'worker', 'w', '--set', 'database=app:st', ...at()]), 0)
  })

  it('stops every kind of workload, keeps it so through a change, and brings back what was there', async () => {
    // somebody's own choice, not the package's
    const web = {apiVersion: apps1, kind: 'Deployment', namespace, name: 'p'}
    await scaleObject(a.kube, web, 4, {fieldManager: 'kubectl'})
    const planned = ended(await a.berth(['app', 'stop', 'p', '--dry-run', ...at()]), 0)
    expect(shortOf(item(planned).plan)).to.have.members(['scale Deployment', 'update DaemonSet', 'suspend CronJob'])
    expect(await replicas('Deployment', 'p')).to.equal(4)
    ended(await a.berth(['app', 'stop', 'p', '--plan', 'no', ...at()]), 4, 'plan.changed')
    ended(await a.berth(['app', 'stop', 'p', '--plan', item(planned).plan.hash, ...at()]), 0)
    expect([await replicas('Deployment', 'p'), await suspended('p'), await pods('p')]).to.deep.equal([0, true, []])
    const status = ended(await a.berth(['app', 'status', 'p', ...at().slice(0, 2), '--json']), 0).json.result
    expect([status.phase, status.verdict.message]).to.deep.equal(['stopped', 'it is stopped'])

    const again = ended(await a.berth(['app', 'stop', 'p', ...at()]), 0)
    expect([item(again).plan.changes, item(again).outcome]).to.deep.equal([false, item(again).outcome])
    expect(item(again).plan.steps).to.deep.equal([])

    // A change adds a component, another template and another selector: nothing comes up.
    const set = ['text=two', 'queue=true', 'paused=true'].flatMap(each => ['--set', each])
    const seen = new Set<string>()
    const watching = setInterval(
      () =>
        void pods('p').then(all => {
          for (const {metadata} of all) seen.add(metadata.name)
        }),
      100,
    )
    ended(await a.berth(['app', 'config', 'p', ...set, ...at()]), 0)
    clearInterval(watching)
    expect([...seen], 'pods that came up').to.deep.equal([])
    expect([await replicas('Deployment', 'p'), await replicas('StatefulSet', 'p-queue')]).to.deep.equal([0, 0])
    expect((await anchorOf(a.kube, namespace, 'p'))?.phase).to.equal('stopped')
    ended(await a.berth(['app', 'config', 'p', '--set', 'chore=sweep', ...at()]), 4, 'app.stopped')
    ended(await a.berth(['app', 'restart', 'p', ...at()]), 4, 'app.stopped')

    ended(await a.berth(['app', 'start', 'p', ...at()]), 0)
    expect([await replicas('Deployment', 'p'), await replicas('StatefulSet', 'p-queue')]).to.deep.equal([4, 2])
    expect(await suspended('p'), 'what the answers say now').to.equal(true)
    expect(await selector('p')).to.deep.equal({'kubernetes.io/os': 'linux'})
    expect((await pods('p')).length).to.be.greaterThan(6)
    const anchor = await anchorOf(a.kube, namespace, 'p')
    expect(anchor?.phase).to.equal('running')
    expect((anchor?.object.data as Record<string, string> | undefined)?.stopped).to.equal(undefined)
    expect(anchor?.history.map(({kind}: {kind: string}) => kind).slice(0, 3)).to.deep.equal(['start', 'update', 'stop'])
    expect(item(ended(await a.berth(['app', 'start', 'p', ...at()]), 0)).plan.changes).to.equal(false)

    // Nothing of the stop is left in the way of a change.
    ended(await a.berth(['app', 'config', 'p', '--set', 'paused=false', ...at()]), 0)
    expect([await suspended('p'), await replicas('Deployment', 'p')]).to.deep.equal([false, 4])
  })

  it('leaves suspended what was suspended before', async () => {
    const job = {apiVersion: 'batch/v1', kind: 'CronJob', namespace, name: 'p-nightly'}
    await mergePatch(a.kube, job, {spec: {suspend: true}}, {fieldManager: 'kubectl-patch'})
    ended(await a.berth(['app', 'stop', 'p', ...at()]), 0)
    ended(await a.berth(['app', 'start', 'p', ...at()]), 0)
    expect(await suspended('p')).to.equal(true)
    ended(await a.berth(['app', 'config', 'p', '--set', 'text=mine', '--on-drift', 'take', ...at()]), 0)
    expect(await suspended('p')).to.equal(false)
  })

  it('takes nothing from the anchor but what a stop may take', async () => {
    ended(await a.berth(['app', 'stop', 'p', ...at()]), 0)
    const forged = {
      [`DaemonSet.apps/${namespace}/p-agent`]: {
        fields: {spec: {template: {spec: {hostPID: true, nodeSelector: {a: 'b'}}}}},
      },
    }
    const map = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'berth.p', namespace}}
    await applyObject(a.kube, {...map, data: {stopped: JSON.stringify(forged)}}, {fieldManager: 'editor', force: true})
    ended(await a.berth(['app', 'start', 'p', '--no-wait', ...at()]), 0)
    const spec = specOf(await get(apps1, 'DaemonSet', 'p-agent')).template.spec as {hostPID?: boolean}
    expect([spec.hostPID, await selector('p')]).to.deep.equal([undefined, {a: 'b'}])
    // What was lost is what the package says.
    expect(await replicas('Deployment', 'p')).to.equal(3)
    ended(await a.berth(['app', 'config', 'p', '--set', 'text=three', ...at()]), 0)
    expect(await selector('p')).to.deep.equal({'kubernetes.io/os': 'linux'})
  })

  it('refuses to stop what others use, and takes them along in order', async () => {
    const refused = ended(await a.berth(['app', 'stop', 'st', ...at()]), 4, 'app.in-use')
    expect(refused.json.error.details).to.deep.equal([{ref: `${namespace}/w`, parameter: 'database'}])
    expect(refused.json.error.hint.join()).to.include('--cascade').and.include(`berth app stop ${namespace}/w`)
    expect(await replicas('Deployment', 'st')).to.equal(1)
    const wants = await a.berth(['app', 'stop', 'st', '--cascade', '-n', namespace, '--json'])
    ended(wants, 4, 'confirmation.required')
    const stopped = ended(await a.berth(['app', 'stop', 'st', '--cascade', ...at()]), 0)
    const order = stopped.json.result.items.map(({app}: {app: {name: string}}) => app.name)
    expect(order).to.deep.equal(['w', 'st'])
    expect([await replicas('Deployment', 'w'), await replicas('Deployment', 'st')]).to.deep.equal([0, 0])

    const alone = ended(await a.berth(['app', 'start', 'w', ...at()]), 4, 'app.stopped')
    expect(alone.json.error.details).to.deep.equal([{ref: `${namespace}/st`, parameter: 'database'}])
    const started = ended(await a.berth(['app', 'start', 'w', '--cascade', ...at()]), 0)
    expect(started.json.result.items.map(({app}: {app: {name: string}}) => app.name)).to.deep.equal(['st', 'w'])
    expect([await replicas('Deployment', 'w'), await replicas('Deployment', 'st')]).to.deep.equal([1, 1])

    ended(await a.berth(['app', 'stop', 'st', '--force', ...at()]), 0)
    expect([await replicas('Deployment', 'w'), await replicas('Deployment', 'st')]).to.deep.equal([1, 0])
    ended(await a.berth(['app', 'start', 'st', ...at()]), 0)
  })

  it('starts beside a record that cannot be read: nobody can tell that its app is stopped', async () => {
    ended(await a.berth(['app', 'stop', 'w', ...at()]), 0)
    const record = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'berth.st'}
    const {current} = (await getObject(a.kube, record)).data as {current: string}
    await mergePatch(a.kube, record, {data: {current: '[]'}}, {fieldManager: 'editor'})
    try {
      const users = ended(await a.berth(['app', 'status', 'w', ...at().slice(0, 2), '--json']), 0).json.result
      expect(users.uses).to.containSubset([{parameter: 'database', state: 'corrupt'}])
      ended(await a.berth(['app', 'start', 'w', ...at()]), 0)
    } finally {
      await mergePatch(a.kube, record, {data: {current}}, {fieldManager: 'editor'})
    }
    expect(await replicas('Deployment', 'w')).to.equal(1)
  })

  it('refuses to delete data at what is stopped, before anything is removed', async () => {
    ended(await a.berth(['app', 'stop', 'st', '--cascade', ...at()]), 0)
    const refused = ended(await a.berth(['app', 'uninstall', 'w', '--delete-data', ...at()]), 4, 'app.stopped')
    expect(refused.json.error.hint).to.include(`berth app start ${namespace}/st   first`)
    expect(await replicas('Deployment', 'w')).to.equal(0)
    ended(await a.berth(['app', 'start', 'w', '--cascade', ...at()]), 0)
  })

  it('offers at a terminal to start what an app uses', async () => {
    ended(await a.berth(['app', 'stop', 'st', '--cascade', ...at()]), 0)
    const terminal = new Terminal(['app', 'start', 'w', '-n', namespace], {home: await a.newHome(), columns: 200})
    try {
      await terminal.answer('Start that first?')
      await terminal.answer(`Start ${namespace}/st and ${namespace}/w?`)
      await terminal.see('EXIT 0')
    } finally {
      terminal.close()
    }
    expect([await replicas('Deployment', 'w'), await replicas('Deployment', 'st')]).to.deep.equal([1, 1])
  })

  it('several in one call, by name, label or all', async () => {
    const all = ended(await a.berth(['app', 'stop', '--all', ...at()]), 0).json.result.items as {app: {name: string}}[]
    expect(all.map(({app}) => app.name)).to.have.members(['p', 'w', 'st'])
    expect(all.findIndex(({app}) => app.name === 'w')).to.be.lessThan(all.findIndex(({app}) => app.name === 'st'))
    ended(await a.berth(['app', 'start', '-l', 'berth.dev/package=store', ...at()]), 0)
    expect([await replicas('Deployment', 'w'), await replicas('Deployment', 'st')]).to.deep.equal([0, 1])
    ended(await a.berth(['app', 'start', 'p', 'w', ...at()]), 0)
    ended(await a.berth(['app', 'stop', 'p', '--all', ...at()]), 2, 'usage.invalid')
    ended(await a.berth(['app', 'stop', 'nobody', ...at()]), 3, 'app.not-found')
  })

  it('restarts by components, and no later change restarts again', async () => {
    const before = await uids('p')
    const run = ended(await a.berth(['app', 'restart', 'p', '--component', 'web', ...at()]), 0)
    expect(shortOf(item(run).plan)).to.deep.equal(['restart Deployment'])
    const after = await staying('p')
    const web = after.filter(({metadata}) => metadata.labels?.['app.kubernetes.io/component'] === 'web')
    expect(web.filter(({metadata}) => before.includes(metadata.uid))).to.deep.equal([])
    const others = after.filter(pod => !web.includes(pod)).map(({metadata}) => metadata.uid)
    expect(before).to.include.members(others)
    const now = await uids('p')
    ended(await a.berth(['app', 'config', 'p', '--set', 'chore=dust', ...at()]), 0)
    expect(await uids('p')).to.deep.equal(now)
    ended(await a.berth(['app', 'restart', 'p', '--component', 'wep', ...at()]), 2, 'usage.invalid')
  })

  it('a start that cannot be says why at once; it can be taken back and mended', async () => {
    ended(await a.berth(['app', 'stop', 'p', ...at()]), 0)
    ended(await a.berth(['app', 'config', 'p', '--set', 'image=docker.io/library/nothing:1', ...at()]), 0)
    const failed = ended(await a.berth(['app', 'start', 'p', ...at()]), 6, 'operation.failed')
    expect(failed.json.error.message).to.match(/nothing:1/)
    ended(await a.berth(['app', 'config', 'p', '--unset', 'image', ...at()]), 4, 'app.unfinished')
    ended(await a.berth(['app', 'abort', 'p', ...at()]), 0)
    expect([(await anchorOf(a.kube, namespace, 'p'))?.phase, await pods('p')]).to.deep.equal(['stopped', []])
    ended(await a.berth(['app', 'config', 'p', '--unset', 'image', ...at()]), 0)
    ended(await a.berth(['app', 'start', 'p', ...at()]), 0)
    expect(await replicas('Deployment', 'p')).to.equal(3)
  })

  it('killed at each write: counts are never lost, whatever comes next', async () => {
    const cases = [1, 2, 3, 4, 5].flatMap(n => (['before', 'after'] as const).map(moment => ({n, moment})))
    const names = cases.map(({n, moment}) => `k-${n}${moment[0]}`)
    await atMost(
      3,
      names.map(name => async () => {
        ended(await a.berth(['app', 'install', 'plain', name, ...at()]), 0)
        ended(await a.berth(['app', 'scale', name, 'app=2', ...at()]), 0)
      }),
    )
    const state = async (name: string) => [
      await replicas('StatefulSet', name),
      (await anchorOf(a.kube, namespace, name))?.phase,
    ]
    const results = await atMost(
      3,
      cases.map(({n, moment}, index) => async () => {
        const name = names[index] ?? ''
        const next = (verb: string) => async () => ended(await a.berth(['app', verb, name, ...at()]), 0)
        const stop = await killedAtWrite(a, ['app', 'stop', name, ...at()], name, n, moment)
        const half = (await anchorOf(a.kube, namespace, name))?.pending !== undefined
        // Once begun it can be gone on with; whether or not, the same command again does it.
        await next(half && n % 2 === 0 ? 'resume' : 'stop')()
        expect(await state(name), `${name} stopped`).to.deep.equal([0, 'stopped'])
        const start = await killedAtWrite(a, ['app', 'start', name, ...at()], name, n, moment)
        const begun = (await anchorOf(a.kube, namespace, name))?.pending !== undefined
        if (begun && n % 2 === 1) {
          await next('abort')()
          expect(await state(name), `${name} stopped again`).to.deep.equal([0, 'stopped'])
        }
        await next('start')()
        expect(await state(name), `${name} started`).to.deep.equal([2, 'running'])
        return [stop.killed !== undefined, start.killed !== undefined]
      }),
    )
    expect(results.slice(0, 4).flat(), 'first writes are there to be killed at').to.not.include(false)
    expect(results.at(-1), 'all writes were tried').to.deep.equal([false, false])
  })
  it('custom resources by what their package says, and not at all where it says nothing', async () => {
    const kinds = ['Crew', 'Badge', 'Ghost'].map(definitionOf)
    for (const kind of kinds) await applyObject(a.kube, kind, {fieldManager: 'test'})
    try {
      await until(async () => (await a.berth(['app', 'install', 'crew', 'c', ...at()])).exitCode === 0)
      const crew = async () => (await get('crew.berth.test/v1', 'Crew', 'c')).spec
      ended(await a.berth(['app', 'stop', 'c', ...at()]), 0)
      expect(await crew()).to.deep.equal({size: 0, port: 'Bremen', resting: true})
      ended(await a.berth(['app', 'config', 'c', '--set', 'size=5', ...at()]), 0)
      expect(await crew()).to.deep.equal({size: 0, port: 'Bremen', resting: true})
      ended(await a.berth(['app', 'config', 'c', '--set', 'ghost=true', ...at()]), 4, 'stop.refused')
      ended(await a.berth(['app', 'start', 'c', ...at()]), 0)
      expect(await crew()).to.deep.equal({size: 5, port: 'Bremen'})
      ended(await a.berth(['app', 'config', 'c', '--set', 'ghost=true', '--set', 'size=2', ...at()]), 0)
      const refused = ended(await a.berth(['app', 'stop', 'c', ...at()]), 4, 'stop.refused')
      expect(refused.json.error.details.objects).to.deep.equal([`Ghost.crew.berth.test/${namespace}/c`])
      expect(await crew()).to.deep.equal({size: 2, port: 'Bremen'})
      ended(await a.berth(['app', 'uninstall', 'c', ...at()]), 0)
    } finally {
      for (const {apiVersion, kind, metadata} of kinds)
        await deleteObject(a.kube, {apiVersion, kind, name: metadata.name})
    }
  })

  it('uninstalls with those that use it, first', async () => {
    const cascade = ['app', 'uninstall', 'st', '--cascade']
    const planned = ended(await a.berth([...cascade, '--dry-run', ...at()]), 0).json.result
    const users = (result: {users: {app: {name: string}}[]}) => result.users.map(({app}) => app.name)
    expect([users(planned), planned.outcome]).to.deep.equal([['w'], null])
    ended(await a.berth(['app', 'uninstall', 'st', ...at()]), 4, 'app.in-use')
    ended(await a.berth([...cascade, '--plan', 'other', ...at()]), 4, 'plan.changed')
    const done = ended(await a.berth([...cascade, '--plan', planned.plan.hash, ...at()]), 0).json.result
    expect([users(done), done.outcome.operation]).to.deep.equal([['w'], 'uninstall'])
    expect([await anchorOf(a.kube, namespace, 'w'), await anchorOf(a.kube, namespace, 'st')]).to.deep.equal([
      undefined,
      undefined,
    ])
  })
})

/** Any fields, and no controller. */
const definitionOf = (kind: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {name: `${kind.toLowerCase()}s.crew.berth.test`},
  spec: {
    group: 'crew.berth.test',
    scope: 'Namespaced',
    names: {kind, plural: `${kind.toLowerCase()}s`},
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {openAPIV3Schema: {type: 'object', 'x-kubernetes-preserve-unknown-fields': true}},
      },
    ],
  },
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 30; tries++) {
    if (await holds()) return
    await new Promise(resolve => setTimeout(resolve, 500))
  }
  throw new Error('it did not come true')
}
