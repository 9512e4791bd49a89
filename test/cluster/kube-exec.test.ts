import {createHash} from 'node:crypto'
import {PassThrough, Readable, Writable} from 'node:stream'
import {setTimeout as pass} from 'node:timers/promises'
import {expect} from 'chai'
import {
  createObject,
  type ExecRequest,
  eventsOf,
  exec,
  getObject,
  isInvalid,
  isNotFound,
  type Kube,
  readLogs,
  streamLogs,
  watchObjects,
} from '../../src/lib/kube/index.ts'
import {connectThroughFaults, failure, suite} from './support.ts'

describe('kube: exec and logs', function () {
  this.timeout(60_000)
  const s = suite('kube-exec')
  const pod = 'target'
  before(async function () {
    this.timeout(120_000)
    const spec = {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'main',
          image: 'busybox:1.35',
          command: ['sh', '-c', 'for i in 1 2 3; do echo line $i; done; sleep 100000'],
        },
        {name: 'side', image: 'busybox:1.35', command: ['sh', '-c', 'echo side; sleep 100000']},
      ],
    }
    await createObject(
      s.kube,
      {apiVersion: 'v1', kind: 'Pod', metadata: {name: pod, namespace: s.namespace}, spec},
      {fieldManager: 'test'},
    )
    for await (const event of watchObjects(
      s.kube,
      {apiVersion: 'v1', kind: 'Pod'},
      {namespace: s.namespace, name: pod},
    )) {
      const object = event.type === 'synced' ? event.objects[0] : event.object
      const statuses = (object?.status as {containerStatuses?: {ready: boolean}[]})?.containerStatuses ?? []
      if (statuses.length === 2 && statuses.every(each => each.ready)) break
    }
  })

  const sink = () => {
    const chunks: Buffer[] = []
    return Object.assign(
      new Writable({
        write(chunk, _encoding, done) {
          chunks.push(chunk)
          done()
        },
      }),
      {text: () => Buffer.concat(chunks).toString(), size: () => chunks.reduce((sum, each) => sum + each.length, 0)},
    )
  }
  const run = async (script: string, more: Partial<ExecRequest> = {}, kube: Kube = s.kube) => {
    const [stdout, stderr] = [sink(), sink()]
    const result = await exec(kube, {
      namespace: s.namespace,
      pod,
      container: 'main',
      command: ['sh', '-c', script],
      stdout,
      stderr,
      ...more,
    })
    return {...result, out: stdout.text(), err: stderr.text(), size: stdout.size()}
  }

  it('gives output, errors and the exit code', async () => {
    expect(await run('echo out; echo err >&2; exit 3')).to.deep.include({exitCode: 3, out: 'out\n', err: 'err\n'})
    expect(await run('true')).to.deep.include({exitCode: 0, out: '', err: ''})
    expect(await run('kill -9 $$')).to.deep.include({exitCode: 137})
  })

  it('ends the input where it ends: empty, small, and larger than every buffer', async () => {
    expect(await run('cat', {stdin: Buffer.alloc(0)})).to.deep.include({exitCode: 0, out: ''})
    expect(await run('cat; echo done', {stdin: Readable.from(['a', 'b'])})).to.deep.include({out: 'abdone\n'})
    const bytes = Buffer.alloc(20 * 1024 * 1024, 'some bytes ')
    const digest = createHash('sha256').update(bytes).digest('hex')
    expect((await run('sha256sum', {stdin: bytes})).out).to.contain(digest)
  })

  it('gives large output whole', async () => {
    const {size, exitCode} = await run('head -c 104857600 /dev/zero')
    expect([size, exitCode]).to.deep.equal([104_857_600, 0])
  })

  it('lets a slow sink slow the command, holding little', async () => {
    const whole = 62_914_560
    let size = 0
    const before = process.memoryUsage().rss
    let most = 0
    const acknowledge = new PassThrough()
    const slow = new Writable({
      highWaterMark: 64 * 1024,
      write(chunk, _encoding, done) {
        size += chunk.length
        if (size === whole) acknowledge.end('got it\n')
        most = Math.max(most, process.memoryUsage().rss)
        setTimeout(done, 1)
      },
    })
    // Without the acknowledgement the runtime drops what is not drained soon after the command ended, and says 0 (kubernetes#124571).
    const script = `head -c ${whole} /dev/zero; read answer; [ "$answer" = "got it" ]`
    expect((await run(script, {stdout: slow, stdin: acknowledge})).exitCode).to.equal(0)
    expect(size).to.equal(whole)
    expect((most - before) / 1024 / 1024, 'MiB').to.be.below(100)
  })

  it('lets a slow command slow the input', async () => {
    let produced = 0
    const source = Readable.from(
      (async function* () {
        for (let i = 0; i < 1536; i++) {
          produced += 64 * 1024
          yield Buffer.alloc(64 * 1024)
        }
      })(),
    )
    const running = run('sleep 4; wc -c', {stdin: source})
    await pass(2000)
    const sent = produced
    await pass(1000)
    expect(produced, 'what the buffers on the way do not take stays where it is').to.equal(sent)
    expect(sent / 1024 / 1024, 'MiB in all buffers').to.be.below(64)
    expect((await running).out.trim()).to.equal(String(96 * 1024 * 1024))
  })

  it('does not mind a command that ends before its input does, while that fits the buffers on the way', async () => {
    expect(await run('head -c 10; exit 4', {stdin: Buffer.alloc(100_000)})).to.deep.include({exitCode: 4})
  })

  it('fails where the source or the sink does', async () => {
    const bad = new PassThrough()
    setTimeout(() => bad.destroy(new Error('disk gone')), 200)
    expect((await run('cat', {stdin: bad}).catch(error => error)).message).to.equal('disk gone')
    const full = new Writable({write: (_chunk, _encoding, done) => done(new Error('no space'))})
    expect((await run('yes', {stdout: full}).catch(error => error)).message).to.equal('no space')
    const closed = new PassThrough({highWaterMark: 10})
    setTimeout(() => closed.destroy(), 300)
    expect((await run('yes', {stdout: closed}).catch(error => error)).message).to.contain('closed')
  })

  it('stops when told, and in time', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => abort.abort(reason), 300)
    expect(await run('sleep 1000', {signal: abort.signal}).catch(error => error)).to.equal(reason)
    expect(await run('true', {signal: abort.signal}).catch(error => error)).to.equal(reason)
    const late = await failure(run('sleep 1000', {timeout: 300}))
    expect([late.code, late.reason]).to.deep.equal(['cluster.unavailable', 'ExecTimeout'])
    // The command ends with its connection: nothing of ours is left running.
    await pass(500)
  })

  it('says what could not be run', async () => {
    expect(isNotFound(await failure(run('true', {pod: 'none'})))).to.equal(true)
    expect((await failure(run('true', {container: 'none'}))).message).to.contain('container none')
    const program = await failure(
      exec(s.kube, {namespace: s.namespace, pod, container: 'main', command: ['no-such-program'], stdout: sink()}),
    )
    expect(program.message).to.match(/no-such-program/)
  })

  it('is a whole success or a failure, wherever the connection is cut', async function () {
    this.timeout(120_000)
    const {kube, proxy, close} = await connectThroughFaults()
    try {
      const whole = 100_000
      const outcomes: string[] = []
      for (const cutAt of [
        0, 1, 2, 10, 100, 5000, 50_000, 99_999, 100_000, 100_010, 100_020, 100_050, 100_080, 100_120, 100_200,
      ]) {
        for (const by of ['reset', 'end'] as const) {
          proxy.inject({on: /exec/, fault: {cutAt, by}})
          const result = await run(`head -c ${whole} /dev/zero`, {timeout: 10_000}, kube).catch(error => error)
          proxy.calm()
          if (result instanceof Error) {
            expect(result, `${by} at ${cutAt}`)
              .to.have.property('code')
              .that.matches(/^cluster\.un/)
            outcomes.push('failed')
          } else {
            expect([result.exitCode, result.size], `${by} at ${cutAt}`).to.deep.equal([0, whole])
            outcomes.push('whole')
          }
        }
      }
      expect(outcomes.slice(0, 16), 'before all output came').to.deep.equal(Array(16).fill('failed'))
      // Not `cat > /dev/null`: the runtime ends the input of a command that closes its output, see exec.ts.
      for (const cutAt of [0, 100, 70_000, 200_000]) {
        proxy.inject({on: /exec/, fault: {cutAt, of: 'request'}})
        const error = await run('cat | wc -c', {stdin: Buffer.alloc(1_000_000), timeout: 10_000}, kube).catch(
          each => each,
        )
        expect(error.code, `input cut at ${cutAt}`).to.match(/^cluster\.un/)
        proxy.calm()
      }
      proxy.inject({on: /exec/, fault: {stallAt: 1000}})
      expect((await failure(run('yes', {timeout: 1500}, kube))).reason).to.equal('ExecTimeout')
      proxy.inject({on: /exec/, fault: {answer: 503, body: '{"message":"not now","code":503}'}})
      expect((await failure(run('true', {}, kube))).message).to.equal('not now')
      proxy.inject({on: /exec/, fault: {answer: 401}})
      expect((await run('echo again', {}, kube)).out).to.equal('again\n')
    } finally {
      await close()
    }
  })

  it('reads logs: all, the last lines, one container, and follows', async () => {
    const of = {namespace: s.namespace, pod}
    expect(await readLogs(s.kube, {...of, container: 'main'})).to.equal('line 1\nline 2\nline 3\n')
    expect(await readLogs(s.kube, {...of, container: 'main', tail: 1})).to.equal('line 3\n')
    expect(await readLogs(s.kube, {...of, container: 'side', timestamps: true})).to.match(/^\d{4}-.*Z side\n$/)
    expect(isInvalid(await failure(readLogs(s.kube, {...of, container: 'main', previous: true})))).to.equal(true)
    expect(isInvalid(await failure(readLogs(s.kube, of)))).to.equal(true)
    const following = await streamLogs(s.kube, {...of, container: 'side', follow: true})
    for await (const chunk of following) {
      expect(String(chunk)).to.equal('side\n')
      break
    }
  })

  it('reads what the cluster reports about a pod', async () => {
    const events = await eventsOf(
      s.kube,
      await getObject(s.kube, {apiVersion: 'v1', kind: 'Pod', namespace: s.namespace, name: pod}),
    )
    expect(events.map(event => event.reason)).to.include.members(['Scheduled', 'Started'])
    expect(events.every(event => event.at !== '')).to.equal(true)
  })
})
