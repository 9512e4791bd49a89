import {expect} from 'chai'
import {createObject} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, atMost, ended, inPod, killedAtWrite, remove} from './apps.ts'
import {inLanes, Lane, type Outcome, type References} from './lane.ts'
import {calls, type Operation, operations, type Point, type Way, ways} from './operations.ts'
import {chosen, how, publish} from './reliability.ts'

const moments = ['before', 'after'] as const
const waysOn: Way[] = ['resume', 'abort', 'again']

/** Every call that changes something, before and after; of those that only read a few, for between two reads nothing happens. */
function pointsOf({write, read}: Record<keyof typeof calls, number>): {point: Point; way: Way}[] {
  const writes = Array.from({length: write}, (_, i) =>
    moments.map(moment => ({on: calls.write, n: i + 1, moment}) as const),
  )
  const reads = [1, 3, 5].map(sixth => ({on: calls.read, n: Math.ceil((read * sixth) / 6), moment: 'before'}) as const)
  // Each point begins with another way, so that every third of all is not always the same one.
  return [...writes.flat(), ...reads].flatMap((point, i) =>
    waysOn.map((_, k) => ({point, way: waysOn[(i + k) % waysOn.length] as Way})),
  )
}

describe('apps: killed at any call of any operation', function () {
  this.timeout(24 * 3_600_000)
  const a = apps()

  it('ends where an undisturbed one does, or where it began, with the same secrets, logins and objects', async () => {
    const references: References = new Map()
    const lanes = [await Lane.open(a, references), await Lane.open(a, references)]
    const surveys = operations.map(operation => ({
      operation,
      title: `${operation.name}, undisturbed`,
      work: (lane: Lane) => lane.survey(operation),
    }))
    const made = await inLanes(lanes, surveys)
    const tasks = operations.flatMap((operation, i) => {
      const counted = made[i]
      if (counted === undefined || counted instanceof Error) throw counted
      return chosen(pointsOf(counted), 3).map(({point, way}) => ({
        operation,
        way,
        title: `${operation.name}, killed ${point.moment} ${point.on === calls.write ? 'write' : 'read'} ${point.n}, then ${way}`,
        work: (lane: Lane) => lane.strike(operation, point, way),
      }))
    })
    const results = await inLanes(lanes, tasks)
    await publish(
      'crashes',
      ['operation', 'calls that change + that read', 'killed', ...waysOn.map(way => `then ${way}`), 'wrong'],
      operations.map((operation, i) => {
        const {write, read} = made[i] as Record<keyof typeof calls, number>
        const own = tasks.flatMap((task, at) => (task.operation === operation ? [{...task, result: results[at]}] : []))
        const struck = own.filter(({result}) => result !== 'undisturbed')
        const wrong = own.filter(({result}) => result instanceof Error).length
        return [
          operation.name,
          `${write} + ${read}`,
          struck.length,
          ...waysOn.map(way => tally(struck.flatMap(each => (each.way === way ? [each.result] : [])))),
          wrong,
        ]
      }),
    )
    const failures = results.filter(result => result instanceof Error)
    expect(failures.map(({message}) => message).join('\n\n'), how).to.equal('')
  })

  it('between the record of a failed task and the end of its Job: a resume starts the task anew', async () => {
    const lane = await Lane.open(a, new Map())
    const gate = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'gate', namespace: lane.namespace}}
    await createObject(a.kube, {...gate, data: {state: 'shut'}}, {fieldManager: 'test'})
    const install = ways.find(({name}) => name === 'install') as Operation
    await lane.cut(install.command, {on: /^DELETE .*\/jobs\//, n: 1, moment: 'before'})
    const anchor = await anchorOf(a.kube, lane.namespace, lane.app)
    expect(anchor?.pending.tasks).to.deep.equal({prepare: 'planned'})
    await remove(a.kube, 'ConfigMap', lane.namespace, 'gate')
    ended(await lane.run(['app', 'resume', lane.app]), 0)
    await lane.arrive(['plain'], install)
  })

  it('with a real PostgreSQL: one user and one database, and the password is the first one', async () => {
    const namespace = await a.namespace('app-crash')
    const at = ['-n', namespace, '--yes', '--json']
    ended(await a.berth(['app', 'install', 'postgres', 'pg', '--set', 'storage.size=256Mi', ...at]), 0)
    const sql = (text: string) => inPod(a.kube, namespace, 'pg', `psql -qAtX -U postgres -c "${text}"`)
    await atMost(
      3,
      [2, 3, 4].flatMap(n =>
        moments.map(moment => async () => {
          const app = `p-${n}${moment[0]}`
          const args = ['app', 'install', 'worker', app, '--set', 'database=app:pg', ...at]
          const {killed} = await killedAtWrite(a, args, app, n, moment)
          expect(killed, app).to.not.equal(undefined)
          const journaled = (await anchorOf(a.kube, namespace, app))?.pending !== undefined
          ended(await a.berth(journaled ? ['app', 'resume', app, ...at] : args), 0)
          const id = (await inPod(a.kube, namespace, app, 'echo $URL')).trim()
          const {username, password} = new URL(id)
          const login = `PGPASSWORD='${password}' psql -qAtX -h $(hostname -i) -U ${username} -d ${username} -c 'SELECT current_user'`
          expect(await inPod(a.kube, namespace, 'pg', login), app).to.equal(`${username}\n`)
        }),
      ),
    )
    expect(await sql("SELECT count(*) FROM pg_roles WHERE rolname LIKE '%\\_p\\_%'")).to.equal('6\n')
    expect(await sql("SELECT count(*) FROM pg_database WHERE datname LIKE '%\\_p\\_%'")).to.equal('6\n')
  })
})

/** `12 resumed, 3 over`. */
function tally(results: (Outcome | Error | undefined)[]): string {
  const counts = new Map<string, number>()
  for (const result of results) if (typeof result === 'string') counts.set(result, (counts.get(result) ?? 0) + 1)
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ')
}
