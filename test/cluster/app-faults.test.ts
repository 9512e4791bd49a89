import {expect} from 'chai'
import type {FaultProxy, Injection} from '../faults/proxy.ts'
import {apps} from './apps.ts'
import {inLanes, Lane, type Outcome, type References} from './lane.ts'
import {calls, operations} from './operations.ts'
import {chosen, how, publish} from './reliability.ts'

const status = (code: number, reason: string, headers?: Record<string, string>) => ({
  answer: code,
  body: JSON.stringify({kind: 'Status', status: 'Failure', message: `injected ${code}`, reason, code}),
  ...(headers !== undefined && {headers}),
})
const writes = /^(POST|PUT|PATCH|DELETE) (?!.*dryRun)/
const anchors = /^PUT .*\/configmaps\/berth\./
/** Milliseconds that an API server is away. */
const away = process.env.BERTH_SOAK === undefined ? 5000 : 30_000

/** What goes wrong in one run. */
const troubles: [name: string, inject: (proxy: FaultProxy) => void][] = [
  [
    'every third answer is 429, with Retry-After',
    p => every(p, 3, {fault: status(429, 'TooManyRequests', {'retry-after': '1'})}),
  ],
  ['500 at every fourth write', p => every(p, 4, {on: writes, fault: status(500, 'InternalError')})],
  ['503 at every fifth read', p => every(p, 5, {on: /^GET/, fault: status(503, 'ServiceUnavailable')})],
  [
    '409 at two of three writes of an anchor',
    p => every(p, 3, {on: anchors, times: 2, fault: status(409, 'Conflict')}),
  ],
  ['every third write takes 2 s longer', p => every(p, 3, {on: writes, fault: {delay: 2000}})],
  ['answers of every third write lost', p => every(p, 3, {on: writes, fault: {cutAt: 0}})],
  ['every fourth write cut on its way', p => every(p, 4, {on: writes, fault: {cutAt: 10, of: 'request'}})],
  ['every seventh answer of any kind lost', p => every(p, 7, {fault: {cutAt: 0}})],
  ['every fifth answer cut in the middle of its body', p => every(p, 5, {fault: {cutAt: 300}})],
  ['answers of every other write of an anchor lost', p => every(p, 2, {on: anchors, fault: {cutAt: 0}})],
  ['cut off while it waits or writes', p => outage(p, 8)],
]

/** Strikes at each n-th request, and as many after it as `times` says. Injections that pass a request count it, those before them do not see it. */
function every(proxy: FaultProxy, n: number, injection: Injection): void {
  const {times = 1} = injection
  let struck = 0
  proxy.inject({
    ...injection,
    skip: n - times,
    struck: () => {
      if (++struck === times) every(proxy, n, injection)
    },
  })
}

/** From the n-th write on, no connection lives for a while. */
function outage(proxy: FaultProxy, n: number): void {
  proxy.inject({
    on: calls.write,
    skip: n - 1,
    fault: {cutAt: 0, of: 'request'},
    struck: () => {
      proxy.inject({times: Number.POSITIVE_INFINITY, fault: {cutAt: 0, of: 'request'}})
      proxy.cutAll()
      setTimeout(() => proxy.calm(), away)
    },
  })
}

describe('apps: an API server in trouble', function () {
  this.timeout(24 * 3_600_000)
  const a = apps()

  it('any operation ends well, or fails in a way that one command ends', async () => {
    const references: References = new Map()
    const lanes = [await Lane.open(a, references), await Lane.open(a, references)]
    // All troubles of one operation follow each other: a few are one of each trouble, at operations that change with the seed.
    const all = troubles.flatMap(([trouble, inject]) => operations.map(operation => ({trouble, inject, operation})))
    for (const state of [
      'plain',
      'busy',
      'climbed',
      'told',
      'scaled',
      'autoscaled',
      'stopped',
      'kept',
      'absent',
    ] as const)
      await lanes[0]?.bring(state)
    const tasks = chosen(all, troubles.length).map(({trouble, inject, operation}) => ({
      operation,
      trouble,
      title: `${operation.name}, ${trouble}`,
      work: (lane: Lane) => lane.trouble(operation, inject),
    }))
    const results = await inLanes(lanes, tasks)
    const rows = troubles.map(([name]) => {
      const own = tasks.flatMap(({trouble}, i) => (trouble === name ? [results[i]] : []))
      const ended = (outcomes: (Outcome | undefined)[]) => own.filter(each => outcomes.includes(each as Outcome)).length
      const wrong = own.filter(each => each instanceof Error).length
      return [name, own.length, ended(['undisturbed']), ended(['resumed', 'done again', 'over']), wrong]
    })
    await publish('faults', ['trouble', 'operations', 'ended well', 'failed, and one command ended it', 'wrong'], rows)
    const failures = results.filter(result => result instanceof Error)
    expect(failures.map(({message}) => message).join('\n\n'), how).to.equal('')
  })
})
