import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {anchorName, findAnchor} from '../../src/lib/anchor/index.ts'
import {pemOf} from '../../src/lib/kube/credential.ts'
import {createObject, type Kube, mergePatch} from '../../src/lib/kube/index.ts'
import {chooseCluster} from '../../src/lib/kube/kubeconfig.ts'
import {anchorOf, apps, ended, inPod, killedAtWrite, secretOf} from './apps.ts'
import {configFor} from './support.ts'
import {keys, Terminal} from './terminal.ts'

// biome-ignore lint/suspicious/noExplicitAny: plans are looked at as they were printed
type Printed = any

describe('providers that are installed first', function () {
  this.timeout(240_000)
  const run = apps()
  const berth = (...words: string[]) => run.berth([...words, '--json'])
  const install = (space: string, pkg: string, name: string, ...more: string[]) =>
    berth('app', 'install', pkg, name, '-n', space, ...more)
  const uninstall = (space: string, name: string, ...more: string[]) =>
    berth('app', 'uninstall', name, '-n', space, '--yes', ...more)
  const anchor = (space: string, name: string) => anchorOf(run.kube, space, name)
  /** The apps that the plan names, in its order, those of its own steps as `-`. */
  const orderOf = ({steps}: Printed): string[] => [
    ...new Set<string>(steps.map((step: Printed) => (step.do === 'operation' ? step.plan.app.name : '-'))),
  ]

  describe('Miniflux, with a PostgreSQL of its own', () => {
    let space = ''
    const words = ['--set', 'database=new:postgres', '--yes']
    before(async () => {
      space = await run.namespace('deps')
    })

    it('is one plan, and one command', async () => {
      const plan = ended(await berth('app', 'plan', 'miniflux', 'news', '-n', space, ...words.slice(0, 2)), 0).json
        .result.plan
      expect(orderOf(plan)).to.deep.equal(['news-database', '-'])
      const [{plan: first}] = plan.steps
      expect(first).to.deep.include({operation: 'install', app: {namespace: space, name: 'news-database'}})
      expect(first.steps).to.containSubset([{do: 'create', object: {kind: 'StatefulSet'}}])
      const other = ['--set-json', 'database={"$new":"postgres","answers":{"maxConnections":50}}']
      const otherwise = ended(await berth('app', 'plan', 'miniflux', 'news', '-n', space, ...other), 0).json.result.plan
      expect(otherwise.hash, 'the hash is of both').not.to.equal(plan.hash)
      ended(await install(space, 'miniflux', 'news', ...other, '--yes', '--plan', plan.hash), 4, 'plan.changed')
      expect(await anchor(space, 'news-database')).to.equal(undefined)

      const {result} = ended(await install(space, 'miniflux', 'news', ...words, '--plan', plan.hash), 0).json
      expect(result.plan.hash).to.equal(plan.hash)
      const app = await anchor(space, 'news')
      expect(app?.current.answers).to.deep.equal({database: {$app: `${space}/news-database`}})
      expect(await secretOf(run.kube, space, 'news', 'database.url')).to.include('news-database')
      for (const verb of ['show', 'status']) {
        const shown = ended(await berth('app', verb, 'news-database', '-n', space), 0).json.result
        expect(shown.installedFor).to.equal(`${space}/news`)
        expect(shown.users).to.containSubset([{app: `${space}/news`, parameter: 'database'}])
      }
      expect(ended(await berth('app', 'show', 'news', '-n', space), 0).json.result.installedFor).to.equal(null)
    })

    it('a change later installs nothing again', async () => {
      const change = (...more: string[]) => berth('app', 'config', 'news', '-n', space, '--yes', ...more)
      ended(await change('--set', 'poll=15'), 0)
      const same = ended(await change('--set', 'database=new:postgres', '--set', 'poll=20'), 0).json.result
      expect(orderOf(same.plan)).to.deep.equal(['-'])
      expect((await anchor(space, 'news'))?.current.answers.database).to.deep.equal({$app: `${space}/news-database`})
    })

    it('another app may use it, and then it stays', async () => {
      ended(await install(space, 'worker', 'other', '--set', 'database=app:news-database', '--yes'), 0)
      const {outcome} = ended(await uninstall(space, 'news', '--autoremove', '--delete-data'), 0).json.result
      expect(outcome.orphans).to.deep.equal([])
      expect((await anchor(space, 'news-database'))?.phase).to.equal('running')
      ended(await uninstall(space, 'other', '--delete-data'), 0)
    })
  })

  describe('in a chain', () => {
    let space = ''
    const chain = (answers: object = {}) =>
      JSON.stringify({$new: 'relay', answers: {database: 'new:store', ...answers}})
    const desk = (...more: string[]) =>
      run.berth(['app', 'install', 'desk', 'd', '-n', space, '-f', '-', '--yes', '--json', ...more], {
        stdin: JSON.stringify({title: 'Desk', token: 'hunter2hunter2', database: 'new:store'}),
      })
    beforeEach(async () => {
      space = await run.namespace('chain')
    })

    it('each is installed for the next, and goes with it', async () => {
      const {plan} = ended(await desk('--set-json', `feed=${chain()}`), 0).json.result
      expect(orderOf(plan)).to.deep.equal(['d-database', 'd-feed', '-'])
      expect(orderOf(plan.steps[1].plan)).to.deep.equal(['d-feed-database', '-'])
      const forWhom = async (name: string) => (await findAnchor(run.kube, {namespace: space, name}))?.installedFor?.name
      expect(await forWhom('d-feed-database')).to.equal('d-feed')
      expect(await forWhom('d-feed')).to.equal('d')

      const told = ended(await uninstall(space, 'd', '--autoremove', '--dry-run'), 0).json.result.plan
      expect(orderOf(told)).to.deep.equal(['-', 'd-database', 'd-feed', 'd-feed-database'])
      const refused = await berth('app', 'uninstall', 'd', '-n', space, '--autoremove', '--delete-data')
      ended(refused, 4, 'confirmation.required')
      const {outcome} = ended(await uninstall(space, 'd', '--autoremove', '--delete-data'), 0).json.result
      expect(outcome).to.deep.include({orphans: [], retained: []})
      const left = ended(await berth('app', 'list', '-n', space, '--retained'), 0).json.result
      expect(left).to.deep.equal({items: [], retained: []})
      expect(ended(await berth('app', 'list', '-n', space), 0).json.result.items).to.deep.equal([])
    })

    it('without --autoremove it is told what is left, and how to remove it', async () => {
      ended(await desk(), 0)
      const run1 = ended(await run.berth(['app', 'uninstall', 'd', '-n', space, '--yes']), 0)
      expect(run1.stdout).to.include(`left: ${space}/d-database`)
      expect(run1.stdout).to.include(`berth app uninstall d-database -n ${space}`)
      const {plan} = ended(await uninstall(space, 'd', '--delete-data', '--autoremove'), 0).json.result
      expect(orderOf(plan), 'also later, with the data that was kept').to.deep.equal(['-', 'd-database'])
      expect(await anchor(space, 'd-database')).to.equal(undefined)
    })

    it('with --cascade, too, each goes once', async () => {
      ended(await install(space, 'relay', 'r', '--set', 'database=new:store', '--yes'), 0)
      ended(await uninstall(space, 'r-database', '--cascade', '--autoremove', '--delete-data'), 0)
      expect(ended(await berth('app', 'list', '-n', space), 0).json.result.items).to.deep.equal([])
    })

    it('tells every wrong field of all of them at once, with its place, and begins nothing', async () => {
      const wrong = {
        title: 'x',
        token: 'hunter2hunter2',
        database: 'new:store',
        feed: JSON.parse(chain({words: 0, nam: 1})),
      }
      const input = {stdin: JSON.stringify(wrong, null, 1)}
      for (const verb of ['validate', 'plan', 'install']) {
        const more = verb === 'install' ? ['--yes'] : []
        const failed = ended(
          await run.berth(['app', verb, 'desk', 'd', '-n', space, '-f', '-', '--json', ...more], input),
          2,
          'params.invalid',
        )
        const fields = failed.json.error.details.map(({field}: {field: string}) => field)
        expect(fields, verb).to.have.members(['/title', '/feed/answers/words', '/feed/answers/nam'])
        expect(failed.json.error.details.every(({line}: {line?: number}) => line !== undefined)).to.equal(true)
      }
      expect(ended(await berth('app', 'list', '-n', space), 0).json.result.items).to.deep.equal([])
    })

    it('refuses one that would be installed for itself, that nobody has, that provides something else, or that is a file', async () => {
      const cases: [string, number, string, string][] = [
        ['{"$new":"relay","answers":{"database":"new:relay"}}', 4, 'binding.refused', 'desk → relay → relay'],
        ['new:nowhere', 3, 'package.not-found', 'nowhere'],
        ['new:store', 4, 'binding.refused', 'nothing that speaks http'],
        ['new:relay@1.tgz', 2, 'usage.invalid', 'names a file'],
      ]
      for (const [answer, exitCode, code, why] of cases) {
        const flag = answer.startsWith('{') ? '--set-json' : '--set'
        expect(ended(await desk(flag, `feed=${answer}`), exitCode, code).json.error.message).to.include(why)
      }
      ended(await install(space, 'plain', 'd-database', '--yes'), 0)
      const taken = ended(await desk(), 4, 'app.exists').json.error
      expect(taken.message).to.include(`${space}/d-database is there already (plain 1.0.0)`)
    })

    it('the name and the namespace can be said, and a change of a running app may need one, too', async () => {
      const elsewhere = await run.namespace('chain-db')
      const $new = JSON.stringify({$new: 'store', name: 'st', namespace: elsewhere})
      ended(await desk('--set-json', `database=${$new}`), 0)
      expect((await anchor(space, 'd'))?.current.answers.database).to.deep.equal({$app: `${elsewhere}/st`})
      const change = ['app', 'config', 'd', '-n', space, '--set-json', `feed=${chain()}`, '--yes']
      const {plan} = ended(await berth(...change), 0).json.result
      expect(orderOf(plan)).to.deep.equal(['d-feed', '-'])
      const {outcome} = ended(await uninstall(space, 'd', '--autoremove'), 0).json.result
      expect(outcome.orphans).to.deep.equal([])
      for (const [where, name] of [
        [elsewhere, 'st'],
        [space, 'd-feed'],
        [space, 'd-feed-database'],
      ] as const)
        expect(await anchor(where, name)).to.equal(undefined)
    })

    it('killed in between, the same command goes on with what is there', async () => {
      const args = ['app', 'install', 'relay', 'r', '-n', space, '--set', 'database=new:store', '--yes', '--json']
      // the lock, what is being done, the other's lock, and then the journal
      const {killed} = await killedAtWrite(run, args, 'r', 4, 'before')
      expect(killed, 'it ended before it was killed').not.to.equal(undefined)
      const made = await anchor(space, 'r-database')
      expect(made?.phase).to.equal('running')
      expect((await anchor(space, 'r'))?.pending).to.equal(undefined)
      const {plan} = ended(await run.berth(args), 0).json.result
      expect(orderOf(plan)).to.deep.equal(['-'])
      const after = await anchor(space, 'r-database')
      expect(after?.object.metadata.uid).to.equal(made?.object.metadata.uid)
      expect(after?.current.number).to.equal(1)
    })

    it('where the app fails, what was installed first stays and is told; or goes with it', async () => {
      const args = ['--set', 'database=new:store', '--set', 'broken=true', '--yes']
      const stays = ended(await install(space, 'relay', 'r', ...args), 6, 'operation.failed').json.error
      expect(stays.hint.join('\n')).to.include(`berth app uninstall r-database -n ${space}`)
      expect((await anchor(space, 'r-database'))?.phase).to.equal('running')
      const {outcome} = ended(await berth('app', 'abort', 'r', '-n', space, '--delete-data', '--yes'), 0).json.result
      expect(outcome.orphans).to.deep.equal([`${space}/r-database`])
      ended(await uninstall(space, 'r-database', '--delete-data'), 0)
      ended(await install(space, 'relay', 'r', ...args, '--on-failure', 'rollback'), 6, 'operation.failed')
      expect(await anchor(space, 'r')).to.equal(undefined)
      expect(await anchor(space, 'r-database')).to.equal(undefined)
    })

    it('under --yes a provider that is missing is the suggested one, where there is no other', async () => {
      const missing = ended(await install(space, 'relay', 'r'), 2, 'params.invalid').json.error
      expect(missing.details[0].message).to.include('new:nowhere or new:store installs one')
      const folder = await mkdtemp(join(tmpdir(), 'berth-alone-'))
      const kubeconfig = join(folder, 'config')
      await writeFile(kubeconfig, JSON.stringify(await aloneIn(run.kube, space)))
      const alone = (name: string) =>
        run.berth(['app', 'install', 'relay', name, '-n', space, '--yes', '--json'], {kubeconfig})
      expect(orderOf(ended(await alone('r'), 0).json.result.plan)).to.deep.equal(['r-database', '-'])
      const choice = ended(await alone('second'), 2, 'params.invalid').json.error
      expect(choice.details).to.containSubset([{field: '/database', code: 'required'}])
      await rm(folder, {recursive: true})
    })

    it('what an editor of the namespace wrote for a mark is not believed', async () => {
      ended(await install(space, 'store', 'st', '--yes'), 0)
      const object = {apiVersion: 'v1', kind: 'ConfigMap', namespace: space, name: anchorName('st')}
      const metadata = {annotations: {'berth.dev/installed-for': '../x'}}
      await mergePatch(run.kube, object, {metadata}, {fieldManager: 'mallory'})
      ended(await berth('app', 'show', 'st', '-n', space), 7, 'app.corrupt')
      const {items} = ended(await berth('app', 'list', '-n', space), 0).json.result
      expect(items).to.containSubset([{name: 'st', phase: 'corrupt'}])
    })
  })

  describe('in the form', () => {
    let space = ''
    let home = ''
    let terminal: Terminal | undefined
    before(async () => {
      space = await run.namespace('deps-form')
      home = await run.newHome()
    })
    afterEach(() => terminal?.close())

    it('are choices with what their packages ask, for a front end', async () => {
      const {fields} = ended(await berth('app', 'form', 'miniflux', 'news', '-n', space), 0).json.result
      const {choices} = fields.find(({field}: Printed) => field === '/database')
      const made = choices.find(({value}: Printed) => value.$new === 'postgres')
      expect(made.title).to.equal('a new PostgreSQL (postgres 1.1.0)')
      const [storage, most] = made.item
      expect(storage).to.deep.include({field: '/database/answers/storage', widget: 'volume', default: {size: '1Gi'}})
      expect(most).to.deep.include({field: '/database/answers/maxConnections', kind: 'integer', advanced: true})
    })

    it('ask what the package asks, at a terminal', async () => {
      terminal = new Terminal(['app', 'install', 'miniflux', 'news', '-n', space, '--dry-run'], {home})
      await terminal.answer('Address')
      await terminal.answer('Administrator')
      await terminal.answer('Password of the administrator')
      await chooseNew(terminal, 'a new PostgreSQL')
      await terminal.see(`PostgreSQL as ${space}/news-database`)
      await terminal.answer('Storage: size (1Gi)', '2Gi')
      await terminal.answer('storage class')
      await terminal.answer('yes, go on')
      await terminal.answer('Minutes between polls')
      await terminal.see('new:postgres')
      await terminal.answer('yes, go on')
      expect(await terminal.ended(), terminal.text).to.equal(0)
      expect(terminal.text).to.include(`Plan: install postgres 1.1.0 as ${space}/news-database`)
    })

    it('install it', async () => {
      terminal = new Terminal(['app', 'install', 'relay', 'r', '-n', space], {home})
      await chooseNew(terminal, 'a new Store')
      await terminal.answer('Words at a time', '7')
      await terminal.answer('yes, go on')
      await terminal.answer('Install Relay', 'y')
      expect(await terminal.ended(), terminal.text).to.equal(0)
      expect(terminal.text).to.include(`with ${space}/r-database (store 1.0.0)`)
      expect(await inPod(run.kube, space, 'r', 'echo $WORDS')).to.equal('7\n')
    })
  })
})

