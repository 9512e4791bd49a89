import {expect} from 'chai'
import fc from 'fast-check'
import {
  invalidAnswers,
  locateErrors,
  mergeAnswers,
  parseFlags,
  readAnswersFile,
  valueAt,
} from '../../src/lib/params/index.ts'
import {printSetPath} from '../../src/lib/params/set-path.ts'
import type {Answers, ParametersSchema} from '../../src/lib/params/types.ts'

const parameters: ParametersSchema = {
  properties: {
    a: {type: 'integer'},
    b: {type: 'string'},
    list: {type: 'array', items: {type: 'string'}},
    map: {type: 'object', additionalProperties: {type: 'string'}},
    group: {
      type: 'object',
      properties: {x: {type: 'integer'}, y: {type: 'string'}, in: {type: 'object', properties: {z: {type: 'string'}}}},
    },
    database: {kind: 'binding', interface: 'postgresql'},
  },
}

const file = (answers: Answers) => ({answers, positions: new Map()})
const merge = (present: Answers, over: Answers) => mergeAnswers(parameters, {present, file: file(over)}).answers

const answers = fc.record(
  {
    a: fc.integer(),
    b: fc.string(),
    list: fc.array(fc.string(), {maxLength: 3}),
    map: fc.dictionary(fc.constantFrom('p', 'q'), fc.string()),
    group: fc.record(
      {x: fc.integer(), y: fc.string(), in: fc.record({z: fc.string()}, {requiredKeys: []})},
      {requiredKeys: []},
    ),
    database: fc.oneof(fc.constant({$app: 'db/pg'}), fc.constant({$service: 's'})),
  },
  {requiredKeys: []},
)

describe('params: merging answers', () => {
  it('takes flags over the file over what is there', () => {
    const merged = mergeAnswers(parameters, {
      present: {
        a: 1,
        b: 'present',
        group: {x: 1, y: 'present'},
        list: ['present'],
        map: {p: '1'},
        database: {$app: 'db/pg'},
      },
      file: file({b: 'file', group: {y: 'file'}, list: ['file'], map: {q: '2'}, database: {$service: 's'}}),
      flags: parseFlags({set: ['group.x=3']}),
    })
    expect(merged.answers).to.deep.equal({
      a: 1,
      b: 'file',
      group: {x: 3, y: 'file'},
      list: ['file'],
      map: {q: '2'},
      database: {$service: 's'},
    })
  })

  it('null takes an answer away', () => {
    expect(merge({a: 1, group: {x: 1, y: 'k'}}, {a: null, group: {x: null}})).to.deep.equal({group: {y: 'k'}})
  })

  it('obeys the laws of merging', () => {
    fc.assert(
      fc.property(answers, answers, answers, (one, two, three) => {
        expect(merge(one, {})).to.deep.equal(one)
        expect(merge({}, one)).to.deep.equal(one)
        expect(merge(one, one)).to.deep.equal(one)
        expect(merge(merge(one, two), three)).to.deep.equal(merge(one, merge(two, three)))
      }),
    )
  })

  it('what --set puts is there, the rest stays, and what --unset takes is gone', () => {
    const places = fc.constantFrom(['b'], ['group', 'y'], ['group', 'in', 'z'], ['map', 'p'], ['map', 'a.b[0]'])
    fc.assert(
      fc.property(answers, places, fc.string(), (present, path, text) => {
        const set = parseFlags({set: [`${printSetPath(path)}=${text}`]})
        const after = mergeAnswers(parameters, {present, flags: set}).answers
        expect(valueAt(after, path)).to.equal(text)
        expect(mergeAnswers(parameters, {present: after, flags: set}).answers).to.deep.equal(after)
        const unset = mergeAnswers(parameters, {
          present: after,
          flags: parseFlags({unset: [printSetPath(path)]}),
        }).answers
        expect(valueAt(unset, path)).to.equal(undefined)
        for (const key of Object.keys(present).filter(key => key !== path[0])) {
          expect(after[key]).to.deep.equal(present[key as keyof typeof present])
        }
      }),
    )
  })

  it('refuses prototypes, depth and size', () => {
    const polluted = readAnswersFile('{"group": {"__proto__": {"x": 1}}}', 'a.json')
    expect(mergeAnswers(parameters, {file: polluted}).errors).to.deep.include.members([
      {field: '/group/__proto__', code: 'forbidden', message: 'the name __proto__ is not allowed', line: 1, column: 12},
    ])
    expect(mergeAnswers(parameters, {file: readAnswersFile('constructor: 1', 'a')}).errors[0]).to.include({
      code: 'forbidden',
    })
    let deep: unknown = 1
    for (let i = 0; i < 70; i++) deep = [deep]
    expect(mergeAnswers(parameters, {present: {list: deep}}).errors[0]).to.include({code: 'depth'})
    expect(mergeAnswers(parameters, {present: {b: 'x'.repeat(1_100_000)}}).errors[0]).to.include({code: 'size'})
    expect(({} as Record<string, unknown>).x).to.equal(undefined)
  })
})

