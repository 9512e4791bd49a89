import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import {findObject, type Kube, listObjects} from '../../src/lib/kube/index.ts'
import type {Run} from '../cli/support.ts'
import type {Fault, FaultProxy} from '../faults/proxy.ts'
import {type Apps, anchorOf, ended, endState, inPod, type Running, secretOf, throughFaults} from './apps.ts'
import {calls, greetingOf, type Operation, type Point, type State, type Way, ways} from './operations.ts'
import {tell} from './reliability.ts'

/** What a way led to: `over` where all was done or nothing had begun, and so there was nothing to go on with or to take back. */
export type Outcome = 'resumed' | 'taken back' | 'done again' | 'over' | 'undisturbed'

const faults: Record<Point['moment'], Fault> = {before: {answer: 503}, after: {stallAt: 0}}
const secretNames = ['key', 'code', 'database.password'] as const
type Secrets = Partial<Record<string, string>>

/** What each state looks like, by the first undisturbed run that led there: every other one must look the same. */
export type References = Map<State, string>

/** One app after the other in a namespace of its own, beside a provider and a shared value, led from state to state. */
export class Lane {
  readonly namespace: string
  app = 'a00'
  state: State = 'absent'
  readonly #apps: Apps
  readonly #references: References
  #secrets: Secrets = {}

  private constructor(apps: Apps, namespace: string, references: References) {
    this.#apps = apps
    this.namespace = namespace
    this.#references = references
  }

  static async open(apps: Apps, references: References): Promise<Lane> {
    const lane = new Lane(apps, await apps.namespace('lane'), references)
    ended(await lane.run(['app', 'install', 'store', 'st']), 0)
    ended(await lane.run(['value', 'set', greetingOf(lane.app), 'one']), 0)
    return lane
  }

  get kube(): Kube {
    return this.#apps.kube
  }

  /** Something went wrong here: on with another app; this one is left for whoever looks. */
  async leave(): Promise<void> {
    this.app = `a${String(Number(this.app.slice(1)) + 1).padStart(2, '0')}`
    this.state = 'absent'
    this.#secrets = {}
    ended(await this.run(['value', 'set', greetingOf(this.app), 'one']), 0)
  }

  run(words: string[]): Promise<Run> {
    return this.#apps.berth(this.#all(words))
  }

  perform(operation: Operation, kubeconfig?: string): Promise<Run> {
    return this.#start(operation, kubeconfig).done
  }

