import {expect} from 'chai'
import {apps, ended} from './apps.ts'
import {ingress, probe, through, untilRouted} from './ingress.ts'
import {Lane} from './lane.ts'
import {operations} from './operations.ts'
import {publish} from './reliability.ts'

const perSecond = 50

describe('apps: one that is served', function () {
  this.timeout(900_000)
  const a = apps()
  let lane: Lane
  let host = ''
  const rows: [name: string, requests: number, failed: number][] = []
  const probed = async (name: string, work: () => Promise<unknown>) => {
    const watching = probe(host, '/', perSecond)
    await work()
    const {requests, failures} = await watching.stop()
    rows.push([name, requests, failures.length])
    expect(failures, name).to.deep.equal([])
    expect(requests, name).to.be.greaterThan(5)
  }

  before(async function () {
    if (ingress === undefined) this.skip() // another cluster than the sandbox: its proxy is where its owner put it
    lane = await Lane.open(a, new Map())
    host = `calm.${lane.namespace}.test`
    ended(await lane.run(['app', 'install', 'site', 'calm', '--set', `host=${host}`]), 0)
    await untilRouted(host)
  })
  after(async () => {
    if (rows.length > 0)
      await publish('isolation', [`during, at ${perSecond} requests a second`, 'requests', 'failed'], rows, true)
  })

  it('answers every request while a neighbour in its namespace goes through every operation', async () => {
    for (const operation of operations) await probed(`${operation.name} of a neighbour`, () => lane.survey(operation))
  })

  it('answers every request while its own two pods are replaced', async () => {
    await probed('config of the app itself, two replicas', async () =>
      ended(await lane.run(['app', 'config', 'calm', '--set', 'title=Changed']), 0),
    )
    expect((await through(host, '/')).body).to.include('Changed')
  })
})
