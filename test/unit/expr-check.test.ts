import {expect} from 'chai'
import {
  assumeTrue,
  checkExpression,
  checkTemplate,
  type ExprType,
  parseExpression,
  parseTemplate,
  type TypeScope,
  typeName,
} from '../../src/lib/expr/index.ts'

const position = {file: 'package.yaml', line: 10, column: 5}
const optional = (of: ExprType): ExprType => ({t: 'nullable', of})
const string: ExprType = {t: 'string'}
const int: ExprType = {t: 'int'}

const scope: TypeScope = {
  params: {
    t: 'object',
    fields: {
      host: string,
      poll: int,
      ratio: {t: 'double'},
      debug: {t: 'bool'},
      password: {t: 'object', fields: {ref: {t: 'map', of: string}, value: {t: 'secret'}}},
      blocked: {t: 'list', of: string},
      labels: {t: 'map', of: string},
      free: {t: 'dyn'},
      title: optional(string),
      enabled: optional({t: 'bool'}),
      mirrors: {t: 'list', of: {t: 'object', fields: {name: string, port: optional(int)}}},
      proxy: optional({t: 'object', fields: {host: string, port: optional(int)}}),
    },
  },
  workers: int,
}

const check = (source: string) => checkExpression(parseExpression(source, position), scope)
const typeOf = (source: string) => {
  const {type, problems} = check(source)
  expect(problems, source).to.deep.equal([])
  return typeName(type)
}
const problemOf = (source: string) => {
  const {problems} = check(source)
  expect(problems, source).to.have.lengthOf(1)
  return problems[0]
}

