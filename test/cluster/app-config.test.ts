import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {applyObject, getObject} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, ended} from './apps.ts'

describe('apps: config', function () {
  this.timeout(180_000)
  const a = apps()
  let namespace = ''
  let folder = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  const config = (...args: string[]) => a.berth(['app', 'config', 'c', ...args, ...at()])
  const read = (kind: string, name: string) =>
    getObject(a.kube, {apiVersion: kind === 'StatefulSet' ? 'apps/v1' : 'v1', kind, namespace, name})
  const textOf = async (name: string) => ((await read('ConfigMap', name)).data as {text: string}).text
  const generation = async () => (await read('StatefulSet', 'c')).metadata.generation
  const anchor = () => anchorOf(a.kube, namespace, 'c')
  const steps = (run: {json: {result?: {plan: {steps: {do: string; object?: {kind: string}}[]}}}}) =>
    run.json.result?.plan.steps.map(step => `${step.do} ${step.object?.kind}`)

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-config-'))
    namespace = await a.namespace('app-config')
    ended(await a.berth(['app', 'install', 'plain', 'c', '--set', 'disk=1Gi', ...at()]), 0)
  })
  after(() => rm(folder, {recursive: true}))

  it('changes one answer, prunes what is no more, and leaves the pods alone', async () => {
    const before = await generation()
    const run = ended(await config('--set', 'text=two', '--set', 'shared=c-new'), 0)
    expect(steps(run)).to.include.members(['create ConfigMap', 'keep StatefulSet', 'delete ConfigMap'])
    expect(await textOf('c-new')).to.equal('two')
    expect(await generation()).to.equal(before)
    expect((await anchor())?.current.answers).to.deep.include({text: 'two', shared: 'c-new'})
  })

  it('what changes nothing writes nothing', async () => {
    const {resourceVersion} = (await anchor())?.object.metadata ?? {}
    for (const same of [[], ['--set', 'text=two']]) {
      const {plan, outcome} = ended(await config(...same), 0).json.result
      expect([plan.changes, outcome]).to.deep.equal([false, null])
    }
    expect((await anchor())?.object.metadata.resourceVersion).to.equal(resourceVersion)
  })

  it('carries out the plan that was approved, and no other', async () => {
    const planned = ended(await config('--set', 'text=three', '--dry-run'), 0).json.result.plan
    expect(await textOf('c-new')).to.equal('two')
    ended(await config('--set', 'text=other', '--plan', planned.hash), 4, 'plan.changed')
    ended(await config('--set', 'text=three', '--plan', planned.hash), 0)
    expect(await textOf('c-new')).to.equal('three')
  })

  it('refuses what an app cannot change: immutable answers, volumes that shrink or move', async () => {
    const {details} = ended(
      await config('--set', 'owner=me', '--set', 'disk=512Mi', '--set', 'bogus=1'),
      2,
      'params.invalid',
    ).json.error
    const told = (details as {field: string; code: string}[]).map(({field, code}) => `${field} ${code}`)
    expect(told.sort()).to.deep.equal(['/bogus unknown', '/disk shrinks', '/owner immutable'])
    const moved = ended(await config('--set-json', 'disk={"size":"1Gi","class":"local-path-fixed"}'), 2)
    expect(moved.json.error.details[0].code).to.equal('immutable')
  })

  it('a volume grows', async () => {
    ended(await config('--set', 'disk=2Gi'), 0)
    const {spec} = (await read('PersistentVolumeClaim', 'c-disk')) as {spec?: {resources?: {requests?: object}}}
    expect(spec?.resources?.requests).to.deep.equal({storage: '2Gi'})
  })

  it('fields that others set are refused, left or taken; an interrupted change is gone on with either way', async () => {
    const theirs = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'c-new', namespace}, data: {text: 'theirs'}}
    await applyObject(a.kube, theirs, {fieldManager: 'somebody', force: true})
    ended(await config('--set', 'text=four'), 4, 'object.conflict')
    ended(await config('--set', 'text=four', '--on-drift', 'keep'), 0)
    expect(await textOf('c-new')).to.equal('theirs')
    ended(
      await config('--set', 'text=five', '--set', 'script=sleep 35999', '--on-drift', 'take', '--timeout', '1ms'),
      9,
    )
    expect(await textOf('c-new')).to.equal('five')
    await applyObject(a.kube, theirs, {fieldManager: 'somebody', force: true})
    ended(await a.berth(['app', 'resume', 'c', '--on-drift', 'keep', ...at()]), 0)
    expect(await textOf('c-new')).to.equal('theirs')
    ended(await config('--on-drift', 'take'), 0)
    expect(await textOf('c-new')).to.equal('five')
  })

  it('a pod that does not come up: taken back to what ran before, although Kubernetes waits for the broken one', async () => {
    const bad = await config('--set', 'image=docker.io/library/busybox:none', '--on-failure', 'rollback')
    ended(bad, 6, 'operation.failed')
    const {phase, pending, current, history} = (await anchor()) ?? {}
    expect([phase, pending, history?.[0].outcome]).to.deep.equal(['running', undefined, 'aborted'])
    expect(current.answers).to.not.have.property('image')
    const pod = (await read('Pod', 'c-0')) as {spec?: {containers: {image: string}[]}; status?: {phase?: string}}
    expect([pod.spec?.containers[0]?.image, pod.status?.phase]).to.deep.equal([
      'docker.io/library/busybox:1.35',
      'Running',
    ])
  })

  it('the same, where the broken pod was installed and the next answers mend it', async () => {
    const install = ['app', 'install', 'plain', 'b', '--set', 'script=exit 1', '--no-wait', ...at()]
    ended(await a.berth(install), 0)
    const mended = await a.berth(['app', 'config', 'b', '--unset', 'script', '--timeout', '90s', ...at()])
    ended(mended, 0)
  })

  describe('--edit', () => {
    /** An editor: a shell script that is given the file. Each opening runs the next line, and keeps what it saw. */
    const edit = async (lines: string[], ...args: string[]) => {
      const editor = join(folder, 'editor')
      const [log, count] = [join(folder, 'seen'), join(folder, 'count')]
      await writeFile(count, '0')
      await writeFile(log, '')
      const cases = lines.map((line, index) => `${index}) ${line} ;;`).join('\n')
      await writeFile(
        editor,
        `#!/bin/sh\nn=$(cat ${count}); echo $((n + 1)) > ${count}; cat "$1" >> ${log}\ncase $n in\n${cases}\nesac\n`,
      )
      await chmod(editor, 0o755)
      const run = await a.berth(['app', 'config', 'c', '--edit', ...args, ...at()], {env: {VISUAL: editor}})
      return {run, seen: await readFile(log, 'utf8')}
    }

    it('shows every parameter with what it is, and takes what was written', async () => {
      const {run, seen} = await edit([`sed -i 's/^text:.*/text: edited/; s/^#cpu:.*/cpu: 6m/' "$1"`])
      ended(run, 0)
      expect(seen).to.match(/^# Text \(string; default Hello\)\ntext: five$/m)
      expect(seen).to.match(/^# Whose it is \(string; advanced; cannot be changed after the install; default nobody\)/m)
      expect(seen).to.match(/^#owner: nobody$/m)
      expect(seen).to.match(/^disk:\n {2}size: 2Gi$/m)
      expect((await anchor())?.current.answers).to.deep.include({text: 'edited', cpu: '6m', disk: {size: '2Gi'}})
    })

    it('comes back with what is wrong at its line, until it is right', async () => {
      const {run, seen} = await edit([
        `sed -i 's/^text:.*/text: [1/' "$1"`,
        `sed -i 's/^text:.*/text: 5/' "$1"; echo 'bogus: 1' >> "$1"`,
        `sed -i 's/^text:.*/text: "#! five"/; /^bogus/d; s/^#owner:.*/#! a line of my own/' "$1"`,
      ])
      ended(run, 0)
      expect(seen).to.match(/^#! .*deficient indentation.*close the quote or the bracket/m)
      expect(seen).to.match(/^#! text must be text.*in quotes\ntext: 5$/m)
      expect(seen).to.match(/^#! bogus there is no field bogus.*\nbogus: 1$/m)
      expect((await anchor())?.current.answers.text).to.equal('#! five')
    })

    it('left as it was opened, nothing is done; given up, what was written is kept and named', async () => {
      const left = await edit([':'], '--set', 'text=unsaved')
      expect(ended(left.run, 0).json.result.outcome).to.equal(null)
      const {run} = await edit([`echo 'bogus: 1' >> "$1"`, ':'])
      const hint = (ended(run, 2, 'params.invalid').json.error.hint as string[]).join(' ')
      const file = /kept in (\S+):/.exec(hint)?.[1] ?? ''
      expect(await readFile(file, 'utf8')).to.match(/^bogus: 1$/m)
      await rm(join(file, '..'), {recursive: true})
    })
  })
})
