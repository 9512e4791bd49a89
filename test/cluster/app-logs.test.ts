import {expect} from 'chai'
import {deleteObject, getObject, listObjects, mergePatch, scaleObject} from '../../src/lib/kube/index.ts'
import {expectSchema} from '../cli/schema.ts'
import {apps, ended, type RunOptions} from './apps.ts'
import {connectThroughFaults} from './support.ts'
import {Terminal} from './terminal.ts'

const write = {fieldManager: 'test'}

describe('app logs: all pods of an app as one', function () {
  this.timeout(180_000)
  const a = apps()
  let namespace = ''
  before(async () => {
    namespace = await a.namespace('logs')
  })

  const install = async (name: string, script: string) =>
    ended(await a.berth(['app', 'install', 'plain', name, '-n', namespace, '--yes', '--set', `script=${script}`]), 0)
  const logs = async (name: string, ...args: string[]) => {
    const {exitCode, stdout, stderr} = await a.berth(['app', 'logs', name, '-n', namespace, ...args])
    expect(exitCode, stderr).to.equal(0)
    return stdout.split('\n').slice(0, -1)
  }
  const set = (name: string) => ({apiVersion: 'apps/v1', kind: 'StatefulSet', namespace, name})
  const scale = async (name: string, replicas: number) => {
    await scaleObject(a.kube, set(name), replicas, write)
    for (let i = 0; i < 600; i++) {
      const {status} = await getObject(a.kube, set(name))
      if ((status as {readyReplicas?: number}).readyReplicas === replicas) return
      await new Promise(pass => setTimeout(pass, 100))
    }
    throw new Error('it does not come up')
  }
  /** `app logs -f`, and what it has said so far. */
  const follow = (name: string, args: string[] = [], options: RunOptions = {}) => {
    const running = a.start(['app', 'logs', name, '-n', namespace, '-f', ...args], options)
    let said = ''
    running.child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk
    })
    const lines = () => said.split('\n').slice(0, -1)
    const until = async (true_: (lines: string[]) => boolean, what: string) => {
      for (let i = 0; i < 900 && !true_(lines()); i++) {
        if (running.child.exitCode !== null) throw new Error(`it ended: ${JSON.stringify(await running.done)}`)
        await new Promise(pass => setTimeout(pass, 100))
      }
      if (!true_(lines())) throw new Error(`${what} did not come to pass: ${lines().slice(-20).join('\n')}`)
    }
    const end = async () => {
      running.child.kill('SIGINT')
      return ended(await running.done, 0)
    }
    return {lines, until, end}
  }

  it('merges pods by time; picks, cuts and searches lines; prints them for programs', async () => {
    await install(
      'm',
      "for i in 1 2 3 4 5 6; do echo number $i é; sleep 0.3; done; printf 'red \\033[31mx\\033[0m \\033]0;title\\007end\\r\\n'; sleep 36000",
    )
    await scale('m', 3)
    for (let i = 0; i < 100 && (await logs('m', '--grep', 'end')).length < 3; i++)
      await new Promise(pass => setTimeout(pass, 100))
    const all = await logs('m', '--timestamps')
    expect(all).to.have.length(21)
    const times = all.map(line => line.split(' ')[1])
    expect(times).to.deep.equal(times.toSorted())
    expect(all[0]).to.match(/^m-0 \d{4}-\d\d-\d\dT[\d:.]{18}Z number 1 é$/)
    expect(await logs('m', '--grep', '^number [23] é$', '--no-prefix'))
      .to.have.length(6)
      .and.to.include('number 2 é')
    expect(await logs('m', '--grep', '5 é')).to.have.members(['m-0 number 5 é', 'm-1 number 5 é', 'm-2 number 5 é'])
    expect(await logs('m', '--tail', '2', '--component', 'app', '-c', 'app')).to.have.length(6)
    expect(await logs('m', '--since', '1s', '--tail', '0')).to.deep.equal([])
    for (const line of await logs('m', '--json')) {
      const document = JSON.parse(line)
      expectSchema('LogLine', document)
      expect(document.result).to.deep.include({container: 'app', component: 'app'})
    }
    expect((await logs('m', '--grep', 'end', '--no-prefix'))[0], 'bytes into a pipe').to.equal(
      'red \x1b[31mx\x1b[0m \x1b]0;title\x07end',
    )
    const terminal = new Terminal(['app', 'logs', 'm', '-n', namespace, '--grep', 'end'], {
      home: await a.newHome(),
      columns: 200,
    })
    expect(await terminal.ended(), terminal.text).to.equal(0)
    expect(terminal.raw).to.include('red \x1b[31mx\x1b[0m ^[]0;title^Gend').and.to.not.include('\x1b]0;')
    const wrong = async (code: string, ...args: string[]) =>
      ended(
        await a.berth(['app', 'logs', 'm', '-n', namespace, '--json', ...args]),
        code === 'usage.invalid' ? 2 : 6,
        code,
      )
    await wrong('usage.invalid', '--grep', '([')
    await wrong('usage.invalid', '--component', 'ap')
    await wrong('usage.invalid', '-c', 'none')
    await wrong('cluster.rejected', '--previous')
    ended(await a.berth(['app', 'logs', 'mm', '-n', namespace, '--json']), 3, 'app.not-found')
  })

  it('follows a container through restarts and a pod that is replaced, without a lost or doubled line', async () => {
    await install('f', 'n=$(date +%s); for i in 1 2 3 4 5 6 7 8 9; do echo run $n line $i; sleep 0.1; done; sleep 1')
    const seen = follow('f')
    const whole = (lines: string[]) => {
      const runs = Map.groupBy(lines, line => line.split(' ').slice(0, 3).join(' '))
      return [...runs.values()].filter(of => of.length === 9).length
    }
    await seen.until(lines => whole(lines) >= 2, 'two runs')
    await deleteObject(a.kube, {apiVersion: 'v1', kind: 'Pod', namespace, name: 'f-0'})
    const before = whole(seen.lines())
    await seen.until(lines => whole(lines) >= before + 2, 'runs of the new pod')
    await seen.end()
    const runs = [...Map.groupBy(seen.lines(), line => line.split(' ')[2]).values()]
    for (const run of runs.slice(0, -1)) {
      const numbers = run.map(line => Number(line.split(' ')[4]))
      // The pod was deleted in the middle of one.
      expect(numbers).to.deep.equal(Array.from({length: numbers.length}, (_, i) => i + 1))
    }
    expect(runs.filter(run => run.length < 9).length).to.be.lessThan(3)
    // Of a run that has just ended the kubelet may not have the log at hand.
    let previous = ''
    for (let i = 0; i < 50 && !previous.startsWith('f-0 run'); i++)
      previous = (await a.berth(['app', 'logs', 'f', '-n', namespace, '--previous'])).stdout
    expect(previous.split('\n')[0]).to.match(/^f-0 run \S+ line 1$/)
  })

  it('goes on where a connection was cut, at whatever byte, and through a time without the API server', async () => {
    await install('c', 'i=0; while true; do i=$((i+1)); echo line $i; [ $((i % 50)) = 0 ] && sleep 0.2; done')
    const {proxy, kubeconfig, close} = await connectThroughFaults()
    for (const cutAt of [1, 100, 5000, 70_001, 200_000])
      proxy.inject({on: /\/log\?.*follow/, fault: {cutAt, by: cutAt % 2 === 0 ? 'reset' : 'end'}})
    const seen = follow('c', ['--no-prefix'], {kubeconfig})
    await seen.until(lines => lines.length > 1000, '1000 lines')
    proxy.inject({on: /./, times: 6, fault: {answer: 503}})
    proxy.cutAll()
    const so = seen.lines().length
    await seen.until(lines => lines.length > so + 500, '500 more')
    await seen.end()
    const numbers = seen.lines().map(line => Number(line.slice('line '.length)))
    expect(numbers).to.deep.equal(numbers.map((_, i) => (numbers[0] ?? 0) + i))
    // And what is not followed is gone on with, too.
    const {child, done} = a.start(['app', 'logs', 'c', '-n', namespace, '--no-prefix'], {kubeconfig})
    proxy.inject({on: /\/log\?/, fault: {cutAt: 3000}})
    const all = ended(await done, 0)
      .stdout.split('\n')
      .slice(0, -1)
    expect(child.exitCode).to.equal(0)
    expect(all.map(line => Number(line.slice(5)))).to.deep.equal(all.map((_, i) => i + Number(all[0]?.slice(5))))
    await close()
  })

  it('follows pods that come, and waits for those that are not there yet', async () => {
    await install('n', 'echo hello from $HOSTNAME; sleep 36000')
    const seen = follow('n')
    await seen.until(lines => lines.includes('n-0 hello from n-0'), 'the first')
    await scale('n', 2)
    await seen.until(lines => lines.includes('n-1 hello from n-1'), 'the second')
    await mergePatch(a.kube, set('n'), {spec: {template: {metadata: {annotations: {roll: '1'}}}}}, write)
    await seen.until(lines => lines.length >= 4, 'a rollout')
    await seen.end()
    const pods = await listObjects(
      a.kube,
      {apiVersion: 'v1', kind: 'Pod'},
      {namespace, labelSelector: 'app.kubernetes.io/instance=n'},
    )
    expect(pods.items).to.have.length(2)
    expect(seen.lines().toSorted().slice(0, 2)).to.deep.equal(['n-0 hello from n-0', 'n-0 hello from n-0'])
  })
})
