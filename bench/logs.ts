import {join} from 'node:path'
import {inTurn} from './measure.ts'
import {berth, inSession} from './session.ts'

/**
 * `app logs` beside `kubectl logs`, of pods that have written some megabytes each, in turn as `run.ts` does it:
 * `sandbox/sandbox run -- node bench/logs.ts [PODS] [RUNS]`. A kubelet gives the newest file of a container's log, 10 MB at most, so more of it takes more pods.
 */
const [pods = 20, runs = 5] = process.argv.slice(2).map(Number)
await inSession(async ({rooms, env, run}) => {
  const namespace = await rooms.make('logs')
  const install = ['app', 'install', join(import.meta.dirname, 'fixtures/talker'), 'talker', '-n', namespace, '--yes']
  await run(berth, [...install, '--no-wait'])
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
  await inTurn(commands, runs, env)
})
