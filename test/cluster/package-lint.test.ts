import {randomBytes} from 'node:crypto'
import {cp, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import {createObject, deleteObject} from '../../src/lib/kube/index.ts'
import {root} from '../cli/support.ts'
import {apps} from './apps.ts'

const run = apps()

describe('package lint --cluster', function () {
  this.timeout(60_000)
  const group = `lint-${randomBytes(3).toString('hex')}.berth.test`
  const definition = {apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: `boxes.${group}`}
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-lint-'))
    const spec = {type: 'object', properties: {size: {type: 'integer'}}}
    const schema = {openAPIV3Schema: {type: 'object', properties: {spec}}}
    const {name, ...typed} = definition
    const names = {kind: 'Box', plural: 'boxes', singular: 'box'}
    const versions = [{name: 'v1', served: true, storage: true, schema}]
    const object = {...typed, metadata: {name}, spec: {group, scope: 'Namespaced', names, versions}}
    await createObject(run.kube, object, {fieldManager: 'test'})
  })
  after(async () => {
    await deleteObject(run.kube, definition)
    await rm(folder, {recursive: true})
  })

  it('knows the custom resources that the cluster serves', async () => {
    const path = join(folder, 'site')
    await cp(join(root, 'packages/site'), path, {recursive: true})
    const box = `apiVersion: ${group}/v1\nkind: Box\nmetadata: {name: "\${app.name}"}\nspec: {sise: 1}\n`
    await writeFile(join(path, 'resources/box.yaml'), box)
    expect((await run.berth(['package', 'lint', path, '--json'])).exitCode).to.equal(0)
    // The API server publishes a new definition's schema some seconds later.
    let found: {rule: string; fix: string; position: object}[] = []
    for (let tries = 0; tries < 20 && found.length === 0; tries++) {
      await sleep(1000)
      found = (await run.berth(['package', 'lint', path, '--cluster', '--json'])).json.error?.details ?? []
    }
    expect(found[0]).to.deep.include({
      rule: 'unknown-field',
      fix: 'did you mean size?',
      position: {file: 'resources/box.yaml', line: 4, column: 8},
    })
  })
})
