import {expect} from 'chai'
import {getObject, listObjects, mergePatch} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, ended, killedAtWrite, secretOf} from './apps.ts'

describe('apps: secrets, shown and made anew', function () {
  this.timeout(180_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--json']
  const rotate = (name: string, app = 's') => ['app', 'rotate', app, name, ...at(), '--yes']
  const value = (key: string, app = 's') => secretOf(a.kube, namespace, app, key)
  const generation = async (name: string, app = 's') => {
    const ref = {apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: `${app}-${name}`}
    return (await getObject(a.kube, ref)).metadata.generation
  }
  const events = async () =>
    (await listObjects(a.kube, {apiVersion: 'v1', kind: 'Event'}, {namespace})).items.filter(
      event => (event as {reason?: string}).reason === 'SecretRevealed',
    ) as unknown as {message: string; involvedObject: {name: string}}[]

  before(async () => {
    namespace = await a.namespace('app-secrets')
    ended(await a.berth(['app', 'install', 'safe', 's', ...at(), '--yes']), 0)
  })

  it('list says where each is from and what can be done, and no value', async () => {
    const run = ended(await a.berth(['app', 'secret', 'list', 's', ...at()]), 0)
    const rows = run.json.result.secrets.map(
      ({name, from, rotate: rule}: {name: string; from: string; rotate: unknown}) =>
        `${name} ${from} ${JSON.stringify(rule)}`,
    )
    expect(rows).to.deep.equal([
      'code generated {"task":"tell"}',
      'hash derived null',
      'password generated "restart"',
      'sealed generated "never"',
    ])
    for (const key of ['code', 'hash', 'password', 'sealed']) expect(run.stdout).to.not.include(await value(key))
  })

  it('get masks, and reveals to whoever is then named in an Event', async () => {
    const masked = ended(await a.berth(['app', 'secret', 'get', 's', 'password', '-n', namespace]), 0)
    expect(masked.stdout).to.match(/^\*{8} /)
    expect(await events()).to.deep.equal([])
    const shown = ended(await a.berth(['app', 'secret', 'get', 's', 'password', '-n', namespace, '--reveal']), 0)
    expect(shown.stdout).to.equal(`${await value('password')}\n`)
    const [event, ...more] = await events()
    expect(more).to.deep.equal([])
    expect(event?.involvedObject.name).to.equal('berth.s')
    expect(event?.message).to.match(/^reveal of app-secrets-\w+\/s by \S+ on \S+: done: was shown password$/)
    const error = ended(await a.berth(['app', 'secret', 'get', 's', 'pasword', ...at()]), 3, 'secret.not-found')
    expect(error.json.error.hint.join()).to.include('did you mean password?')
  })

  it('outputs: as the package says, secrets as get does', async () => {
    const outputs = async (...more: string[]) =>
      ended(await a.berth(['app', 'outputs', 's', ...at(), ...more]), 0).json.result.outputs
    const app = {namespace, name: 's'}
    const login = {name: 'login', title: 'First login', value: 'admin'}
    expect(await outputs()).to.deep.equal([{...login, secret: {app, name: 'password', value: null}}])
    const revealed = await outputs('--reveal')
    expect(revealed).to.deep.equal([{...login, secret: {app, name: 'password', value: await value('password')}}])
    expect(await events()).to.have.length(2)
  })

  it('rotate: a new value, what is made of it too, and only the pods that read it', async () => {
    const names = ['password', 'hash', 'sealed', 'code']
    const before = await Promise.all(names.map(name => value(name)))
    const [reader, other] = await Promise.all([generation('reader'), generation('other')])
    const run = ended(await a.berth(rotate('password')), 0)
    const after = await Promise.all(names.map(name => value(name)))
    expect(after.map((one, i) => one === before[i])).to.deep.equal([false, false, true, true])
    expect([await generation('reader'), await generation('other')]).to.deep.equal([Number(reader) + 1, other])
    for (const text of [...before, ...after]) expect(run.stdout + run.stderr).to.not.include(text)
  })

  it('rotate: by the task that its package has for it', async () => {
    const before = await value('code')
    const {steps} = ended(await a.berth(rotate('code')), 0).json.result.plan
    expect(steps.filter((step: {do: string}) => step.do === 'task')).to.have.length(1)
    expect(await value('code')).to.not.equal(before)
  })

  it('rotate refuses what would lose something, what was given, and what is not there', async () => {
    const sealed = ended(await a.berth(rotate('sealed')), 4, 'rotation.refused')
    expect(sealed.json.error.message).to.include('would be lost')
    expect(sealed.json.error.hint.join()).to.include('berth app config s -n')
    ended(await a.berth(rotate('token')), 4, 'rotation.refused')
    ended(await a.berth(rotate('nothing')), 3, 'secret.not-found')
    ended(await a.berth(['app', 'config', 's', '--set-env', 'password=P', ...at()], {env: {P: 'given-one'}}), 0)
    expect(await value('password')).to.equal('given-one')
    ended(await a.berth(rotate('password')), 4, 'rotation.refused')
  })

  it('a task of config runs where its condition holds, and only there', async () => {
    const tasksOf = async (...change: string[]) => {
      const run = ended(await a.berth(['app', 'config', 's', ...change, ...at()], {env: {P: 'another'}}), 0)
      return run.json.result.plan.steps.filter((step: {do: string}) => step.do === 'task').length
    }
    expect(await tasksOf('--set', 'text=Hi')).to.equal(1)
    expect(await tasksOf('--set-env', 'password=P')).to.equal(0)
  })

  it('killed at any write of a rotation: the old value or the new one, and never a third', async () => {
    ended(await a.berth(['app', 'install', 'safe', 'k', ...at(), '--yes']), 0)
    let killed = 0
    /** Once its lease has run out, which is not waited for. */
    const saidToBeCutOff = async () => {
      const verdict = async () => ended(await a.berth(['app', 'status', 'k', ...at()]), 0).json.result.verdict
      expect(await verdict()).to.deep.include({healthy: false, next: null})
      const lease = {apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name: 'berth.k'}
      const since = '2020-01-01T00:00:00.000000Z'
      await mergePatch(a.kube, lease, {spec: {renewTime: since}}, {fieldManager: 'test'})
      const {operation} = (await anchorOf(a.kube, namespace, 'k')) ?? {}
      const annotations = {'berth.dev/operation': JSON.stringify({...operation, since})}
      const anchor = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'berth.k'}
      await mergePatch(a.kube, anchor, {metadata: {annotations}}, {fieldManager: 'test'})
      expect(await verdict()).to.deep.include({healthy: false, reason: 'CutOff'})
      expect((await verdict()).next).to.match(/^berth app (resume|abort) k -n /)
    }
    for (const n of [1, 2, 3, 4, 6, 8]) {
      for (const back of [false, true]) {
        const before = await value('password', 'k')
        const was = await anchorOf(a.kube, namespace, 'k')
        const moment = back ? 'before' : 'after'
        const run = await killedAtWrite(a, rotate('password', 'k'), 'k', n, moment)
        if (run.killed !== undefined && killed++ === 0) await saidToBeCutOff()
        const there = await anchorOf(a.kube, namespace, 'k')
        if (there?.pending === undefined) {
          // Only a lock is left of what had not begun, or was done.
          if (run.killed !== undefined && there?.current.number === was?.current.number)
            expect(await value('password', 'k'), `${n} ${moment}`).to.equal(before)
          continue
        }
        const secret = {apiVersion: 'v1', kind: 'Secret', namespace, name: there.pending.target.secret}
        const {data} = (await getObject(a.kube, secret)) as unknown as {data: Record<string, string>}
        const next = Buffer.from(data.password ?? '', 'base64').toString()
        ended(await a.berth(['app', back ? 'abort' : 'resume', 'k', ...at(), '--yes']), 0)
        expect(await value('password', 'k'), `${n} ${moment}`).to.equal(back ? before : next)
      }
    }
    expect(killed).to.be.greaterThan(6)
  })
})
