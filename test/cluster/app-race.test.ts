import {expect} from 'chai'
import type {Run} from '../cli/support.ts'
import {anchorOf, apps, ended, inPod, namesOf} from './apps.ts'

const codeOf = (run: Run): string => run.json.error?.code ?? 'ok'
const refusals = ['app.locked', 'app.exists', 'app.unfinished', 'app.not-found', 'app.nothing-pending', 'plan.changed']

describe('apps: two at once', function () {
  this.timeout(120_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  before(async () => {
    namespace = await a.namespace('app-race')
  })

  it('two installs of one app: one wins, the other is told by whom it is held or that it is there', async () => {
    for (const app of ['one', 'two', 'three']) {
      const runs = await Promise.all([1, 2, 3].map(() => a.berth(['app', 'install', 'plain', app, ...at()])))
      expect(
        runs.filter(({exitCode}) => exitCode === 0),
        app,
      ).to.have.length(1)
      for (const run of runs.filter(({exitCode}) => exitCode !== 0)) {
        ended(run, 4)
        expect(codeOf(run)).to.be.oneOf(['app.locked', 'app.exists', 'plan.changed', 'app.unfinished'])
        if (codeOf(run) === 'app.locked')
          expect(run.json.error.details.operation.who).to.be.a('string').that.is.not.empty
      }
      const anchor = await anchorOf(a.kube, namespace, app)
      expect(anchor?.phase).to.equal('running')
      expect(anchor?.operation).to.equal(undefined)
      expect(await namesOf(a.kube, namespace, app)).to.include(`Secret/berth.${app}.s.1`)
      expect((await namesOf(a.kube, namespace, app)).filter(name => name.includes('.s.'))).to.have.length(1)
    }
  })

  it('two uninstalls, two resumes: one wins, nobody crashes, the end is one', async () => {
    for (const app of ['one', 'two', 'three']) {
      const runs = await Promise.all([1, 2].map(() => a.berth(['app', 'uninstall', app, ...at()])))
      expect(runs.map(codeOf), app).to.include('ok')
      for (const run of runs) expect(codeOf(run)).to.be.oneOf(['ok', ...refusals])
      for (const run of runs) expect(run.exitCode, run.stdout).to.be.oneOf([0, 3, 4])
      expect(await namesOf(a.kube, namespace, app)).to.deep.equal([])
    }
    await a.berth(['app', 'install', 'plain', 'half', '--set', 'cpu=500', '--timeout', '1s', ...at()])
    const {child, done} = a.start(['app', 'resume', 'half', ...at()])
    const other = a.start(['app', 'resume', 'half', ...at()])
    setTimeout(() => [child, other.child].map(each => each.kill('SIGINT')), 5000)
    const codes = (await Promise.all([done, other.done])).map(codeOf)
    expect(codes).to.include('app.locked')
    expect((await anchorOf(a.kube, namespace, 'half'))?.operation).to.equal(undefined)
    ended(await a.berth(['app', 'abort', 'half', ...at()]), 0)
    expect(await namesOf(a.kube, namespace, 'half')).to.deep.equal([])
  })

  it('a consumer comes while its provider goes: one of the two fails, and no grant dangles', async () => {
    // When the consumer is bound depends on the machine: the removals come all over the time that an install takes here and now.
    ended(await a.berth(['app', 'install', 'store', 'clock', ...at()]), 0)
    const began = performance.now()
    ended(await a.berth(['app', 'install', 'worker', 'timed', '--set', 'database=app:clock', ...at()]), 0)
    const usual = performance.now() - began
    for (const i of [0, 1, 2, 3, 4]) ended(await a.berth(['app', 'install', 'store', `st${i}`, ...at()]), 0)
    const outcomes = await Promise.all(
      [0, 0.2, 0.4, 0.8, 1.6].map(async (part, i) => {
        const [provider, consumer, delay] = [`st${i}`, `w${i}`, part * usual]
        const later = (work: () => Promise<Run>) => new Promise(done => setTimeout(done, delay)).then(work)
        const [come, go] = await Promise.all([
          a.berth(['app', 'install', 'worker', consumer, '--set', `database=app:${provider}`, ...at()]),
          later(() => a.berth(['app', 'uninstall', provider, ...at()])),
        ])
        const said = `${codeOf(come)} ${codeOf(go)}`
        expect(
          [come.exitCode, go.exitCode].filter(code => code === 0),
          said,
        ).to.have.length(1)
        const anchor = await anchorOf(a.kube, namespace, provider)
        if (go.exitCode === 0) {
          expect(anchor, said).to.equal(undefined)
          expect(codeOf(come)).to.be.oneOf(['binding.refused', 'binding.provider-not-found', 'operation.failed'])
          // What was journaled can be taken back without its provider.
          if ((await anchorOf(a.kube, namespace, consumer)) !== undefined)
            ended(await a.berth(['app', 'abort', consumer, ...at()]), 0)
          expect(await namesOf(a.kube, namespace, consumer)).to.deep.equal([])
        } else {
          expect(codeOf(go)).to.equal('app.in-use')
          expect(anchor?.grants[`${namespace}/${consumer}#database`].state).to.equal('granted')
          expect(anchor?.operation).to.equal(undefined)
          expect(await inPod(a.kube, namespace, provider, 'ls /grants | grep -v log | wc -l')).to.equal('1\n')
        }
        return said
      }),
    )
    // Both ways round, or the delays above prove nothing.
    expect(outcomes).to.include('ok app.in-use')
    expect(outcomes.join(), outcomes.join()).to.match(/ ok/)
  })
})