describe('expr: the checker', () => {
  const types: [string, string][] = [
    ['params.host', 'string'],
    ['params["host"]', 'string'],
    ['params.poll < 10 ? 4 : 1', 'int'],
    ['params.poll + 1', 'int'],
    ['params.ratio * 2', 'double'],
    ['-params.poll', 'int'],
    ['"a" + params.host', 'string'],
    ['params.blocked.size() < 100 && size(params.host) > 0', 'bool'],
    ['params.blocked.map(b, b.size())', 'list of int'],
    ['params.blocked.filter(b, b.startsWith("x")) + ["y"]', 'list of string'],
    ['params.labels.map(k, params.labels[k])', 'list of string'],
    ['params.labels.map(k, k != "a", k)', 'list of string'],
    ['[1, "a", true]', 'list'],
    ['{"a": 1}.a', 'int'],
    ['params.debug ? 1 : "a"', 'anything'],
    ['params.debug ? {"a": 1} : omit()', 'object'],
    ['"a" in params.labels', 'bool'],
    ['params.free.anything[0].more', 'anything'],
    ['"postgres://" + urlEncode(params.password.value)', 'secret string'],
    ['toIni({"password": params.password.value})', 'secret string'],
    ['toYaml({"host": params.host})', 'string'],
    ['base64("u:" + params.password.value)', 'secret string'],
    ['base64("u:" + params.host)', 'string'],
    ['params.password.value != null', 'bool'],
    ['sort(distinct(params.blocked))', 'list of string'],
    ['merge({"a": 1}, {"b": "x"}).b', 'string'],
    ['strings.quote(params.host)', 'string'],
    ['duration("1h") > duration("5m")', 'bool'],
    ['params.mirrors.filter(m, m.port != null)', 'list of object'],
  ]
  for (const [source, type] of types) it(`${source} is ${type}`, () => expect(typeOf(source)).to.equal(type))

  const guarded: [string, string][] = [
    ['params.title != null ? params.title : "none"', 'string'],
    ['params.title == null ? "none" : params.title', 'string'],
    ['params.title != null && params.title.size() > 3', 'bool'],
    ['params.title == null || params.title.size() > 3', 'bool'],
    ['!(params.title == null) && params.title.size() > 3', 'bool'],
    ['has(params.title) && params.title.size() > 3', 'bool'],
    ['has(params.proxy.port) ? params.proxy.port + 1 : 80', 'int'],
    ['params.proxy != null && params.proxy.port != null && params.proxy.port > 80', 'bool'],
    ['params.title == "x" && params.title.size() > 3', 'bool'],
    ['(params.title != null && params.debug) ? params.title : ""', 'string'],
    ['params.mirrors.map(m, m.port != null, m.port + 1)', 'list of int'],
    ['params.mirrors.all(m, m.port == null || m.port > 1)', 'bool'],
    ['params.mirrors.map(m, m.port).filter(p, p != null)', 'list of int'],
    ['sort(params.mirrors.map(m, m.port != null, m.port))', 'list of int'],
    ['sort(params.mirrors.filter(m, m.port != null), "port").map(m, m.port + 1)', 'list of int'],
    ['sort(params.mirrors, "name").map(m, m.name).join(",")', 'string'],
    ['distinct(params.mirrors.map(m, m.port))', 'list of int or null'],
    ['params.title', 'string or null'],
    ['params.proxy != null ? params.proxy.host : null', 'string or null'],
  ]
  for (const [source, type] of guarded) it(`guarded: ${source}`, () => expect(typeOf(source)).to.equal(type))

  const faults: [string, string, RegExp, RegExp?][] = [
    ['parms.host', 'unknown-name', /no `parms`/, /did you mean params\?/],
    ['host', 'unknown-name', /no `host`/, /did you mean params\.host\?/],
    ['params.hots', 'unknown-field', /no field `hots`/, /did you mean host\?/],
    ['has(params.hots)', 'unknown-field', /no field `hots`/],
    ['params.proxy.host', 'unguarded-null', /`params.proxy` may be null/, /params\.proxy != null/],
    ['params.title + "x"', 'unguarded-null', /`params.title` may be null/],
    ['params.enabled ? 1 : 2', 'unguarded-null', /params.enabled/],
    ['params.title != null || params.title.size() > 3', 'unguarded-null', /params.title/],
    ['params.proxy != null && params.debug ? 1 : params.proxy.host.size()', 'unguarded-null', /params.proxy/],
    ['params.proxy != null && params.proxy.port > 80', 'unguarded-null', /params.proxy.port/],
    ['[params.title].join(",")', 'unguarded-null', /join\(\) takes no null/, /xs\.filter\(x, x != null\)/],
    ['shellQuote(["a", params.title])', 'unguarded-null', /shellQuote\(\) takes no null/],
    [
      'params.mirrors.map(m, params.title).join()',
      'unguarded-null',
      /./,
      /xs\.map\(m, params\.title != null, params\.title\)/,
    ],
    ['sort(params.mirrors.map(m, m.port))', 'unguarded-null', /sort\(\)/, /xs\.map\(m, m\.port != null, m\.port\)/],
    ['sort(params.mirrors, "port")', 'unguarded-null', /sort\(\)/, /xs\.filter\(x, x\.port != null\)/],
    ['"a" + params.poll', 'type-mismatch', /\+ does not take string and int/, /string\(params\.poll\)/],
    ['params.poll == "60"', 'type-mismatch', /never equal/, /string\(params\.poll\)/],
    ['params.host ? 1 : 2', 'type-mismatch', /condition is string/, /params\.host != ""/],
    ['params.blocked ? 1 : 2', 'type-mismatch', /condition is list of string/, /size\(\) > 0/],
    ['params.host.contains(3)', 'type-mismatch', /contains\(int\)/, /string\.contains\(string\)/],
    ['params.blocked.sort()', 'type-mismatch', /sort\(\) does not exist/, /sort\(x\)/],
    ['contains(params.host)', 'type-mismatch', /./, /x\.contains/],
    ['frobnicate(1)', 'unknown-function', /frobnicate/],
    ['urlencode("x")', 'unknown-function', /urlencode/, /urlEncode/],
    ['params.password.value == "x"', 'secret', /comparing/],
    ['size(params.password.value)', 'secret', /size\(\)/],
    ['params.password.value.matches("x")', 'secret', /matches\(\)/],
    ['sha256(params.password.value)', 'secret', /sha256\(\)/],
    ['params.password.value + 1', 'secret', /adding/],
    ['params.password.value in ["x"]', 'secret', /comparing/],
    ['params.poll.map(x, x)', 'type-mismatch', /goes over a list or a map/],
    ['"x" in params.host', 'type-mismatch', /looks into/, /contains/],
    ['{1: 2}', 'type-mismatch', /keys are strings/],
    ['{"a": 1, "a": 2}', 'duplicate-key', /stands twice/],
    ['params.blocked["a"]', 'type-mismatch', /indexed by int/],
    ['now()', 'unknown-function', /now/],
    ['uint(1)', 'unknown-function', /uint/],
    ['timestamp("2020-01-01T00:00:00Z")', 'unknown-function', /timestamp/],
  ]
  for (const [source, rule, message, fix] of faults) {
    it(`refuses ${source}`, () => {
      const problem = problemOf(source)
      expect(problem?.rule).to.equal(rule)
      expect(problem?.message).to.match(message)
      if (fix !== undefined) expect(problem?.fix).to.match(fix)
    })
  }

  it('hides a name behind the variable of a macro, and what was known about it', () => {
    expect(problemOf('params.proxy != null && params.mirrors.all(params, params.port > 1)')?.rule).to.equal(
      'unguarded-null',
    )
  })

  it('says where', () => {
    expect(problemOf('params.poll +\n  params.hots')?.position).to.deep.equal({
      file: 'package.yaml',
      line: 11,
      column: 9,
    })
    expect(problemOf('1 + hots')?.position).to.deep.equal({file: 'package.yaml', line: 10, column: 9})
  })

  it('takes strings only inside a text, and says what to write', () => {
    const problems = checkTemplate(
      parseTemplate('a ${params.poll} b ${params.title} c ${params.blocked}', position),
      scope,
    ).problems
    expect(problems.map(({rule, fix}) => [rule, fix])).to.deep.equal([
      ['not-a-string', 'string(params.poll)'],
      ['unguarded-null', 'say what to write then: ${params.title != null ? params.title : ""}'],
      ['not-a-string', 'toJson(params.blocked)'],
    ])
    expect(checkTemplate(parseTemplate('${params.poll}', position), scope)).to.deep.equal({
      type: {t: 'int'},
      problems: [],
    })
    expect(checkTemplate(parseTemplate('x${params.password.value}', position), scope)).to.deep.equal({
      type: {t: 'secret'},
      problems: [],
    })
  })
})

describe('expr: conditions around pieces of a template', () => {
  it('guard what is inside', () => {
    const condition = parseExpression('params.proxy != null && params.proxy.port != null', position)
    const inner = assumeTrue(condition, scope)
    expect(checkExpression(parseExpression('params.proxy.port + 1', position), inner)).to.deep.equal({
      type: int,
      problems: [],
    })
    expect(checkExpression(parseExpression('params.title.size()', position), inner).problems).to.have.lengthOf(1)
  })

  it('know changed() where there is a state before', () => {
    const changed = parseExpression('changed(params.host) || changed(params.proxy)', position)
    expect(checkExpression(changed, scope, {changed: true})).to.deep.equal({type: {t: 'bool'}, problems: []})
    expect(checkExpression(changed, scope).problems.map(({rule}) => rule)).to.deep.equal([
      'unknown-function',
      'unknown-function',
    ])
    expect(
      checkExpression(parseExpression('changed(params.password)', position), scope, {changed: true}).problems[0]?.rule,
    ).to.equal('secret')
  })
})
