import {expect} from 'chai'
import {findObject} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, atMost, ended, endState, inPod, killedAtWrite, namesOf, secretOf} from './apps.ts'

// Every write of the anchor is a step of the journal: there berth is killed, just before the server has the write and just after.
const moments = ['before', 'after'] as const
type Moment = (typeof moments)[number]
/** Each moment at every other write: that is enough where little happens between two writes. */
const everyOther = (each: {n: number; moment: Moment}) => (each.n % 2 === 0) === (each.moment === 'after')
/** More writes than any of these operations makes; those that end undisturbed prove that all were tried. */
const most = 12
const cases = Array.from({length: most}, (_, i) => moments.map(moment => ({n: i + 1, moment}))).flat()
const nameOf = (prefix: string, {n, moment}: {n: number; moment: Moment}) =>
  `${prefix}-${String(n).padStart(2, '0')}${moment[0]}`

const secretsOf = (app: string) => [`Secret/berth.${app}.s.1`, `Secret/berth.${app}.s.1.o`]
const undisturbedApp = 'i-00u'

describe('apps: killed at each write of the journal', function () {
  this.timeout(240_000)
  const a = apps()
  let namespace = ''
  let reference = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  const install = (app: string) => ['app', 'install', 'worker', app, '--set', 'database=app:st', ...at()]
  const grantOf = async (app: string) =>
    (await anchorOf(a.kube, namespace, 'st'))?.grants[`${namespace}/${app}#database`]
  const filesOf = async (app: string) => {
    const found = await inPod(a.kube, namespace, 'st', `cd /grants; grep -l . *_${app.replaceAll('-', '_')}_* || true`)
    return found.trim().split('\n').filter(Boolean)
  }
  /** The secret of the revision that the journal names, if there is one. */
  const journaledKey = async (app: string) => {
    const name = (await anchorOf(a.kube, namespace, app))?.pending?.target?.secret
    if (name === undefined) return undefined
    const secret = await findObject(a.kube, {apiVersion: 'v1', kind: 'Secret', namespace, name})
    return Buffer.from(((secret?.data ?? {}) as Record<string, string>).key ?? '', 'base64').toString()
  }

  before(async () => {
    namespace = await a.namespace('app-crash')
    ended(await a.berth(['app', 'install', 'store', 'st', ...at()]), 0)
    ended(await a.berth(install(undisturbedApp)), 0)
    reference = await endState(a.kube, namespace, undisturbedApp)
  })

  it('install: resume ends where an undisturbed one does, with the secrets and grants of the first try', async () => {
    const killed = await atMost(
      4,
      cases.map(each => async () => {
        const app = nameOf('i', each)
        const {undisturbed} = await killedAtWrite(a, install(app), app, each.n, each.moment)
        if (undisturbed !== undefined) ended(undisturbed, 0)
        else {
          const key = await journaledKey(app)
          const there = await anchorOf(a.kube, namespace, app)
          if (there?.pending !== undefined) ended(await a.berth(['app', 'resume', app, ...at()]), 0)
          else if (there?.current === undefined) {
            // Nothing was journaled: there is nothing to resume, and a plain install is not in its own way.
            if (there !== undefined) ended(await a.berth(['app', 'resume', app, ...at()]), 4, 'app.nothing-pending')
            ended(await a.berth(install(app)), 0)
          }
          if (key !== undefined) expect(await secretOf(a.kube, namespace, app, 'key'), app).to.equal(key)
        }
        expect(await endState(a.kube, namespace, app), app).to.equal(reference)
        expect((await grantOf(app))?.state, app).to.equal('granted')
        const [file, ...more] = await filesOf(app)
        expect(more, app).to.deep.equal([])
        const password = await secretOf(a.kube, namespace, app, 'database.password')
        expect((await inPod(a.kube, namespace, 'st', `cat /grants/${file}`)).trim(), app).to.equal(password)
        return undisturbed === undefined
      }),
    )
    expect(killed.at(-1), 'an install makes fewer writes than were tried').to.equal(false)
    expect(killed.filter(Boolean).length).to.be.greaterThan(12)
  })

  it('uninstall: resume leaves what an undisturbed one leaves', async () => {
    const uninstall = (app: string) => ['app', 'uninstall', app, ...at()]
    ended(await a.berth(uninstall(undisturbedApp)), 0)
    const left = await endState(a.kube, namespace, undisturbedApp)
    expect(await namesOf(a.kube, namespace, undisturbedApp)).to.deep.equal(secretsOf(undisturbedApp))
    const killed = await atMost(
      4,
      cases.filter(everyOther).map(each => async () => {
        const app = nameOf('i', each)
        const {undisturbed} = await killedAtWrite(a, uninstall(app), app, each.n, each.moment)
        if (undisturbed !== undefined) ended(undisturbed, 0)
        else {
          const there = await anchorOf(a.kube, namespace, app)
          if (there?.pending !== undefined) ended(await a.berth(['app', 'resume', app, ...at()]), 0)
          else if (there !== undefined) ended(await a.berth(uninstall(app)), 0)
        }
        expect(await endState(a.kube, namespace, app), app).to.equal(left)
        expect((await grantOf(app))?.state, app).to.equal('retained')
        expect(await filesOf(app), app).to.have.length(1)
        return undisturbed === undefined
      }),
    )
    expect(killed.at(-1), 'an uninstall makes fewer writes than were tried').to.equal(false)
    expect(killed.filter(Boolean).length).to.be.greaterThan(5)
  })

  it('install: abort leaves nothing but what it says', async () => {
    await atMost(
      4,
      cases.filter(everyOther).map(each => async () => {
        const app = nameOf('a', each)
        const {undisturbed} = await killedAtWrite(a, install(app), app, each.n, each.moment)
        const there = await anchorOf(a.kube, namespace, app)
        if (undisturbed !== undefined || there === undefined || there.current !== undefined) return
        const deleteData = each.n % 4 < 2
        const run = ended(await a.berth(['app', 'abort', app, ...(deleteData ? ['--delete-data'] : []), ...at()]), 0)
        const {retained} = run.json.result.outcome
        const kept = (await grantOf(app))?.state === 'retained'
        if (deleteData || there.pending === undefined) expect(retained, app).to.deep.equal([])
        expect(retained, app).to.deep.equal(kept ? [`data of database at ${namespace}/st`] : [])
        const names = await namesOf(a.kube, namespace, app)
        // Outputs of the binding have a Secret of their own once they are known.
        expect(
          names.filter(name => !name.endsWith('.s.1.o')),
          app,
        ).to.deep.equal(kept ? secretsOf(app).slice(0, 1) : [])
        if (!kept) expect(names, app).to.deep.equal([])
        expect(await filesOf(app), app).to.have.length(kept ? 1 : 0)
        if (!kept) expect(await grantOf(app), app).to.equal(undefined)
      }),
    )
  })

  it('with a real PostgreSQL: one user and one database, and the password is the first one', async () => {
    ended(await a.berth(['app', 'install', 'postgres', 'pg', '--set', 'storage.size=256Mi', ...at()]), 0)
    const sql = (text: string) => inPod(a.kube, namespace, 'pg', `psql -qAtX -U postgres -c "${text}"`)
    await atMost(
      3,
      [2, 3, 4].flatMap(n =>
        moments.map(moment => async () => {
          const app = nameOf('p', {n, moment})
          const args = ['app', 'install', 'worker', app, '--set', 'database=app:pg', ...at()]
          const {killed} = await killedAtWrite(a, args, app, n, moment)
          expect(killed, app).to.not.equal(undefined)
          const journaled = (await anchorOf(a.kube, namespace, app))?.pending !== undefined
          ended(await a.berth(journaled ? ['app', 'resume', app, ...at()] : args), 0)
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
