import {setTimeout as pass} from 'node:timers/promises'
import {expect} from 'chai'
import fc from 'fast-check'
import {
  createObject,
  deleteObject,
  type Kube,
  type KubeObject,
  mergePatch,
  type WatchEvent,
  type WatchOptions,
  watchObjects,
} from '../../src/lib/kube/index.ts'
import type {FaultProxy} from '../faults/proxy.ts'
import {connectThroughFaults, failure, suite} from './support.ts'

const write = {fieldManager: 'test'}
const kind = {apiVersion: 'v1', kind: 'ConfigMap'}
const gone = {kind: 'Status', status: 'Failure', reason: 'Expired', message: 'too old resource version', code: 410}

describe('kube: watch', function () {
  this.timeout(40_000)
  const s = suite('kube-watch')
  let kube: Kube
  let proxy: FaultProxy
  let close: () => Promise<void>
  let abort: AbortController
  beforeEach(async () => {
    ;({kube, proxy, close} = await connectThroughFaults())
    abort = new AbortController()
  })
  afterEach(async () => {
    abort.abort()
    await close()
  })

  const create = (name: string, data = {}) =>
    createObject(s.kube, {...kind, metadata: {name, namespace: s.namespace, labels: {watched: 'yes'}}, data}, write)
  const ref = (name: string) => ({...kind, namespace: s.namespace, name})
  const patch = (name: string, data: object) => mergePatch(s.kube, ref(name), {data}, write)
  const remove = (name: string) => deleteObject(s.kube, ref(name))

  /** Keeps what a consumer would believe, and every event; `until` waits for a belief. */
  function follow(options: Partial<WatchOptions> = {}, slow?: () => Promise<void>) {
    const events: WatchEvent[] = []
    const believed = new Map<string, KubeObject>()
    const done = (async () => {
      const watch = watchObjects(kube, kind, {
        namespace: s.namespace,
        labelSelector: 'watched=yes',
        signal: abort.signal,
        ...options,
      })
      for await (const event of watch) {
        events.push(event)
        if (event.type === 'synced') {
          believed.clear()
          for (const object of event.objects) believed.set(object.metadata.name, object)
        } else if (event.type === 'deleted') {
          if (!believed.delete(event.object.metadata.name)) throw new Error('deleted what was not there')
        } else {
          if ((event.type === 'added') === believed.has(event.object.metadata.name))
            throw new Error(`${event.type} out of place`)
          believed.set(event.object.metadata.name, event.object)
        }
        await slow?.()
      }
    })()
    const until = async (true_: () => boolean, what = 'it') => {
      for (let i = 0; i < 300 && !true_(); i++) await Promise.race([pass(50), done])
      if (!true_()) throw new Error(`${what} did not come to pass`)
    }
    const types = () => events.map(event => event.type)
    return {events, believed, done, until, types}
  }
  const watchesSeen = () => proxy.requests.filter(line => line.includes('watch=true')).length

  it('gives the state, then every change, until it is told to stop', async () => {
    await create('a', {n: '0'})
    const seen = follow()
    await seen.until(() => seen.events.length === 1)
    await create('b')
    await patch('a', {n: '1'})
    await remove('b')
    await seen.until(() => seen.events.length === 4)
    expect(seen.types()).to.deep.equal(['synced', 'added', 'modified', 'deleted'])
    expect(seen.believed.get('a')?.data).to.deep.equal({n: '1'})
    expect(seen.events[0]).to.have.nested.property('objects[0].kind', 'ConfigMap')
    abort.abort()
    await seen.done
    await remove('a')
  })

  it('follows one object by name', async () => {
    const seen = follow({name: 'only'})
    await seen.until(() => seen.events.length === 1)
    await create('other')
    await create('only')
    await remove('only')
    await seen.until(() => seen.events.length === 3)
    expect(seen.types()).to.deep.equal(['synced', 'added', 'deleted'])
    await remove('other')
  })

  it('goes on where a lost connection left off, at whatever byte, without a new list', async () => {
    for (const cutAt of [0, 1, 200, 700, 1500])
      proxy.inject({on: /watch=true/, fault: {cutAt, by: cutAt % 2 === 0 ? 'reset' : 'end'}})
    const seen = follow()
    await seen.until(() => seen.events.length === 1)
    for (let i = 0; i < 12; i++) {
      await create(`cut-${i}`, {i: String(i)})
      await pass(40)
    }
    await seen.until(() => seen.believed.size === 12 && watchesSeen() >= 5)
    expect(seen.types().filter(type => type === 'synced')).to.have.length(1)
    expect(seen.types().filter(type => type === 'added')).to.have.length(12)
    await Promise.all(Array.from({length: 12}, (_, i) => remove(`cut-${i}`)))
    await seen.until(() => seen.believed.size === 0)
  })

  it('notices a connection that says nothing any more', async () => {
    proxy.inject({on: /watch=true/, fault: {stallAt: 0}})
    proxy.inject({on: /watch=true/, skip: 0, fault: {stallAt: 300}})
    const seen = follow({idleTimeout: 500})
    await seen.until(() => seen.events.length === 1)
    await create('silent')
    await seen.until(() => seen.believed.has('silent'))
    await patch('silent', {a: '1'})
    await seen.until(() => (seen.believed.get('silent')?.data as {a?: string})?.a === '1')
    expect(seen.types()).to.deep.equal(['synced', 'added', 'modified'])
    await remove('silent')
  }).timeout(60_000)

  it('gives the whole state again where the server has forgotten: 410 as an answer and as an event', async () => {
    proxy.inject({on: /watch=true/, fault: {answer: 410, body: JSON.stringify(gone)}})
    proxy.inject({on: /watch=true/, fault: {answer: 200, body: `${JSON.stringify({type: 'ERROR', object: gone})}\n`}})
    const seen = follow()
    await create('forgotten')
    await seen.until(
      () => seen.types().filter(type => type === 'synced').length === 3 && seen.believed.has('forgotten'),
    )
    await remove('forgotten')
    await seen.until(() => !seen.believed.has('forgotten'))
  })

  it('goes on after error events and 5xx, and does not spin', async () => {
    const error = {kind: 'Status', status: 'Failure', reason: 'InternalError', message: 'etcd is away', code: 500}
    proxy.inject({
      on: /watch=true/,
      times: 1,
      fault: {answer: 200, body: `${JSON.stringify({type: 'ERROR', object: error})}\n`},
    })
    proxy.inject({on: /watch=true/, times: 1, fault: {answer: 503}})
    proxy.inject({on: /watch=true/, times: 1, fault: {answer: 200, body: '{"type":"ADDED","obj'}})
    proxy.inject({on: /watch=true/, times: 1, fault: {answer: 200, body: ''}})
    const started = performance.now()
    const seen = follow()
    await seen.until(() => watchesSeen() === 5, 'the fifth watch')
    // Four failures in a row: 100 + 200 + 400 + 800 ms at least.
    expect(performance.now() - started).to.be.above(1500)
    await create('after-errors')
    await seen.until(() => seen.believed.has('after-errors'))
    expect(seen.types().filter(type => type === 'synced')).to.have.length(1)
    await remove('after-errors')
  }).timeout(60_000)

  it('survives a restart of the API server', async () => {
    const seen = follow()
    await seen.until(() => seen.events.length === 1)
    const {port} = proxy
    await proxy.close()
    await create('meanwhile')
    await pass(1500)
    const again = await connectThroughFaults({port})
    try {
      await seen.until(() => seen.believed.has('meanwhile'))
      expect(seen.types()).to.deep.equal(['synced', 'added'])
      abort.abort()
      await seen.done
    } finally {
      await again.close()
      proxy.close = async () => undefined
      await remove('meanwhile')
    }
  })

  it('gives up after its patience, and at once where going on is pointless', async () => {
    const seen = follow({patience: 1000})
    await seen.until(() => seen.events.length === 1)
    proxy.inject({times: 1000, fault: {answer: 503}})
    proxy.cutAll()
    expect((await failure(seen.done)).code).to.equal('cluster.unavailable')
    proxy.calm()
    const forbidden = {
      kind: 'Status',
      reason: 'Forbidden',
      message:
        'configmaps is forbidden: User "x" cannot watch resource "configmaps" in API group "" in the namespace "y"',
      code: 403,
    }
    proxy.inject({on: /watch=true/, fault: {answer: 403, body: JSON.stringify(forbidden)}})
    const refused = await failure(follow().done)
    expect(refused.code).to.equal('cluster.forbidden')
    expect(refused.message).to.contain('may not watch configmaps')
  })

  it('stops at once when told, in every state, without an error', async () => {
    for (const fault of [undefined, {stallAt: 0}, {answer: 503}, {answer: 410, body: JSON.stringify(gone)}]) {
      const stop = new AbortController()
      if (fault !== undefined) proxy.inject({on: /watch=true/, times: 100, fault})
      const seen = follow({signal: stop.signal})
      await seen.until(() => seen.events.length > 0)
      await pass(150)
      const started = performance.now()
      stop.abort()
      await seen.done
      expect(performance.now() - started).to.be.below(300)
      proxy.calm()
    }
    const stopped = new AbortController()
    stopped.abort()
    expect(await watchObjects(kube, kind, {signal: stopped.signal}).next()).to.deep.equal({
      done: true,
      value: undefined,
    })
  })

  it('closes its connection when the loop is left', async () => {
    for await (const event of watchObjects(kube, kind, {namespace: s.namespace})) {
      expect(event.type).to.equal('synced')
      break
    }
    await create('left')
    for await (const event of watchObjects(kube, kind, {namespace: s.namespace})) {
      if (event.type === 'synced') await patch('left', {x: '1'})
      if (event.type === 'modified') break
    }
    await remove('left')
  })

  it('believes what the cluster holds, whatever is cut, stalled or forgotten (property)', async function () {
    this.timeout(120_000)
    const fault = fc.oneof(
      fc.record({cutAt: fc.nat(3000), by: fc.constantFrom('reset' as const, 'end' as const)}),
      fc.record({stallAt: fc.nat(2000)}),
      fc.constant({answer: 410, body: JSON.stringify(gone)}),
      fc.constant({answer: 500}),
    )
    const change = fc.record({
      name: fc.constantFrom('p0', 'p1', 'p2', 'p3'),
      what: fc.constantFrom('set', 'set', 'remove'),
      value: fc.string({maxLength: 5, unit: 'grapheme-ascii'}),
      pause: fc.nat(60),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, {maxLength: 6}),
        fc.array(change, {minLength: 5, maxLength: 25}),
        async (faults, changes) => {
          const stop = new AbortController()
          for (const each of faults) proxy.inject({on: /watch=true/, fault: each})
          const seen = follow({signal: stop.signal, idleTimeout: 400}, () => pass(5))
          const truth = new Map<string, string>()
          for (const {name, what, value, pause} of changes) {
            if (what === 'remove') await remove(name)
            else if (truth.has(name)) await patch(name, {value})
            else await create(name, {value})
            if (what === 'remove') truth.delete(name)
            else truth.set(name, value)
            await pass(pause)
          }
          const believes = () =>
            [...seen.believed]
              .map(([name, object]) => `${name}=${(object.data as {value: string}).value}`)
              .sort()
              .join()
          const expected = [...truth]
            .map(([name, value]) => `${name}=${value}`)
            .sort()
            .join()
          await seen.until(() => believes() === expected, `believing ${expected}`)
          stop.abort()
          await seen.done
          proxy.calm()
          for (const name of truth.keys()) await remove(name)
        },
      ),
      {numRuns: 12, endOnFailure: true},
    )
  })
})
