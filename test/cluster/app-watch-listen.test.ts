import {once} from 'node:events'
import {writeFile} from 'node:fs/promises'
import {connect as connectSocket} from 'node:net'
import {join} from 'node:path'
import {expect} from 'chai'
import {WebSocket} from 'ws'
import {createObject, mergePatch, refOf} from '../../src/lib/kube/index.ts'
import {Browser} from '../page/browser.ts'
import {servePage} from '../page/server.ts'
import {apps, ended} from './apps.ts'
import {anchor, Believed, type Event, watch} from './watching.ts'

const write = {fieldManager: 'test'}
const token = 'a-token.of~the-test'

/** A client, and what it has been told. */
interface Listener {
  believed: Believed
  ended: Promise<string>
  close(): void
}

function overWebSocket(url: string, query = ''): Listener {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${query}`, ['berth.events.v1', `berth.token.${token}`])
  const believed = new Believed()
  socket.on('message', data => believed.hear(JSON.parse(String(data)) as Event))
  const over = new Promise<string>((resolve, reject) => {
    socket.on('close', (code, reason) => resolve(`${code} ${reason}`))
    socket.on('error', reject)
  })
  return {believed, ended: over, close: () => socket.terminate()}
}

function overEventStream(url: string, query = '', headers: Record<string, string> = {}): Listener {
  const believed = new Believed()
  const stop = new AbortController()
  const over = (async () => {
    const bearer = {authorization: `Bearer ${token}`, ...headers}
    const response = await fetch(`${url}${query}`, {headers: bearer, signal: stop.signal})
    expect(response.headers.get('content-type')).to.equal('text/event-stream')
    let rest = ''
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      const blocks = `${rest}${Buffer.from(chunk)}`.split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const [id, type, data] = block.split('\n')
        if (id?.startsWith('event: end')) return type ?? ''
        if (!id?.startsWith('id: ')) continue
        const event = JSON.parse(data?.slice('data: '.length) ?? '') as Event
        expect([id, type]).to.deep.equal([`id: ${event.id}`, `event: ${event.type}`])
        believed.hear(event)
      }
    }
    return 'cut'
  })()
  return {
    believed,
    ended: over.catch(error => (stop.signal.aborted ? 'left' : Promise.reject(error))),
    close: () => stop.abort(),
  }
}

describe('app watch --listen: the same for front ends', function () {
  this.timeout(240_000)
  const a = apps()
  const listen = (namespace: string, ...more: string[]) =>
    watch(a, ['-n', namespace, '--listen', '127.0.0.1:0', '--token-env', 'TOKEN', ...more], {env: {TOKEN: token}})
  const setPhase = (namespace: string, name: string, phase: string) =>
    mergePatch(a.kube, refOf(anchor(namespace, name)), {metadata: {labels: {'berth.dev/phase': phase}}}, write)
  const until = async (true_: () => boolean, what: string) => {
    for (let i = 0; i < 1200 && !true_(); i++) await new Promise(pass => setTimeout(pass, 50))
    if (!true_()) throw new Error(`${what} did not come to pass`)
  }

  it('tells 300 clients the same, in order; one that does not read is cut, and no other notices', async () => {
    const namespace = await a.namespace('listen')
    for (const name of ['x', 'fat']) await createObject(a.kube, anchor(namespace, name), write)
    const server = listen(namespace)
    const url = await server.listens()
    const clients = Array.from({length: 300}, (_, i) =>
      i % 2 === 0 ? overWebSocket(url, '?type=phase') : overEventStream(url, '?type=phase'),
    )
    await until(() => clients.every(({believed}) => believed.events.length === 1), '300 snapshots')
    const {port} = new URL(url)
    const deaf = connectSocket(Number(port), '127.0.0.1')
    deaf.write(`GET /events?token=${token} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    await once(deaf, 'readable')
    const count = async () =>
      ((await (await fetch(url.replace('events', 'health'))).json()) as {clients: number}).clients
    expect(await count()).to.equal(301)
    const phases = ['failed', 'running']
    for (let i = 0; i < 150; i++) {
      const step = `${i} ${'x'.repeat(60_000)}`
      const operation = JSON.stringify({kind: 'update', step})
      await mergePatch(
        a.kube,
        refOf(anchor(namespace, 'fat')),
        {metadata: {annotations: {'berth.dev/operation': operation}}},
        write,
      )
      if (i % 10 === 0) await setPhase(namespace, 'x', phases[(i / 10) % 2] ?? '')
    }
    await until(() => clients.every(({believed}) => believed.changes().length === 15), '15 changes at each')
    const told = JSON.stringify(clients[0]?.believed.changes())
    for (const {believed} of clients) expect(JSON.stringify(believed.changes())).to.equal(told)
    await until(() => deaf.readableLength > 0 || deaf.destroyed, 'something to read')
    for (let i = 0; i < 200 && (await count()) > 300; i++) await new Promise(pass => setTimeout(pass, 100))
    expect(await count(), 'the one that does not read').to.equal(300)
    deaf.destroy()
    const run = await server.end()
    expect(run).to.include({exitCode: 0, stderr: ''})
    const goodbyes = await Promise.all(clients.map(client => client.ended))
    expect(new Set(goodbyes)).to.deep.equal(new Set(['1001 closing', 'data: {"reason":"closing"}']))
  })

  it('goes on after the event that a client has, or from a snapshot where that is not known', async () => {
    const namespace = await a.namespace('listen')
    for (const name of ['x', 'y']) await createObject(a.kube, anchor(namespace, name), write)
    const server = listen(namespace)
    const url = await server.listens()
    const whole = overWebSocket(url)
    const first = overEventStream(url)
    await until(() => first.believed.events.length === 1, 'a snapshot')
    await setPhase(namespace, 'x', 'failed')
    await until(() => first.believed.events.length === 2, 'a change')
    first.close()
    await first.ended
    for (const [name, phase] of [
      ['x', 'running'],
      ['y', 'failed'],
      ['x', 'stopped'],
    ] as const)
      await setPhase(namespace, name, phase)
    await until(() => whole.believed.changes().length === 4, 'all changes')
    const last = String(first.believed.events.at(-1)?.id)
    for (const again of [overEventStream(url, '', {'last-event-id': last}), overWebSocket(url, `?after=${last}`)]) {
      await until(() => again.believed.events.length === 3, 'what was missed')
      expect(again.believed.events).to.deep.equal(whole.believed.events.slice(2))
      again.close()
    }
    const only = overWebSocket(url, `?after=${last}&app=${namespace}/y`)
    await until(() => only.believed.events.length === 1, 'what was missed of y')
    expect(only.believed.events[0]).to.deep.include({app: `${namespace}/y`, from: 'running', to: 'failed'})
    const foreign = overWebSocket(url, '?after=12')
    await until(() => foreign.believed.events.length === 1, 'a snapshot')
    expect(foreign.believed.events[0]?.type).to.equal('snapshot')
    expect(foreign.believed.states).to.deep.equal(whole.believed.states)
    for (const client of [whole, only, foreign]) client.close()
    await server.end()
  })

  it('refuses who has no token, pages of other origins, and what is no event; the token is told nowhere', async () => {
    const namespace = await a.namespace('listen')
    const args = ['app', 'watch', '-n', namespace, '--listen', ':0', '--token-env', 'TOKEN', '-v']
    const server = a.start([...args, '--origin', 'https://good.example'], {env: {TOKEN: token}})
    const [said] = (await once(server.child.stdout ?? server.child, 'data')) as [Buffer]
    const url = /^listening on (\S+)\n$/.exec(String(said))?.[1] ?? ''
    const status = async (path: string, headers: Record<string, string> = {}) =>
      (await fetch(new URL(path, url), {headers, signal: AbortSignal.timeout(5000)})).status
    const bearer = {authorization: `Bearer ${token}`}
    expect(await status('/events')).to.equal(401)
    expect(await status('/events', {authorization: 'Bearer wrong'})).to.equal(401)
    expect(await status(`/events?token=${token}x`)).to.equal(401)
    expect(await status(`/events?token=${token}`)).to.equal(200)
    expect(await status('/events', bearer)).to.equal(200)
    expect(await status('/events', {...bearer, origin: 'https://bad.example'})).to.equal(403)
    expect(await status('/events', {...bearer, origin: 'null'})).to.equal(403)
    expect(await status('/events', {...bearer, origin: new URL(url).origin})).to.equal(200)
    expect(await status('/events', {...bearer, origin: 'https://good.example'})).to.equal(200)
    expect(await status('/events?after=x', bearer)).to.equal(400)
    expect(await status('/else', bearer)).to.equal(404)
    expect(await status('/health')).to.equal(200)
    const refused = async (protocols: string[], origin?: string) => {
      const socket = new WebSocket(url.replace('http', 'ws'), protocols, origin === undefined ? {} : {origin})
      const [error] = (await once(socket, 'error')) as [Error]
      return error.message
    }
    const good = ['berth.events.v1', `berth.token.${token}`]
    expect(await refused(['berth.events.v1', 'berth.token.wrong'])).to.include('401')
    expect(await refused(good, 'https://bad.example')).to.include('403')
    server.child.kill('SIGINT')
    const {stderr, stdout, exitCode} = await server.done
    expect(exitCode).to.equal(0)
    expect(stderr).to.include('a client has come (SSE, from 127.0.0.1)')
    expect(stderr + stdout).to.not.include(token)
  })

  it('makes a token where none is given; says what is wrong with what is', async () => {
    const namespace = await a.namespace('listen')
    const server = watch(a, ['-n', namespace, '--listen', ':0'])
    const url = await server.listens()
    const made = /^token: (\S{32})\n$/.exec(server.errors())?.[1]
    const {body, status} = await fetch(`${url}?token=${made}`)
    expect(status).to.equal(200)
    await body?.cancel()
    const taken = new URL(url).host
    const fails = async (exit: number, code: string, ...args: string[]) =>
      ended(await a.berth(['app', 'watch', '-n', namespace, '--json', ...args], {env: {SHORT: 'short'}}), exit, code)
    await fails(6, 'listen.failed', '--listen', taken)
    await fails(2, 'usage.invalid', '--listen', '0.0.0.0:0')
    await fails(2, 'usage.invalid', '--listen', 'nowhere')
    await fails(2, 'usage.invalid', '--listen', ':0', '--token-env', 'SHORT')
    await fails(2, 'usage.invalid', '--listen', ':0', '--token-env', 'UNSET')
    await fails(2, 'usage.invalid', '--listen', ':0', '--token-file', '/nowhere')
    await fails(2, 'usage.invalid', '--listen', ':0', '--origin', 'example.com')
    await fails(2, 'usage.invalid', '--token-env', 'SHORT')
    await server.end()
    const file = join(await a.newHome(), 'token')
    await writeFile(file, `${token}\n`)
    const open = watch(a, ['-n', namespace, '--listen', '0.0.0.0:0', '--expose', '--token-file', file])
    const {port} = new URL(await open.listens())
    const client = overWebSocket(`http://127.0.0.1:${port}/events`)
    await until(() => client.believed.events.length === 1, 'a snapshot')
    client.close()
    expect((await open.end()).stdout).to.include('nothing is encrypted')
  })

  it('a page shows an app that is installed, stopped and removed, as it happens, though the server restarts', async () => {
    const namespace = await a.namespace('listen')
    const {url: page, close} = await servePage({})
    const browser = await Browser.open()
    const origin = new URL(page).origin
    let server = listen(namespace, '--origin', origin)
    const url = await server.listens()
    const {host} = new URL(url)
    await browser.goTo(`${page}states.html#${new URLSearchParams({url, token})}`)
    await browser.see('table[data-live="true"]')
    ended(await a.berth(['app', 'install', 'plain', 'p', '-n', namespace, '--yes']), 0)
    await browser.see('tr[data-app$="/p"][data-phase="running"][data-health="ready"]')
    expect((await browser.texts('tr[data-app$="/p"] td')).slice(0, 4)).to.deep.equal([
      `${namespace}/p`,
      'running',
      '1/1',
      'plain 1.0.0',
    ])
    expect((await browser.texts('#seen')).join()).to.include('component app')
    await server.end()
    await browser.see('table[data-live="false"]')
    server = watch(a, ['-n', namespace, '--listen', host, '--token-env', 'TOKEN', '--origin', origin], {
      env: {TOKEN: token},
    })
    await server.listens()
    await browser.see('table[data-live="true"]')
    ended(await a.berth(['app', 'uninstall', 'p', '-n', namespace, '--yes']), 0)
    await browser.see('table:not(:has(tr[data-app$="/p"]))')
    close()
    await browser.close()
    await server.end()
  })
})
