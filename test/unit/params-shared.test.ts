import {expect} from 'chai'
import {builtinInterfaces, resolveParameters} from '../../src/lib/params/index.ts'
import type {Answers, ParamSchema, ResolveContext, Shared} from '../../src/lib/params/types.ts'

const context: ResolveContext = {
  app: {name: 'wiki', namespace: 'apps', revision: 1},
  cluster: {domain: 'example.com', kubernetes: '1.34.4', ingressClass: null, storageClass: null},
  images: {},
  kept: new Set(),
  bindings: {},
  interfaces: {},
  read: {file: () => Promise.reject(new Error('no files here')), env: () => undefined},
  secretName: 'wiki-secrets',
}
const plain = (text: string) => ({namespace: 'apps', text})
const secret = {namespace: 'berth', secret: 'berth-value.key', key: 'value'}
const of = (values: Shared['values']): Shared => ({values, services: {}})
const resolve = (properties: Record<string, ParamSchema>, answers: Answers, more: Partial<ResolveContext>) =>
  resolveParameters({parameters: {properties}}, answers, {...context, ...more})
const words = (resolution: {errors: {field: string; message: string}[]}) =>
  resolution.errors.map(({field, message}) => `${field} ${message}`)

describe('params: shared values', () => {
  it('text means what the parameter takes; the reference is what is kept', async () => {
    const properties = {
      text: {type: 'string'},
      version: {type: 'string'},
      count: {type: 'integer'},
      list: {type: 'array', items: {type: 'object', properties: {size: {kind: 'quantity'}}}},
      smtp: {type: 'object', properties: {port: {type: 'integer'}}},
      key: {kind: 'secret'},
    }
    const answers = {
      text: {$value: 'ten'},
      version: {$value: 'ten'},
      count: {$value: 'ten'},
      list: [{size: {$value: 'size'}}],
      smtp: {$value: 'json'},
      key: {$value: 'key'},
    }
    const shared = of({ten: plain('10'), size: plain('2Gi'), json: plain('{"port": 25}'), key: secret})
    const {errors, params, secrets, answers: kept} = await resolve(properties, answers, {shared})
    expect(errors).to.deep.equal([])
    expect(params).to.deep.include({text: '10', version: '10', count: 10, list: [{size: '2Gi'}], smtp: {port: 25}})
    expect(secrets).to.deep.equal([
      {name: 'key', source: {from: 'secretKey', namespace: 'berth', secret: 'berth-value.key', key: 'value'}},
    ])
    expect(kept).to.deep.equal(answers)
  })

  it('of a service that makes something for each app, none gets what was said of it', async () => {
    const database: ParamSchema = {kind: 'binding', interface: 'postgresql'}
    const said = {outputs: {host: 'db', user: 'boss'}, secrets: ['password'], secret: 'berth-service.erp'}
    const service = {...said, namespace: 'berth', interface: 'postgresql'}
    const took = async (found: typeof service & {grants?: true}) => {
      const shared = {values: {}, services: {erp: found}}
      const more = {shared, interfaces: builtinInterfaces}
      const {bindings, secrets, answers} = await resolve({database}, {database: {$service: 'erp'}}, more)
      expect(answers).to.deep.equal({database: {$service: 'erp'}})
      return {provider: bindings[0]?.provider, from: secrets.map(({name, source}) => `${name} ${source.from}`)}
    }
    expect(await took({...service, grants: true})).to.deep.equal({
      provider: {$app: 'berth/service.erp'},
      from: ['database.password generate'],
    })
    expect((await took(service)).from).to.deep.equal(['database.password secretKey'])
  })

  it('what cannot be taken is told once, at its place; out of sight nothing is', async () => {
    const properties = {
      open: {type: 'boolean'},
      hidden: {type: 'string', when: 'params.open == true'},
      port: {type: 'integer', maximum: 100},
      smtp: {type: 'object', properties: {host: {type: 'string'}}},
      list: {type: 'array', items: {type: 'string'}},
    }
    const gone = {$value: 'gone'}
    const shared = of({port: plain('587'), may: {problem: 'refers to what you may not read'}})
    const answers = {hidden: gone, port: {$value: 'port'}, smtp: gone, list: ['a', {$value: 'may'}]}
    expect(words(await resolve(properties, answers, {shared}))).to.deep.equal([
      '/port must be at most 100',
      '/smtp there is no shared value gone: berth value list shows those there are',
      '/list/1 refers to what you may not read',
    ])
  })

  it('a change of a value is a change of the parameter: refused where that is fixed', async () => {
    const properties = {port: {type: 'integer', immutable: true}}
    const answers = {port: {$value: 'port'}}
    const before = {previous: answers, previousShared: of({port: plain('25')})}
    expect(words(await resolve(properties, answers, {...before, shared: of({port: plain('25')})}))).to.deep.equal([])
    expect(words(await resolve(properties, answers, {...before, shared: of({port: plain('26')})}))).to.deep.equal([
      '/port cannot be changed after the install: it is 25',
    ])
  })

  it('values that would fill the memory are refused', async () => {
    const properties = {list: {type: 'array', items: {type: 'string'}}}
    const list = Array.from({length: 100}, () => ({$value: 'big'}))
    const {errors} = await resolve(properties, {list}, {shared: of({big: plain('x'.repeat(60_000))})})
    expect(errors[0]?.message).to.equal('makes the answers larger than 1 MiB')
  })
})
