import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {getObject} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, ended} from './apps.ts'

interface Container {
  image: string
  env?: {name: string; value?: string}[]
}

describe('apps: patch', function () {
  this.timeout(120_000)
  const a = apps()
  let namespace = ''
  let folder = ''
  const at = () => ['-n', namespace, '--yes', '--json']
  const patch = async (content: object | undefined, ...args: string[]) => {
    const file = join(folder, 'p.yaml')
    await writeFile(file, JSON.stringify(content ?? {}))
    return a.berth(['app', 'patch', 'p', ...(content === undefined ? [] : ['--file', file]), ...args, ...at()])
  }
  const pod = (spec: object) => ({app: {StatefulSet: {spec: {template: {spec}}}}})
  const container = (fields: object) => pod({containers: [{name: 'app', ...fields}]})
  const live = async () => {
    const set = await getObject(a.kube, {apiVersion: 'apps/v1', kind: 'StatefulSet', namespace, name: 'p'})
    const {spec} = set as unknown as {spec: {template: {spec: {containers: Container[]; priorityClassName?: string}}}}
    return {...spec.template.spec, container: spec.template.spec.containers[0]}
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-patch-'))
    namespace = await a.namespace('app-patch')
    ended(await a.berth(['app', 'install', 'plain', 'p', ...at()]), 0)
  })
  after(() => rm(folder, {recursive: true}))

  it('changes what the package has no parameter for, shows it, keeps it over other changes, and takes it back', async () => {
    const extra = container({env: [{name: 'EXTRA', value: 'yes'}]})
    const {plan} = ended(await patch(extra), 0).json.result
    const changed = plan.steps.find((step: {do: string}) => step.do === 'update')
    expect(changed.changes.map(({field}: {field: string}) => field)).to.include(
      'spec.template.spec.containers[app].env',
    )
    expect((await live()).container?.env).to.deep.equal([{name: 'EXTRA', value: 'yes'}])
    expect(ended(await patch(undefined), 0).json.result).to.deep.include({patches: extra, plan: null})
    ended(await a.berth(['app', 'config', 'p', '--set', 'cpu=6m', ...at()]), 0)
    expect((await live()).container?.env).to.have.length(1)
    expect(ended(await patch(extra), 0).json.result).to.deep.include({outcome: null})
    ended(await patch(undefined, '--remove', 'app'), 0)
    expect((await live()).container?.env).to.equal(undefined)
    expect((await anchorOf(a.kube, namespace, 'p'))?.current.patches).to.deep.equal({})
  })

  it('refuses fields that do not exist, objects that are not there, what berth decides, and secrets', async () => {
    const unknown = ended(await patch(pod({prioritClassName: 'x'})), 4, 'preflight.failed')
    expect(unknown.json.error.message).to.include('prioritClassName')
    for (const wrong of [
      {app: {Deployment: {spec: {paused: true}}}},
      {nobody: {StatefulSet: {spec: {}}}},
      {app: {StatefulSet: {spec: {replicas: 3}}}},
      {app: {StatefulSet: {metadata: {name: 'other'}}}},
      {app: {Secret: {stringData: {x: 'y'}}}},
      {app: {StatefulSet: 'text'}},
    ])
      ended(await patch(wrong), 2, 'patch.invalid')
    ended(await patch(undefined, '--remove', 'app'), 2, 'usage.invalid')
  })

  it('wants the same consent as a package', async () => {
    const host = pod({volumes: [{name: 'host', hostPath: {path: '/tmp'}}]})
    const {details} = ended(await patch(host), 4, 'needs.consent').json.error
    ended(await patch(host, '--allow', details[0].what, '--no-wait'), 0)
    ended(await patch(undefined, '--remove', 'app', '--no-wait'), 0)
  })

  it('one with which nothing comes up is taken back to what ran', async () => {
    const bad = container({image: 'docker.io/library/busybox:none'})
    ended(await patch(bad, '--on-failure', 'rollback'), 6, 'operation.failed')
    expect((await live()).container?.image).to.equal('docker.io/library/busybox:1.35')
    const {phase, pending, current} = (await anchorOf(a.kube, namespace, 'p')) ?? {}
    expect([phase, pending, current.patches]).to.deep.equal(['running', undefined, {}])
  })
})