  #start({command, stdin}: Pick<Operation, 'command' | 'stdin'>, kubeconfig?: string): Running {
    const options = {...(kubeconfig !== undefined && {kubeconfig}), ...(stdin && {stdin: stdin(this.app)})}
    return this.#apps.start(this.#all(command(this.app)), options)
  }

  /** To a state, undisturbed, by the operations that lead there. */
  async bring(state: State): Promise<void> {
    for (const operation of pathOf(this.state, state)) {
      ended(await this.perform(operation), 0)
      await this.arrive([operation.to], operation)
    }
  }

  /** From the operation's state to where it begins. */
  async prepare(operation: Operation): Promise<void> {
    await this.bring(operation.from)
    await operation.before?.(this)
  }

  /** Kills a run on its way, and does not mend it. */
  async cut(command: (app: string) => string[], point: Point): Promise<void> {
    const {killed} = await this.#killed({command}, point)
    expect(killed, `${command(this.app).join(' ')} has fewer calls`).to.not.equal(undefined)
  }

  /** Undisturbed, but counted. */
  async survey(operation: Operation): Promise<Record<keyof typeof calls, number>> {
    await this.prepare(operation)
    return throughFaults(async (kubeconfig, proxy) => {
      ended(await this.perform(operation, kubeconfig), 0)
      await this.arrive([operation.to], operation)
      const count = (of: keyof typeof calls) => proxy.requests.filter(line => calls[of].test(line)).length
      return {write: count('write'), read: count('read')}
    })
  }

  /** Kills the operation at a point and goes one way from there: the app ends where that leads, with what it had. */
  async strike(operation: Operation, point: Point, way: Way): Promise<Outcome> {
    await this.prepare(operation)
    const {killed, run} = await this.#killed(operation, point)
    try {
      if (killed === undefined) {
        ended(run, 0)
        await this.arrive([operation.to], operation)
        return 'undisturbed'
      }
      return await this.#goOn(operation, way)
    } catch (error) {
      throw new Error(`at ${killed ?? 'no call'}: ${error instanceof Error ? error.message : error}`, {cause: error})
    }
  }

  /** The operation with an API server in trouble: it ends well, or says how to go on, and that ends well. */
  async trouble(operation: Operation, inject: (proxy: FaultProxy) => void): Promise<Outcome> {
    await this.prepare(operation)
    const run = await throughFaults((kubeconfig, proxy) => {
      inject(proxy)
      return this.perform(operation, kubeconfig)
    })
    if (run.exitCode === 0) {
      await this.arrive([operation.to], operation)
      return 'undisturbed'
    }
    expect(run.exitCode, run.stdout).to.be.oneOf([5, 6])
    return this.#goOn(operation, 'resume')
  }

  async #goOn(operation: Operation, way: Way): Promise<Outcome> {
    const {from, to, ends, restarts, afterAbort} = operation
    const there = await anchorOf(this.kube, this.namespace, this.app)
    const journaled = await this.#kept(there?.pending?.target?.secret)
    const current = await this.#kept(there?.current?.secret)
    const outcome = await this.#walk(operation, way)
    if (restarts && outcome !== 'done again') await this.#again(operation)
    if (way === 'abort' && afterAbort !== undefined) ended(await this.run(afterAbort(this.app)), 0)
    const forward = ends?.[way] ?? (way === 'abort' && outcome !== 'resumed' ? [from, to] : [to])
    const expected = {
      resumed: journaled ?? current,
      'taken back': current,
      over: current,
      'done again': undefined,
      undisturbed: undefined,
    }[outcome]
    await this.arrive(forward, operation, expected)
    return outcome
  }

  /** One way on, as a user walks it: where an error says another, that. */
  async #walk(operation: Operation, way: Way): Promise<Outcome> {
    if (way === 'again') return this.#again(operation)
    const run = await this.run(['app', way, this.app, ...(way === 'abort' ? this.#withData(operation) : [])])
    if (run.exitCode === 0) return way === 'resume' ? 'resumed' : 'taken back'
    const code = run.json.error?.code
    if (code === 'app.no-return') {
      ended(await this.run(['app', 'resume', this.app]), 0)
      return 'resumed'
    }
    expect(code, run.stdout).to.be.oneOf(['app.nothing-pending', 'app.not-found'])
    return way === 'abort' ? 'over' : this.#again(operation)
  }

  async #again(operation: Operation): Promise<Outcome> {
    const run = await this.perform(operation)
    if (run.exitCode === 0) return 'done again'
    const {error, result} = run.json
    const code = error?.code ?? result?.users?.[0]?.error?.code
    if (code === 'app.unfinished' || code === 'app.no-return') {
      ended(await this.run(['app', 'resume', this.app]), 0)
      return 'resumed'
    }
    expect(code, run.stdout).to.be.oneOf(['app.exists', 'app.not-found', 'app.nothing-pending'])
    // Only a lock may be left.
    if (error?.hint?.some((hint: string) => hint.startsWith('berth app abort')))
      ended(await this.run(['app', 'abort', this.app]), 0)
    return 'over'
  }

  /** Taken back, an install leaves nothing where nothing was before. */
  #withData = ({from}: Operation): string[] => (from === 'absent' ? ['--delete-data'] : [])

  /** The app stands in one of these states, as every other that does, with the secrets that it had or that the journal says. */
  async arrive(states: State[], operation: Operation, expected?: Secrets): Promise<void> {
    let look = ''
    for (let tries = 0; tries < 25; tries++) {
      // A pod may have just gone.
      look = await this.#look().catch((error: Error) => error.message)
      const found = states.find(state => look === (this.#references.get(state) ?? look))
      if (found === undefined) {
        // The garbage collector and controllers take their moments.
        await sleep(200)
        continue
      }
      if (!this.#references.has(found)) this.#references.set(found, look)
      const now = await this.#present(found)
      for (const name of secretNames) {
        const free = operation.renews?.includes(name) === true && expected === undefined
        const before = expected?.[name] ?? this.#secrets[name]
        if (found !== 'absent' && before !== undefined && !free) expect(now[name], `secret ${name}`).to.equal(before)
      }
      this.state = found
      this.#secrets = now
      return
    }
    const wanted = this.#references.get(states[0] as State) ?? ''
    throw new Error(`it is not as ${states.join(' or ')}:\n${difference(look, wanted)}`)
  }

  /** Everything that one can see of the app, at its provider, too; without what is chance. */
  async #look(): Promise<string> {
    const {kube, namespace, app} = this
    const [objects, provider, lease, logins] = await Promise.all([
      endState(kube, namespace, app),
      anchorOf(kube, namespace, 'st'),
      findObject(kube, {apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name: `berth.${app}`}),
      inPod(
        kube,
        namespace,
        'st',
        `cd /grants; for f in *_${app}_database_*; do [ -e $f ] && echo $f $(cat $f); done; true`,
      ),
    ])
    // A credential may be settled at the next change: what is left at the provider until then is counted below.
    const {objects: all, ...rest} = JSON.parse(objects.replace(/"asks": "settle",\s*/g, '')) as {
      objects: {name: string; data: Record<string, unknown>}[]
    }
    // What its provider told stands beside the revision's secrets, or among them since a later revision: both are one.
    const [outputs, others] = [true, false].map(is => all.filter(({name}) => name.endsWith('.s.N.o') === is))
    for (const {data} of outputs ?? [])
      for (const revision of others ?? [])
        if (revision.name.endsWith('.s.N'))
          revision.data = Object.fromEntries(Object.entries({...revision.data, ...data}).sort())
    const running = (await anchorOf(kube, namespace, app))?.current !== undefined
    // A URL is made anew of what was kept, where an app takes that up.
    for (const {data} of running ? [] : (others ?? [])) delete data['database.url']
    const grant = (parameter: string) => provider?.grants[`${namespace}/${app}#${parameter}`]
    const [login = '', ...more] = logins.trim().split('\n')
    const key = running ? await secretOf(kube, namespace, app, 'key') : ''
    const given = await inPod(kube, namespace, app, 'echo $USER $PASSWORD $KEY').then(
      said => said.trim(),
      () => 'no pod',
    )
    return JSON.stringify(
      {
        // What was let go of is kept at the provider, whoever let go of it when.
        grants: {database: grant('database')?.state, files: grant('files')?.state === 'granted'},
        request: grant('database')?.request,
        moreLogins: more.length,
        hasLogin: login !== '',
        lease: lease !== undefined,
        // Its pod, where one runs, has the login that its provider knows, and the key of its Secret.
        works: running && given === `${login} ${key}`,
        tasks: (await listObjects(kube, {apiVersion: 'batch/v1', kind: 'Job'}, {namespace})).items.length,
        outputs: (outputs?.length ?? 0) <= 1,
        objects: others,
        ...rest,
      },
      null,
      1,
    )
  }

  async #present(state: State): Promise<Secrets> {
    const {kube, namespace, app} = this
    if (state === 'absent') return {}
    if (state !== 'kept') {
      const values = await Promise.all(secretNames.map(name => secretOf(kube, namespace, app, name)))
      return Object.fromEntries(secretNames.map((name, i) => [name, values[i]]))
    }
    const {items} = await listObjects(
      kube,
      {apiVersion: 'v1', kind: 'Secret'},
      {namespace, labelSelector: `berth.dev/app=${app},berth.dev/retained=true`},
    )
    return (await this.#kept(items[0]?.metadata.name)) ?? {}
  }

  /** What a revision's Secret holds. */
  async #kept(name: string | undefined): Promise<Secrets | undefined> {
    if (name === undefined) return undefined
    const {kube, namespace} = this
    const secret = await findObject(kube, {apiVersion: 'v1', kind: 'Secret', namespace, name})
    const data = (secret?.data ?? {}) as Record<string, string>
    return Object.fromEntries(
      secretNames.map(each => [each, data[each] && Buffer.from(data[each], 'base64').toString()]),
    )
  }

  #killed(
    operation: Pick<Operation, 'command' | 'stdin'>,
    {on, n, moment}: Point,
  ): Promise<{killed: string | undefined; run: Run}> {
    return throughFaults(async (kubeconfig, proxy) => {
      let killed: string | undefined
      const {child, done} = this.#start(operation, kubeconfig)
      proxy.inject({
        on,
        skip: n - 1,
        fault: faults[moment],
        struck: () => {
          child.kill('SIGKILL')
          killed = `${moment} ${proxy.requests.filter(line => on.test(line))[n - 1]}`
        },
      })
      const run = await done
      return {killed, run}
    })
  }

  #all(words: string[]): string[] {
    const asks = words[0] === 'value' && !words.includes('--roll') ? [] : words[1] === 'recover' ? [] : ['--yes']
    return [...words, '-n', this.namespace, ...asks, '--json']
  }
}

