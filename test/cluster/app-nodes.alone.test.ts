import {execFile} from 'node:child_process'
import {setTimeout as sleep} from 'node:timers/promises'
import {promisify} from 'node:util'
import {expect} from 'chai'
import {getObject, listObjects} from '../../src/lib/kube/index.ts'
import {apps, ended} from './apps.ts'
import {ingress, probe, untilRouted} from './ingress.ts'
import {whileWeLive} from './support.ts'

const node = 'node2'

/** Two nodes of the sandbox, one of which goes away. */
describe('apps: a node goes away', function () {
  this.timeout(480_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  const berth = (...args: string[]) => a.berth([...args, ...at()])
  const status = async (app: string) =>
    ended(await a.berth(['app', 'status', app, '-n', namespace, '--json']), 0).json.result
  const podsOf = async (app: string) => {
    const labelSelector = `app.kubernetes.io/instance=${app}`
    const {items} = await listObjects(a.kube, {apiVersion: 'v1', kind: 'Pod'}, {namespace, labelSelector})
    return items.filter(
      ({spec, metadata}) => (spec as {nodeName?: string}).nodeName === node && metadata.deletionTimestamp === undefined,
    )
  }
  const until = async (what: string, holds: () => Promise<boolean>) => {
    for (let tries = 0; tries < 150; tries++) {
      if (await holds()) return
      await sleep(1000)
    }
    throw new Error(`${what}: not within 150 s`)
  }
  const answers = async () => {
    const {status: now} = await getObject(a.kube, {apiVersion: 'v1', kind: 'Node', name: node})
    const {conditions = []} = now as {conditions?: {type: string; status: string}[]}
    return conditions.some(({type, status: is}) => type === 'Ready' && is === 'True')
  }
  const kubectl = (...args: string[]) => promisify(execFile)('kubectl', args)
  const drain = (app: string) =>
    kubectl(
      'drain',
      node,
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      `--pod-selector=app.kubernetes.io/instance=${app}`,
    )

  before(async function () {
    if (ingress === undefined) this.skip() // another cluster than the sandbox: its nodes are not ours to take away
    namespace = await a.namespace('app-nodes')
    const install = async (name: string, app: string, ...more: string[]) => {
      ended(await berth('app', 'install', name, app, ...more), 0)
    }
    const keep = async (app: string) => {
      await install('keeper', app)
      ended(await berth('app', 'scale', app, 'app=2'), 0)
    }
    const host = `served.${namespace}.test`
    await Promise.all([
      install('site', 'served', '--set', `host=${host}`),
      install('site', 'busy'),
      keep('kept'),
      keep('rolled'),
    ])
    await untilRouted(host)
    for (const app of ['served', 'busy', 'kept', 'rolled']) expect(await podsOf(app), app).to.have.length(1)
  })

  it('drained: no request fails, also while it is changed', async () => {
    const asked = probe(`served.${namespace}.test`, '/', 50)
    const undo = await whileWeLive(`kubectl cordon ${node}`, `kubectl uncordon ${node}`)
    await drain('served')
    expect(await podsOf('served')).to.deep.equal([])
    await drain('kept')
    await until('its pod lacks its volume', async () => (await status('kept')).verdict.reason === 'Unschedulable')
    expect((await status('kept')).verdict.next).to.include('uncordon')
    await undo()
    const changing = berth('app', 'config', 'served', '--set', 'title=Two')
    await until('a new pod is there', async () => (await podsOf('served')).length > 0)
    const again = await whileWeLive(`kubectl cordon ${node}`, `kubectl uncordon ${node}`)
    await drain('served')
    ended(await changing, 0)
    await again()
    const {requests, failures} = await asked.stop()
    expect(failures).to.deep.equal([])
    expect(requests).to.be.greaterThan(100)
    ended(await berth('app', 'restart', 'served'), 0)
    await until('its volume is back', async () => (await status('kept')).verdict.healthy)
  })

  it('dead: pods move, and what cannot says why', async () => {
    const host = `served.${namespace}.test`
    expect(await podsOf('served')).to.have.length(1)
    const join = await whileWeLive(`ip link set ${node} down`, `ip link set ${node} up`)
    const changed = berth('app', 'config', 'busy', '--set', 'title=Two')
    const installed = berth('app', 'install', 'site', 'fresh')
    const rolled = berth('app', 'restart', 'rolled')
    await until('the cluster sees it', async () => !(await answers()))
    // Until the proxy has heard of it.
    await sleep(10_000)
    const asked = probe(host, '/', 10)

    const moving = (await status('served')).verdict
    expect(moving).to.deep.include({healthy: false, reason: 'NodeNotReady'})
    expect(moving.message).to.include(
      `its node ${node} does not answer: Kubelet stopped posting node status; another takes its place after 30 s`,
    )
    const waiting = (await status('kept')).verdict
    expect(waiting.message).to.match(
      /NodeNotReady: its node node2 does not answer.*; its volume data-kept-\d is there and nowhere else$/,
    )
    expect(waiting.next).to.include(`kubectl describe node ${node}`)
    const stopped = berth('app', 'stop', 'kept')

    ended(await changed, 0)
    ended(await installed, 0)
    await until('it moved', async () => (await status('served')).verdict.healthy)
    for (const [run, app] of [
      [rolled, 'rolled'],
      [stopped, 'kept'],
    ] as const) {
      const {error} = ended(await run, 6, 'operation.failed').json
      expect(error.message).to.match(/NodeNotReady: its node node2 does not answer.*its volume data-\w+-\d is there/)
      expect(error.hint.join('\n')).to.include(`berth app resume ${app} -n ${namespace}`)
      expect((await status(app)).verdict.message).to.include('is not finished: Pod')
    }

    await join()
    await until('it is back', answers)
    const {requests, failures} = await asked.stop()
    expect([failures, requests > 100]).to.deep.equal([[], true])
    for (const app of ['rolled', 'kept']) ended(await berth('app', 'resume', app), 0)
    expect([(await status('rolled')).verdict.healthy, await podsOf('kept')]).to.deep.equal([true, []])
  })
})
