import {expect} from 'chai'
import type {FaultProxy, Injection} from '../faults/proxy.ts'
import {anchorOf, apps, atMost, ended, endState, inPod, namesOf, secretOf, throughFaults} from './apps.ts'

const status = (code: number, reason: string, headers?: Record<string, string>) => ({
  answer: code,
  body: JSON.stringify({kind: 'Status', status: 'Failure', message: `injected ${code}`, reason, code}),
  ...(headers !== undefined && {headers}),
})
const writes = /^(POST|PUT|PATCH|DELETE) (?!.*dryRun)/
const anchors = /^PUT .*\/configmaps\/berth\./

/** What goes wrong in one run: a few injections, at requests that another number chooses. */
const troubles: [name: string, inject: (proxy: FaultProxy, n: number) => void][] = [
  [
    '429 with Retry-After',
    proxy => proxy.inject({on: writes, times: 5, fault: status(429, 'TooManyRequests', {'retry-after': '1'})}),
  ],
  ['500 at every fourth write', proxy => every(proxy, 4, {on: writes, fault: status(500, 'InternalError')})],
  ['503 at reads', proxy => every(proxy, 5, {on: /^GET/, fault: status(503, 'ServiceUnavailable')})],
  ['409 at every other write of an anchor', proxy => every(proxy, 2, {on: anchors, fault: status(409, 'Conflict')})],
  ['answers of writes cut', (proxy, n) => every(proxy, 3 + n, {on: writes, fault: {cutAt: 0}})],
  ['writes cut on their way', (proxy, n) => every(proxy, 3 + n, {on: writes, fault: {cutAt: 10, of: 'request'}})],
  ['anything cut', (proxy, n) => every(proxy, 7 + n, {fault: {cutAt: 0}})],
  ['answers of the anchor’s writes lost', proxy => every(proxy, 2, {on: anchors, fault: {cutAt: 0}})],
]

/** Strikes at each n-th request. Injections that pass a request count it, those before them do not see it. */
function every(proxy: FaultProxy, n: number, injection: Injection): void {
  proxy.inject({...injection, skip: n - 1, struck: () => every(proxy, n, injection)})
}

describe('apps: an API server in trouble', function () {
  this.timeout(240_000)
  const a = apps()
  let namespace = ''
  let reference = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  const install = (app: string) => ['app', 'install', 'worker', app, '--set', 'database=app:st', ...at()]
  before(async () => {
    namespace = await a.namespace('app-faults')
    ended(await a.berth(['app', 'install', 'store', 'st', ...at()]), 0)
    ended(await a.berth(install('f00')), 0)
    reference = await endState(a.kube, namespace, 'f00')
  })

  it('install and uninstall: the same end, or a clean failure that one command ends', async () => {
    const told = await atMost(
      4,
      troubles.flatMap(([name, inject], i) =>
        (name.includes('cut') ? [0, 1] : [0]).map(n => async () => {
          const app = `f${i + 1}${n}`
          const through = (args: string[]) =>
            throughFaults((kubeconfig, proxy) => {
              inject(proxy, n)
              return a.berth(args, {kubeconfig})
            })
          const come = await through(install(app))
          expect(come.exitCode, `${name}: ${come.stdout}`).to.be.oneOf([0, 5, 6])
          if (come.exitCode !== 0) {
            const there = await anchorOf(a.kube, namespace, app)
            if (there?.pending !== undefined) ended(await a.berth(['app', 'resume', app, ...at()]), 0)
            else if (there?.current === undefined) ended(await a.berth(install(app)), 0)
          }
          expect(await endState(a.kube, namespace, app), name).to.equal(reference)
          const password = await secretOf(a.kube, namespace, app, 'database.password')
          expect(await inPod(a.kube, namespace, 'st', `cat /grants/*_${app}_*`), name).to.equal(`${password}\n`)
          const go = await through(['app', 'uninstall', app, '--delete-data', ...at()])
          expect(go.exitCode, `${name}: ${go.stdout}`).to.be.oneOf([0, 5, 6])
          if (go.exitCode !== 0) {
            const there = await anchorOf(a.kube, namespace, app)
            if (there?.pending !== undefined) ended(await a.berth(['app', 'resume', app, ...at()]), 0)
            else if (there !== undefined) ended(await a.berth(['app', 'uninstall', app, '--delete-data', ...at()]), 0)
          }
          expect(await anchorOf(a.kube, namespace, app), name).to.equal(undefined)
          expect(await namesOf(a.kube, namespace, app), name).to.deep.equal([])
          expect(await inPod(a.kube, namespace, 'st', `ls /grants/*_${app}_* 2>/dev/null; echo`), name).to.equal('\n')
          return `${name}: ${come.exitCode}, ${go.exitCode}`
        }),
      ),
    )
    // Troubles that pass are passed over.
    expect(told[0]).to.equal('429 with Retry-After: 0, 0')
  })
})