describe('params: answers files', () => {
  it('remembers where each answer stands', () => {
    const {answers: read, positions} = readAnswersFile(
      '# mine\na: 1\ngroup:\n  x: 2\n  y: &q abc\nlist: [p, *q]\n',
      'a.yaml',
    )
    expect(read).to.deep.equal({a: 1, group: {x: 2, y: 'abc'}, list: ['p', 'abc']})
    expect(positions.get('/a')).to.include({line: 2, column: 1})
    expect(positions.get('/group/y')).to.include({line: 5, column: 3})
    expect(positions.get('/list/0')).to.include({line: 6, column: 8})
  })

  it('puts line and column to errors, and says what to quote', () => {
    const {positions} = readAnswersFile('a: 1\nb: 1.10\ngroup:\n  q: 1\n', 'a.yaml')
    const errors = [
      {field: '/b', code: 'type', message: 'must be text, is a fraction', expected: 'string', got: 1.1},
      {field: '/group/in/z', code: 'required', message: 'is required'},
      {field: '/list', code: 'required', message: 'is required'},
    ]
    expect(locateErrors(errors, positions)).to.deep.equal([
      {
        field: '/b',
        code: 'type',
        message: 'must be text, is a fraction: write "1.10", in quotes',
        expected: 'string',
        got: '1.10',
        line: 2,
        column: 1,
      },
      {field: '/group/in/z', code: 'required', message: 'is required', line: 3, column: 1},
      {field: '/list', code: 'required', message: 'is required'},
    ])
  })

  it('forgets the place of what a flag overrides', () => {
    const merged = mergeAnswers(parameters, {
      file: readAnswersFile('a: x\nb: y', 'f'),
      flags: parseFlags({set: ['a=1']}),
    })
    expect([...merged.positions.keys()]).to.deep.equal(['', '/b'])
  })

  it('reads JSON with tabs, empty files and a byte order mark', () => {
    expect(readAnswersFile('{\n\t"a": 1,\n\t"b": "x"\n}\n', 'a.json').answers).to.deep.equal({a: 1, b: 'x'})
    expect(readAnswersFile('', 'a').answers).to.deep.equal({})
    expect(readAnswersFile('# nothing\n', 'a').answers).to.deep.equal({})
    expect(readAnswersFile('\uFEFFa: 1', 'a').answers).to.deep.equal({a: 1})
  })

  it('says where a file is broken', () => {
    const broken = (text: string) => {
      try {
        readAnswersFile(text, 'a.yaml')
      } catch (error) {
        return error instanceof Error ? error.message : ''
      }
      return 'was read'
    }
    expect(broken('a: 1\nb: "x\n')).to.match(/a\.yaml:\d+:\d+: /)
    expect(broken('a: 1\na: 2\n')).to.include('a.yaml:2:1: the key "a" stands twice')
    expect(broken('- 1')).to.include('holds no object')
    expect(broken('a: 1\n---\nb: 1')).to.include('more than one document')
    const started = process.cpuUsage()
    expect(broken(Array.from({length: 51_000}, (_, i) => `k${i}: 1`).join('\n'))).to.include('more than 50000 nodes')
    expect(process.cpuUsage(started).user / 1000).to.be.below(1000)
    expect(broken('x'.repeat(1_100_000))).to.include('524288 are allowed')
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[i]}`)}]`),
    ]
    expect(broken(bomb.join('\n'))).to.include('alias')
    expect(broken(`a: ${'['.repeat(20_000)}`)).to.include('is nested too deep')
    expect(broken(`a: ${'['.repeat(50)}${']'.repeat(50)}`)).to.equal('was read')
  })

  it('lists all wrong fields in one error', () => {
    const error = invalidAnswers(
      [{field: '/group/x', code: 'minimum', message: 'must be at least 1', line: 3, column: 5}],
      'wiki',
    )
    expect(error.message).to.equal(
      'the answers for wiki are not valid:\n  group.x (line 3, column 5) must be at least 1',
    )
    expect(error.code).to.equal('params.invalid')
  })
})
