import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import {createObject, findObject, getObject, scaleObject} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, ended, remove} from './apps.ts'
import {ingress} from './ingress.ts'
import {serveMetrics} from './metrics.ts'

describe('apps: scale and autoscale', function () {
  this.timeout(120_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  const deployment = (name: string) => ({apiVersion: 'apps/v1', kind: 'Deployment', namespace, name})
  const replicas = async (name: string) =>
    ((await getObject(a.kube, deployment(name))).spec as {replicas: number}).replicas
  const hpa = (name: string) =>
    findObject(a.kube, {apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', namespace, name})
  const budget = (name: string) =>
    findObject(a.kube, {apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', namespace, name})
  const rows = async (app: string) =>
    ended(await a.berth(['app', 'scale', app, ...at()]), 0).json.result.components as Record<string, unknown>[]

  before(async () => {
    namespace = await a.namespace('app-scale')
    ended(await a.berth(['app', 'install', 'site', 's', ...at()]), 0)
    ended(await a.berth(['app', 'install', 'store', 'st', ...at()]), 0)
  })

  it('shows counts, sets them, and leaves what others chose', async () => {
    const [row] = await rows('s')
    const {component, kind, wanted, ready, min, max, autoscaler, by} = row ?? {}
    expect([component, kind, wanted, ready, min, max, autoscaler, by]).to.deep.equal([
      'web',
      'Deployment',
      2,
      2,
      1,
      20,
      null,
      'berth',
    ])
    expect(await budget('s-web')).to.not.equal(undefined)
    const run = ended(await a.berth(['app', 'scale', 's', 'web=3', ...at()]), 0)
    expect(run.json.result.plan.steps.filter((step: {do: string}) => step.do === 'scale')).to.have.length(1)
    expect(run.json.result.components[0].ready).to.equal(3)
    expect(ended(await a.berth(['app', 'scale', 's', 'web=3', ...at()]), 0).json.result.plan.changes).to.equal(false)
    await scaleObject(a.kube, deployment('s'), 4, {fieldManager: 'kubectl'})
    ended(await a.berth(['app', 'config', 's', '--set', 'title=Two', ...at()]), 0)
    expect(await replicas('s')).to.equal(4)
    expect((await rows('s'))[0]?.by).to.equal('kubectl')
    // One is not spread, so nothing guards it.
    ended(await a.berth(['app', 'scale', 's', 'web=1', ...at()]), 0)
    expect([await replicas('s'), await budget('s-web')]).to.deep.equal([1, undefined])
  })

  it('refuses what the package does not allow', async () => {
    ended(await a.berth(['app', 'scale', 's', 'web=0', ...at()]), 4, 'scale.refused')
    ended(await a.berth(['app', 'scale', 's', 'web=21', ...at()]), 4, 'scale.refused')
    const single = ended(await a.berth(['app', 'scale', 'st', 'server=2', ...at()]), 4, 'scale.refused')
    expect(single.json.error.message).to.include('only one')
    ended(await a.berth(['app', 'autoscale', 'st', '--max', '3', ...at()]), 4, 'scale.refused')
    ended(await a.berth(['app', 'scale', 's', 'wep=2', ...at()]), 2, 'usage.invalid')
    ended(await a.berth(['app', 'scale', 's', 'web', ...at()]), 2, 'usage.invalid')
    ended(await a.berth(['app', 'autoscale', 's', '--min', '5', '--max', '2', ...at()]), 4, 'scale.refused')
    ended(await a.berth(['app', 'autoscale', 's', '--metric', 'rate', ...at()]), 2, 'usage.invalid')
    ended(await a.berth(['app', 'autoscale', 's', '--external', 'jobs@Service/s-web=1', ...at()]), 2, 'usage.invalid')
    expect(await replicas('s')).to.equal(1)
  })

  it('of a stopped app, changes what a start brings', async () => {
    ended(await a.berth(['app', 'stop', 's', ...at()]), 0)
    const run = ended(await a.berth(['app', 'scale', 's', 'web=2', ...at()]), 0).json.result
    expect([await replicas('s'), run.components[0].afterStart]).to.deep.equal([0, 2])
    ended(await a.berth(['app', 'start', 's', ...at()]), 0)
    expect(await replicas('s')).to.equal(2)
    ended(await a.berth(['app', 'scale', 's', 'web=1', ...at()]), 0)
  })

  it('an autoscaler that can measure nothing is in the verdict of an app that is well', async () => {
    ended(await a.berth(['app', 'autoscale', 's', '--max', '3', '--cpu', '0', '--external', 'nobody=1', ...at()]), 0)
    const status = async () => ended(await a.berth(['app', 'status', 's', '-n', namespace, '--json']), 0).json.result
    let found = await status()
    for (const end = Date.now() + 60_000; Date.now() < end && found.verdict.reason === null; found = await status())
      await sleep(1000)
    expect(found.verdict).to.deep.include({healthy: true, reason: 'FailedGetExternalMetric'})
    expect(found.verdict.message).to.match(/^everything is ready, but HorizontalPodAutoscaler s: .*it cannot measure/)
    expect(found.verdict.next).to.match(/^kubectl get apiservices /)
    const {stdout} = await a.berth(['app', 'status', 's', '-n', namespace])
    const [row = ''] = stdout.split('\n').filter(line => line.startsWith('HorizontalPodAutoscaler'))
    expect(row).to.include('FailedGetExternalMetric').and.to.have.length.below(160)
    ended(await a.berth(['app', 'autoscale', 's', '--off', ...at()]), 0)
    expect((await status()).verdict.reason).to.equal(null)
  })

  it('wakes what somebody set to none while an autoscaler chooses, which rests for ever otherwise', async () => {
    ended(await a.berth(['app', 'autoscale', 's', '--min', '2', '--max', '4', '--cpu', '90', ...at()]), 0)
    await scaleObject(a.kube, deployment('s'), 0, {fieldManager: 'kubectl'})
    const status = async () => ended(await a.berth(['app', 'status', 's', '-n', namespace, '--json']), 0).json.result
    let {verdict} = await status()
    for (const end = Date.now() + 30_000; Date.now() < end && verdict.reason !== 'ScaledToZero'; ) {
      await sleep(500)
      verdict = (await status()).verdict
    }
    expect(verdict).to.include({reason: 'ScaledToZero', healthy: false})
    expect(verdict.next).to.match(/^berth app start s /)
    const started = ended(await a.berth(['app', 'start', 's', ...at()]), 0).json.result.items[0]
    expect(started.plan.steps).to.containSubset([{do: 'scale', from: 0}])
    expect((await status()).verdict.healthy).to.equal(true)
    // Also where a stop came in between.
    await scaleObject(a.kube, deployment('s'), 0, {fieldManager: 'kubectl'})
    ended(await a.berth(['app', 'stop', 's', ...at()]), 0)
    ended(await a.berth(['app', 'start', 's', ...at()]), 0)
    expect(await replicas('s')).to.be.greaterThan(0)
    ended(await a.berth(['app', 'autoscale', 's', '--off', ...at()]), 0)
  })

  it('autoscales under load, through changes and a stop', async function () {
    this.timeout(900_000)
    const until = async (what: string, holds: (count: number) => boolean) => {
      for (let tries = 0; tries < 200; tries++) {
        const count = await replicas('s')
        if (holds(count)) return count
        await sleep(1500)
      }
      const found = await hpa('s')
      throw new Error(`${what}: ${JSON.stringify(found?.status)}`)
    }
    const turnOn = ['app', 'autoscale', 's', '--max', '3', '--cpu', '20', '--patience', '5s', ...at()]
    const on = ended(await a.berth(turnOn), 0).json.result
    expect(on.components[0].autoscaler).to.deep.equal({name: 's', min: 1, max: 3, metrics: ['cpu 20%']})
    expect((await hpa('s'))?.metadata.labels).to.include({'app.kubernetes.io/component': 'web'})
    expect(ended(await a.berth(turnOn), 0).json.result.plan.changes).to.equal(false)
    const refused = ended(await a.berth(['app', 'scale', 's', 'web=2', ...at()]), 4, 'scale.refused')
    expect(refused.json.error.hint.join()).to.include('app autoscale s')

    await createObject(a.kube, load(namespace), {fieldManager: 'test'})
    const out = await until('it scales out', count => count > 1)
    ended(await a.berth(['app', 'config', 's', '--set', 'title=Three', ...at()]), 0)
    expect(await replicas('s')).to.be.at.least(out)
    expect((await rows('s'))[0]?.by).to.equal('autoscaler')

    // Stopped under load it stays stopped, and comes back as it was.
    const before = await replicas('s')
    ended(await a.berth(['app', 'stop', 's', ...at()]), 0)
    await sleep(20_000)
    expect([await replicas('s'), (await hpa('s'))?.kind]).to.deep.equal([0, 'HorizontalPodAutoscaler'])
    ended(await a.berth(['app', 'start', 's', '--no-wait', ...at()]), 0)
    const after = (await anchorOf(a.kube, namespace, 's'))?.history[0]
    expect([after.kind, (await replicas('s')) >= Math.min(before, 2)]).to.deep.equal(['start', true])

    await remove(a.kube, 'Pod', namespace, 'load')
    await until('it scales in', count => count === 1)
    ended(await a.berth(['app', 'autoscale', 's', '--off', ...at()]), 0)
    expect([await hpa('s'), await replicas('s')]).to.deep.equal([undefined, 1])
  })

  it('autoscales by metrics of the pods, of what is outside, and of an object of the app', async function () {
    this.timeout(300_000)
    if (ingress === undefined) this.skip() // another cluster than the sandbox: it does not reach this process
    const {now, stop} = await serveMetrics(a.kube, namespace)
    try {
      const by = (...words: string[]) => a.berth(['app', 'autoscale', 's', ...words, ...at()])
      now.load = 150
      const on = await by('--max', '3', '--cpu', '0', '--metric', 'load=100', '--patience', '5s')
      expect(ended(on, 0).json.result.components[0].autoscaler.metrics).to.deep.equal(['load 100'])
      const until = async (count: number) => {
        for (let tries = 0; tries < 120 && (await replicas('s')) !== count; tries++) await sleep(1000)
        expect(await replicas('s'), JSON.stringify((await hpa('s'))?.status)).to.equal(count)
      }
      await until(2)
      now.load = 50
      await until(1)
      now.jobs = 70
      const outside = ended(await by('--external', 'jobs{queue=mail}=30', '--metric', 'load=0'), 0)
      expect(outside.json.result.components[0].autoscaler.metrics).to.deep.equal(['jobs{queue=mail} 30'])
      await until(3)
      now.requests = 120
      const none = ended(await by('--metric', 'requests@Service/nope=100'), 4, 'scale.refused')
      expect(none.json.error.message).to.contain('goes by Service/nope')
      const object = await by('--metric', 'requests@Service/s-web=100', '--external', 'jobs{queue=mail}=0')
      expect(ended(object, 0).json.result.components[0].autoscaler.metrics).to.deep.equal([
        'requests@Service/s-web 100',
      ])
      await until(2)
      ended(await by('--off'), 0)
    } finally {
      await stop()
    }
  })
})

/** Asks the site for its page, without end. */
const load = (namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {name: 'load', namespace},
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'load',
        image: 'docker.io/library/busybox:1.35',
        command: [
          'sh',
          '-c',
          'for i in 1 2 3 4 5 6 7 8 9 10; do while true; do wget -q -O /dev/null http://s-web:8080/ || sleep 1; done & done; wait',
        ],
      },
    ],
  },
})
