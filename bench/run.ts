import {writeFile} from 'node:fs/promises'
import {availableParallelism, loadavg} from 'node:os'
import {join} from 'node:path'
import {type Commands, compare, measure} from './measure.ts'
import {answersFor, writeDocuments, writeFields} from './packages.ts'
import {populate, readOriginals} from './populate.ts'
import {programs} from './programs.ts'
import {type Row, report} from './report.ts'
import {berth, inSession, root, type Session} from './session.ts'

const site = join(root, 'packages/site')
const chart = join(import.meta.dirname, 'fixtures/chart')
const {helm, chart: realChart} = programs()
const runs = 11
const say = (text: string) => process.stderr.write(`${text}\n`)

async function bench({kube, rooms, env}: Session): Promise<Row[]> {
  const rows: Row[] = []
  const row = async (what: string, bar: number, commands: Commands, times = runs) => {
    say(`${what} …`)
    rows.push({what, bar, ...(await compare(commands, times, env))})
  }
  await row('version', 1.5, {berth: () => [berth, '--version'], helm: () => [helm, 'version']})
  await row('render a package', 1.5, {
    berth: () => [berth, 'package', 'render', site],
    helm: () => [helm, 'template', 'site', chart],
  })

  const made = join(env.HOME ?? '', 'made')
  await writeDocuments(join(made, 'documents'), join(made, 'chart'), 100)
  await row('render 100 documents', 1.5, {
    berth: () => [berth, 'package', 'render', join(made, 'documents')],
    helm: () => [helm, 'template', 'documents', join(made, 'chart')],
  })
  const fields = join(made, 'fields')
  const answers = join(made, 'answers.json')
  await writeFields(fields, 200)
  await writeFile(answers, JSON.stringify(answersFor(200)))
  await row('form of 200 fields, as JSON', 150, {berth: () => [berth, 'app', 'form', fields, '--json']})
  await row('validate 200 answers', 150, {berth: () => [berth, 'app', 'validate', fields, '-f', answers, '--json']})

  const installs = await rooms.makeWithoutPods('install')
  await row('install, not waiting', 1.5, {
    berth: run => [berth, 'app', 'install', site, `berth-${run}`, '-n', installs, '--no-wait', '--yes'],
    helm: run => [helm, 'install', `helm-${run}`, chart, '-n', installs],
  })

  // Without what is the whole cluster's: the sandbox has its own.
  const own = ['--set', 'rbac.create=false,apiService.create=false']
  await measure([helm, 'install', 'real', realChart, '-n', installs, ...own], env)
  const originals = await readOriginals(kube, installs, 'berth-1', 'real')
  const list = (namespace: string) => ({
    berth: () => [berth, 'app', 'list', '-n', namespace],
    helm: () => [helm, 'list', '-n', namespace, '--max', '2000'],
  })
  const few = await rooms.make('few')
  await populate(kube, originals, {namespace: few, apps: 6, revisions: 1})
  await row('list 6 apps', 1.5, list(few))

  const many = await rooms.make('many')
  say('making 1,000 apps, and 1,000 releases of 3 revisions …')
  const {anchorBytes, releaseBytes} = await populate(kube, originals, {namespace: many, apps: 1000, revisions: 3})
  say(`an anchor has ${anchorBytes} bytes, a release ${releaseBytes}`)
  await row('list 1,000 apps', 0.1, list(many), 7)
  return rows
}

const rows = await inSession(async session => {
  await measure([helm, 'version'], session.env)
  const load = loadavg().map(value => value.toFixed(1))
  say(`Node ${process.version}, ${availableParallelism()} cores, load ${load.join(' ')}`)
  return bench(session)
})
process.stdout.write(`${report(rows)}\n`)
