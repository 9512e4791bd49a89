import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {inTurn, measure, median} from './measure.ts'
import {programs} from './programs.ts'
import {berth, inSession} from './session.ts'

/**
 * Of apps that run: `app status` of one with many pods beside `kubectl get` of the same objects and `helm status` of the same release; and
 * stop and start of several together beside one by one. `sandbox/sandbox run -- node bench/running.ts [PODS] [APPS] [RUNS]`
 */
const [pods = 50, apps = 20, runs = 11] = process.argv.slice(2).map(Number)
const crowd = join(import.meta.dirname, 'fixtures/crowd')
const {helm} = programs()

await inSession(async ({rooms, env, run}) => {
  const [namespace, released] = [await rooms.make('status'), await rooms.make('release')]
  const install = (name: string, where: string) =>
    run(berth, ['app', 'install', crowd, name, '-n', where, '--yes', '--no-wait'])
  await install('crowd', namespace)
  const chart = join(env.HOME ?? '', 'crowd')
  await mkdir(join(chart, 'templates'), {recursive: true})
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: crowd\nversion: 1.0.0\n')
  const {stdout} = await run(berth, ['package', 'render', crowd, 'crowd', '-n', released])
  await writeFile(join(chart, 'templates/app.yaml'), stdout)
  await run(helm, ['install', 'crowd', chart, '-n', released])
  for (const each of [namespace, released]) {
    await run('kubectl', ['scale', 'deployment/crowd', `--replicas=${pods}`, '-n', each])
    await run('kubectl', ['rollout', 'status', 'deployment/crowd', '-n', each, '--timeout=10m'])
  }
  await sleep(20_000) // what a hundred pods set going comes to rest
  const of = ['-n', namespace, '-l', 'app.kubernetes.io/instance=crowd']
  process.stdout.write(`status of an app with ${pods} pods\n`)
  const status = {
    berth: [berth, 'app', 'status', 'crowd', '-n', namespace],
    kubectl: ['kubectl', 'get', 'deployments,poddisruptionbudgets,pods', '-o', 'wide', ...of],
    helm: [helm, 'status', 'crowd', '-n', released],
  }
  await inTurn(status, runs, env)

  const many = await rooms.make('many')
  const names = Array.from({length: apps}, (_, i) => `app-${i}`)
  for (const name of names) await install(name, many)
  await run('kubectl', ['wait', 'deployments', '--all', '--for=condition=Available', '-n', many, '--timeout=10m'])
  const ways: Record<string, (verb: string) => string[][]> = {
    together: verb => [[berth, 'app', verb, '--all', '-n', many, '--yes']],
    'one by one': verb => names.map(name => [berth, 'app', verb, name, '-n', many, '--yes']),
  }
  const seconds = new Map<string, number[]>()
  for (let round = 0; round < 3; round++)
    for (const [way, commandsOf] of Object.entries(ways))
      for (const verb of ['stop', 'start']) {
        let millis = 0
        for (const command of commandsOf(verb)) millis += (await measure(command, env)).wallMillis
        const what = `${verb} of ${apps} apps ${way}`
        seconds.set(what, [...(seconds.get(what) ?? []), millis / 1000])
      }
  for (const [what, all] of seconds) process.stdout.write(`${what}: ${median(all).toFixed(1)} s\n`)
})
