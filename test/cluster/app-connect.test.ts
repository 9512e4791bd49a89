import {createHash, randomBytes} from 'node:crypto'
import {once} from 'node:events'
import {chmod, mkdir, readFile, writeFile} from 'node:fs/promises'
import {connect as connectTo, createServer, type Socket} from 'node:net'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import {listObjects} from '../../src/lib/kube/index.ts'
import {expectSchema} from '../cli/schema.ts'
import {apps, ended, type Running, remove} from './apps.ts'

describe('apps: an endpoint at a port of this machine', function () {
  this.timeout(120_000)
  const a = apps()
  let namespace = ''
  before(async () => {
    namespace = await a.namespace('connect')
    const at = ['-n', namespace, '--yes', '--json']
    const both = [
      ['patient', 'w'],
      ['store', 's'],
    ]
    for (const run of await Promise.all(both.map(words => a.berth(['app', 'install', ...words, ...at])))) ended(run, 0)
  })

  const running: Running[] = []
  const connect = async (...args: string[]) => {
    const started = a.start(['app', 'connect', ...args, '-n', namespace, '--json'])
    running.push(started)
    const lines = createInterface({input: started.child.stdout as NodeJS.ReadableStream})
    const [line] = (await once(lines, 'line')) as [string]
    const document = JSON.parse(line)
    expectSchema('AppConnected', document)
    return {...started, ...(document.result as {port: number; url: string; address: string})}
  }
  const interrupt = async ({child, done}: Running) => {
    child.kill('SIGINT')
    return (await done).exitCode
  }
  afterEach(() => {
    for (const {child} of running.splice(0)) child.kill('SIGKILL')
  })

  it('carries several connections at once, and ends with Ctrl-C', async () => {
    const to = await connect('w', 'web')
    expect(to.address).to.equal('127.0.0.1')
    const pages = await Promise.all(Array.from({length: 12}, async () => (await fetch(to.url)).text()))
    for (const page of pages) expect(page).to.match(/^hello of w-/)
    expect(await interrupt(to)).to.equal(0)
  })

  it('carries every byte both ways, also to a slow reader', async () => {
    const to = await connect('w', 'echo', '--port', '0')
    const sent = randomBytes(16 * 1024 * 1024)
    const client = connectTo(to.port, '127.0.0.1')
    client.write(sent)
    const [hash, size] = await drain(client, sent.length)
    expect(size).to.equal(sent.length)
    expect(hash).to.equal(createHash('sha256').update(sent).digest('hex'))
    client.destroy()
    expect(await interrupt(to)).to.equal(0)
  })

  it('gives what the server still says after the client has ended', async () => {
    const to = await connect('w', 'web')
    const client = connectTo({port: to.port, host: '127.0.0.1', allowHalfOpen: true})
    client.end('GET / HTTP/1.0\r\n\r\n')
    let text = ''
    for await (const chunk of client) text += chunk
    expect(text).to.include('200 OK').and.to.include('hello of w-')
  })

  it('outlives its pod: open connections end, new ones go to the next', async () => {
    const to = await connect('w', 'web')
    const before = await (await fetch(to.url)).text()
    const open = connectTo(to.port, '127.0.0.1')
    open.on('error', () => undefined)
    open.write('GET / HTTP/1.1\r\n')
    await sleep(500)
    const {items} = await listObjects(
      a.kube,
      {apiVersion: 'v1', kind: 'Pod'},
      {namespace, labelSelector: 'app.kubernetes.io/instance=w'},
    )
    await remove(a.kube, 'Pod', namespace, items[0]?.metadata.name ?? '')
    if (!open.destroyed) await once(open, 'close')
    let after = ''
    for (const end = Date.now() + 60_000; Date.now() < end && (after === '' || after === before); )
      after = await fetch(to.url).then(
        answer => answer.text(),
        () => '',
      )
    expect(after)
      .to.match(/^hello of w-/)
      .and.not.to.equal(before)
    expect(await interrupt(to)).to.equal(0)
  })

  it('says of a port that nobody listens at, and goes on', async () => {
    const to = await connect('s', 'sql', '--port', '0', '--events')
    const client = connectTo(to.port, '127.0.0.1')
    client.on('error', () => undefined)
    client.resume()
    await once(client, 'close')
    to.child.kill('SIGINT')
    const run = await to.done
    expect(run.exitCode).to.equal(0)
    expect(JSON.parse(run.stderr))
      .to.include({type: 'warning'})
      .and.to.have.property('message')
      .match(/^port 5432 of .* cannot be reached: .*connection refused/)
  })

  it('takes another port where its own is taken, and refuses one that was asked for', async () => {
    const server = createServer().listen(8080, '127.0.0.1')
    await Promise.race([once(server, 'listening'), once(server, 'error')]) // taken by somebody else is as good
    expect((await connect('w', 'web')).port).not.to.equal(8080)
    const refused = await a.berth(['app', 'connect', 'w', 'web', '--port', '8080', '-n', namespace, '--json'])
    expect(ended(refused, 2, 'usage.invalid').json.error.message).to.include('port 8080')
    server.close()
  })

  it('asks which endpoint, and says which there are', async () => {
    const at = ['-n', namespace, '--json']
    const several = ended(await a.berth(['app', 'connect', 'w', ...at]), 2, 'usage.invalid')
    expect(several.json.error.hint).to.include(`berth app connect w echo -n ${namespace}`)
    const wrong = ended(await a.berth(['app', 'connect', 'w', 'wep', ...at]), 3, 'endpoint.not-found')
    expect(wrong.json.error.hint).to.include('did you mean web?')
  })

  it('open hands the published address to the desktop, as it is', async () => {
    const home = await a.newHome()
    await mkdir(join(home, 'bin'))
    await writeFile(join(home, 'bin/xdg-open'), `#!/bin/sh\nprintf '%s\\n' "$#" "$@" >'${home}/opened'\n`)
    await chmod(join(home, 'bin/xdg-open'), 0o755)
    const env = {PATH: `${join(home, 'bin')}:${process.env.PATH}`, DISPLAY: ':9'}
    const open = (args: string[], options = {}) => a.berth(['app', 'open', 'w', '-n', namespace, ...args], options)
    expect(ended(await open([]), 0).stdout).to.equal('http://w.localhost/\n')
    expect(ended(await open(['--url'], {env}), 0).stdout).to.equal('http://w.localhost/\n')
    expect(ended(await open(['--json'], {env}), 0).json.result).to.deep.include({
      url: 'http://w.localhost/',
      opened: false,
    })
    expect(await readFile(join(home, 'opened'), 'utf8').catch(() => 'nothing')).to.equal('nothing')
    ended(await open([], {env}), 0)
    for (let tries = 0; tries < 100; tries++) {
      if ((await readFile(join(home, 'opened'), 'utf8').catch(() => '')) !== '') break
      await sleep(100)
    }
    expect(await readFile(join(home, 'opened'), 'utf8')).to.equal('1\nhttp://w.localhost/\n')
    const inside = ended(await open(['echo', '--json']), 4, 'endpoint.not-published')
    expect(inside.json.error.hint[0]).to.include(`berth app connect w echo -n ${namespace}`)
  })
})

/** Reads so many bytes, with a rest in between. */
async function drain(client: Socket, size: number): Promise<[hash: string, size: number]> {
  const hash = createHash('sha256')
  let read = 0
  await sleep(2000)
  for await (const chunk of client) {
    hash.update(chunk)
    read += chunk.length
    if (read >= size) break
  }
  return [hash.digest('hex'), read]
}