/** The beginning of a choice finds it, among whatever providers there are. */
async function chooseNew(terminal: Terminal, title: string): Promise<void> {
  await terminal.see('Database')
  terminal.type(title)
  await terminal.see(`❯ ${title}`)
  terminal.type(keys.enter)
}

/** A kubeconfig of somebody who may do everything in one namespace, and sees no other. */
async function aloneIn(kube: Kube, namespace: string): Promise<object> {
  const by = {fieldManager: 'test'}
  const apiGroup = 'rbac.authorization.k8s.io'
  const common = {apiVersion: `${apiGroup}/v1`, metadata: {name: 'alone', namespace}}
  await createObject(kube, {...common, kind: 'Role', rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]}, by)
  const roleRef = {apiGroup, kind: 'Role', name: 'alone'}
  const subjects = [{apiGroup, kind: 'User', name: 'alone'}]
  await createObject(kube, {...common, kind: 'RoleBinding', roleRef, subjects}, by)
  const {cluster, user} = await chooseCluster({env: process.env})
  const text = async (file?: string, data?: string) => (await pemOf(file, data))?.toString('base64')
  const [certificate, key, ca] = await Promise.all([
    text(user?.certFile, user?.certData),
    text(user?.keyFile, user?.keyData),
    text(cluster.caFile, cluster.caData),
  ])
  const credential = {'client-certificate-data': certificate, 'client-key-data': key, token: user?.token}
  return configFor(cluster.server.href, {...credential, as: 'alone'}, ca && Buffer.from(ca, 'base64').toString())
}