/** Lines that only one of the two has. */
function difference(is: string, should: string): string {
  const only = (one: string, other: string) => one.split('\n').filter(line => !other.split('\n').includes(line))
  return [...only(is, should).map(line => `+${line}`), ...only(should, is).map(line => `-${line}`)].join('\n')
}

/** The fewest operations from one state to another. */
function pathOf(from: State, to: State): Operation[] {
  const paths: Operation[][] = [[]]
  const seen = new Set<State>([from])
  for (const path of paths) {
    const at = path.at(-1)?.to ?? from
    if (at === to) return path
    for (const operation of ways)
      if (operation.from === at && !seen.has(operation.to)) {
        seen.add(operation.to)
        paths.push([...path, operation])
      }
  }
  throw new Error(`no way leads from ${from} to ${to}`)
}

export interface Task<T> {
  operation: Operation
  work(lane: Lane): Promise<T>
  /** For whoever reads a failure. */
  title: string
}

/**
 * Does many things in a few lanes, each lane always what begins where it stands.
 * @returns how each ended, in the order given; a failure is an Error
 */
export async function inLanes<T>(lanes: Lane[], tasks: Task<T>[]): Promise<(T | Error)[]> {
  const results: (T | Error)[] = []
  const left = new Set(tasks)
  const work = async (lane: Lane) => {
    for (;;) {
      const all = [...left]
      const task = all.find(({operation}) => operation.from === lane.state) ?? all[0]
      if (task === undefined) return
      left.delete(task)
      const index = tasks.indexOf(task)
      try {
        results[index] = await task.work(lane)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        results[index] = new Error(`${task.title} (${lane.namespace}/${lane.app}): ${why}`, {cause: error})
        await lane.leave()
      }
      const said = results[index]
      tell(`${left.size} to go; ${said instanceof Error ? said.message : `${task.title}: ${JSON.stringify(said)}`}`)
    }
  }
  await Promise.all(lanes.map(work))
  return results
}
