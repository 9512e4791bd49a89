import {execFile} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {connect} from '../src/lib/kube/index.ts'
import {type Cost, measure, medians} from './measure.ts'
import {Rooms} from './rooms.ts'

/**
 * `app logs` beside `kubectl logs`, of pods that have written some megabytes each, in turn as `run.ts` does it:
 * `sandbox/sandbox run -- node bench/logs.ts [PODS] [RUNS]`. A kubelet gives the newest file of a container's log, 10 MB at most, so more of it takes more pods.
 */
const [pods = 20, runs = 5] = process.argv.slice(2).map(Number)
const root = join(import.meta.dirname, '..')
const berth = join(root, 'bin/berth')
const kube = await connect({env: process.env})
const rooms = new Rooms(kube)
const home = await mkdtemp(join(tmpdir(), 'berth-bench-'))
const {PATH, KUBECONFIG} = process.env
const env = {PATH, KUBECONFIG, HOME: home, LANG: 'C.UTF-8'}
try {
  const namespace = await rooms.make('logs')
  const install = ['app', 'install', join(import.meta.dirname, 'fixtures/talker'), 'talker', '-n', namespace, '--yes']
  await promisify(execFile)(berth, [...install, '--no-wait'], {env})
  const run = (command: string, args: string[]) => promisify(execFile)(command, args, {env})
  await run('kubectl', ['scale', 'deployment/talker', `--replicas=${pods}`, '-n', namespace])
  await run('kubectl', ['rollout', 'status', 'deployment/talker', '-n', namespace, '--timeout=10m'])
  const of = [
    '-n',
    namespace,
    '-l',
    'app.kubernetes.io/instance=talker',
    '--prefix',
    '--max-log-requests',
    '50',
    '--tail=-1',
  ]
  const commands = {
    berth: [berth, 'app', 'logs', 'talker', '-n', namespace],
    kubectl: ['kubectl', 'logs', ...of],
  }
  const costs: Record<keyof typeof commands, Cost[]> = {berth: [], kubectl: []}
  for (let run = 0; run <= runs; run++)
    for (const who of ['berth', 'kubectl'] as const) {
      const cost = await measure(commands[who], env)
      if (run > 0) costs[who].push(cost)
    }
  for (const who of ['berth', 'kubectl'] as const) {
    const {wallMillis, cpuMillis, peakRssBytes} = medians(costs[who])
    const numbers = [wallMillis, cpuMillis].map(value => `${value.toFixed(0)} ms`)
    process.stdout.write(`${who}: ${numbers.join(', CPU ')}, ${(peakRssBytes / 1e6).toFixed(0)} MB\n`)
  }
} finally {
  await rooms.clear()
  kube.close()
  await rm(home, {recursive: true, force: true})
}
