import {expect} from 'chai'
import fc from 'fast-check'
import {mergeAnswers, parseFlags, readSources} from '../../src/lib/params/index.ts'
import {parseSetPath, printSetPath, splitAssignment} from '../../src/lib/params/set-path.ts'
import type {ParametersSchema} from '../../src/lib/params/types.ts'

const parameters: ParametersSchema = {
  properties: {
    version: {type: 'string'},
    count: {type: 'integer'},
    ratio: {type: 'number'},
    on: {type: 'boolean'},
    level: {enum: ['low', 'high', 3]},
    either: {type: ['integer', 'string']},
    list: {type: 'array', items: {type: 'integer'}},
    servers: {type: 'array', items: {type: 'object', properties: {name: {type: 'string'}, port: {type: 'integer'}}}},
    labels: {type: 'object', additionalProperties: {type: 'string'}},
    smtp: {type: 'object', properties: {host: {type: 'string'}, port: {type: 'integer'}, password: {kind: 'secret'}}},
    free: {},
    database: {kind: 'binding', interface: 'postgresql'},
    proxy: {kind: 'binding', interface: 'http'},
    data: {kind: 'volume'},
    host: {kind: 'hostname'},
  },
}

function set(...texts: string[]) {
  return mergeAnswers(parameters, {flags: parseFlags({set: texts})})
}

describe('params: flags', () => {
  it('takes types from the schema, guessing nothing', () => {
    const {answers, errors} = set('version=1.10', 'count=007', 'ratio=1e2', 'on=yes', 'level=3', 'free=1.10')
    expect(errors).to.deep.equal([])
    expect(answers).to.deep.equal({version: '1.10', count: 7, ratio: 100, on: true, level: 3, free: '1.10'})
    expect(set('either=8080').answers).to.deep.equal({either: 8080})
    expect(set('either=1.10').answers).to.deep.equal({either: '1.10'})
    expect(set('either=007').answers).to.deep.equal({either: '007'})
  })

  it('refuses what is not of the type', () => {
    expect(set('count=1.5').errors).to.deep.equal([
      {field: '/count', code: 'type', message: 'must be a whole number', expected: 'integer', got: '1.5'},
    ])
    expect(set('on=maybe').errors[0]).to.include({message: 'must be true or false', got: 'maybe'})
    expect(set('list=1,2').errors[0]?.message).to.include("--set-json 'name=[…]'")
    expect(set('count=99999999999999999999').errors[0]).to.include({code: 'precision'})
  })

  it('keeps commas, empty strings and equals signs', () => {
    expect(set('version=a,b=c').answers).to.deep.equal({version: 'a,b=c'})
    expect(set('version=').answers).to.deep.equal({version: ''})
  })

  it('edits lists, dictionaries and nested objects', () => {
    const {answers, errors} = set(
      'list[+]=1',
      'list[+]=2',
      'list[0]=5',
      'servers[0].name=a',
      'servers[0].port=1',
      'servers[+].name=b',
      'labels.app\\.kubernetes\\.io/name=x',
      'smtp.port=25',
    )
    expect(errors).to.deep.equal([])
    expect(answers).to.deep.equal({
      list: [5, 2],
      servers: [{name: 'a', port: 1}, {name: 'b'}],
      labels: {'app.kubernetes.io/name': 'x'},
      smtp: {port: 25},
    })
    expect(set('list[3]=1').errors[0]?.message).to.equal('the list has 0 entries: append with [+]')
    expect(set('list.a=1').errors[0]).to.include({code: 'type', message: 'list.a has a field, but is no object'})
    expect(set('smtp[0]=1').errors[0]?.message).to.include('is no list')
  })

  it('says which field was meant', () => {
    expect(set('cuont=1').errors[0]).to.include({
      field: '/cuont',
      code: 'unknown',
      message: 'there is no field cuont: did you mean count?',
    })
    expect(set('smtp.prot=1').errors[0]).to.include({
      field: '/smtp/prot',
      message: 'there is no field prot: did you mean port?',
    })
    expect(set('smtp.pasword=hunter2').errors[0]).not.to.have.property('got')
  })

  it('reads the short forms of kinds', () => {
    expect(set('database=app:db/pg', 'data=10Gi', 'host=Wiki.Example.COM').answers).to.deep.equal({
      database: {$app: 'db/pg'},
      data: {size: '10Gi'},
      host: 'wiki.example.com',
    })
    expect(set('database=new:postgres').answers).to.deep.equal({database: {$new: 'postgres'}})
    expect(set('database=service:main').answers).to.deep.equal({database: {$service: 'main'}})
    expect(set('database=app:db/pg#replica').answers).to.deep.equal({database: {$app: 'db/pg', endpoint: 'replica'}})
    expect(set('proxy=http://proxy:3128').answers).to.deep.equal({proxy: {$literal: {url: 'http://proxy:3128'}}})
    expect(set('database=pg').errors[0]).to.include({message: 'must be app:namespace/name, service:name, new:package'})
    expect(set('host=münchen.de').answers).to.deep.equal({host: 'xn--mnchen-3ya.de'})
    expect(set('host=https://x.y/z').errors[0]?.message).to.equal('must be the name only, without https://')
  })

  it('types the parts of a literal binding', () => {
    const {answers, errors} = set(
      'database.$literal.host=db',
      'database.$literal.port=5432',
      'database.$literal.password=123',
    )
    expect(errors).to.deep.equal([])
    expect(answers).to.deep.equal({database: {$literal: {host: 'db', port: 5432, password: '123'}}})
  })

  it('takes values from files and the environment; secrets as references until they are needed', async () => {
    const flags = parseFlags({setFile: ['version=v.txt', 'smtp.password=pw'], setEnv: ['count=N']})
    expect(mergeAnswers(parameters, {flags}).answers.smtp).to.deep.equal({password: {$file: 'pw'}})
    const read = {file: async (path: string) => `${path}\n`, env: (name: string) => (name === 'N' ? '12' : undefined)}
    const {answers, errors} = mergeAnswers(parameters, {flags: await readSources(flags, read)})
    expect(errors).to.deep.equal([])
    expect(answers).to.deep.equal({version: 'v.txt', smtp: {password: 'pw'}, count: 12})
    let message = ''
    await readSources(parseFlags({setEnv: ['count=NONE']}), read).catch(error => ({message} = error))
    expect(message).to.equal('--set-env count: the environment has no variable NONE')
  })

  it('unsets, and starts lists anew', () => {
    const present = {list: [1, 2, 3], smtp: {host: 'a', port: 1}}
    const merged = mergeAnswers(parameters, {
      present,
      flags: parseFlags({unset: ['list', 'smtp.port'], set: ['list[+]=9']}),
    })
    expect(merged.answers).to.deep.equal({list: [9], smtp: {host: 'a'}})
    expect(
      mergeAnswers(parameters, {present, flags: parseFlags({unset: ['list[1]', 'version']})}).answers.list,
    ).to.deep.equal([1, 3])
    expect(present.list).to.deep.equal([1, 2, 3])
  })

  it('refuses flags that cannot be read, all at once and without their values', () => {
    expect(() =>
      parseFlags({set: ['a', '=1', 'a..b=1', '__proto__.x=1', 'a[x]=1', 'a]=hunter2', 'a[0=1'], setJson: ['a={x']}),
    )
      .to.throw()
      .that.satisfies((error: Error) => {
        expect(error.message.split('\n')).to.have.length(8)
        expect(error.message).to.include('--set a has no =').and.include('__proto__').and.not.include('hunter2')
        return true
      })
    expect(() => parseFlags({set: [`${Array.from({length: 65}, () => 'a').join('.')}=1`]})).to.throw('deeper than 64')
  })

  it('refuses a parameter that is said twice, whatever by, and takes parts beside the whole', () => {
    const twice = [
      {set: ['count=1'], setJson: ['count=2']},
      {set: ['count=1', 'count=2']},
      {set: ['smtp.host=a'], setJson: ['smtp.host="b"']},
      {set: ['smtp.host=a'], setValue: ['smtp=mail']},
      {set: ['data=1Gi', 'data.size=2Gi']},
      {setFile: ['version=a'], setEnv: ['version=B']},
      {unset: ['count'], set: ['count=1']},
      {set: ['list[0]=1', 'list[0]=2']},
    ]
    for (const flags of twice) expect(() => parseFlags(flags)).to.throw(/ and .* say the same parameter/)
    expect(() => parseFlags({set: ['smtp.password=hunter2'], setJson: ['smtp.password="x"']}))
      .to.throw()
      .that.satisfies(({message}: Error) => !message.includes('hunter2'))
    const {answers} = mergeAnswers(parameters, {
      flags: parseFlags({setJson: ['smtp={"host": "a", "port": 1}'], set: ['smtp.port=2', 'list[+]=1', 'list[+]=2']}),
    })
    expect(answers).to.deep.equal({smtp: {host: 'a', port: 2}, list: [1, 2]})
  })

  it('prints and reads paths alike', () => {
    const name = fc.string({minLength: 1, unit: fc.constantFrom('a', 'B', '.', '[', ']', '=', '\\', ' ', '+', 'ü')})
    const step = fc.oneof(name, fc.nat(999_999), fc.constant({append: true as const}))
    fc.assert(
      fc.property(name, fc.array(step, {maxLength: 6}), fc.string(), (first, rest, value) => {
        const path = [first, ...rest]
        expect(parseSetPath(printSetPath(path))).to.deep.equal(path)
        expect(splitAssignment(`${printSetPath(path)}=${value}`)).to.deep.equal({path, value})
      }),
    )
  })
})
