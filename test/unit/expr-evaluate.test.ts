import {expect} from 'chai'
import fc from 'fast-check'
import {parse as parseYaml} from 'yaml'
import {createBudget, ExpressionError, evaluateExpression, parseExpression} from '../../src/lib/expr/index.ts'

const position = {file: 'app.yaml', line: 1, column: 1}
const evaluate = (source: string, scope: Record<string, unknown> = {}, options = {}) =>
  evaluateExpression(parseExpression(source, position), scope, options)
const problemOf = (source: string, scope: Record<string, unknown> = {}, options = {}) => {
  try {
    evaluate(source, scope, options)
  } catch (error) {
    if (error instanceof ExpressionError) return error.problem
    throw error
  }
  throw new Error(`${source} did not fail`)
}

describe('expr: evaluation', () => {
  it('keeps integers integers and doubles doubles', () => {
    expect(evaluate('x + 1', {x: 3})).to.equal(4)
    expect(evaluate('x / 2', {x: 3})).to.equal(1)
    expect(evaluate('x / 2.0', {x: 3})).to.equal(1.5)
    expect(evaluate('x / 2', {x: 3}, {types: {x: {t: 'double'}}})).to.equal(1.5)
    expect(evaluate('x / 2', {x: 10n ** 15n})).to.equal(5e14)
  })

  it('goes over maps in the order of their keys, wherever they come from', () => {
    expect(evaluate('x.map(k, k)', {x: {z: 1, a: 1, m: 1}})).to.deep.equal(['a', 'm', 'z'])
    expect(evaluate('{"z": 1, "a": 2}.map(k, k)')).to.deep.equal(['a', 'z'])
    expect(Object.keys(evaluate('{"z": 1, "a": 2}') as object)).to.deep.equal(['a', 'z'])
  })

  it('knows no prototype', () => {
    expect(problemOf('x.constructor', {x: {}}).message).to.equal('there is no field constructor')
    expect(problemOf('constructor').rule).to.equal('unknown-name')
    expect(evaluate('has(x.__proto__)', {x: {}})).to.equal(false)
    expect(Object.hasOwn(evaluate('{"__proto__": 1}') as object, '__proto__')).to.equal(true)
  })

  const values: [string, unknown][] = [
    ['[1, 2, 3].filter(x, x > 1).map(x, x * 2)', [4, 6]],
    ['[1, 2, 3].map(x, x > 1, x)', [2, 3]],
    ['[1, 2].all(x, x > 0) && ![1, 2].exists(x, x > 2) && [1, 2].exists_one(x, x == 2)', true],
    ['[1, 2].exists(x, 1 / (x - 1) > 0)', true],
    ['[[1, 2], [3]].map(x, x.map(y, y + 1))', [[2, 3], [4]]],
    ['[1, omit(), 2]', [1, 2]],
    ['{"a": omit(), "b": 1}', {b: 1}],
    ['merge({"a": {"b": 1, "c": [1]}}, {"a": {"c": [2]}}, {"d": 1})', {a: {b: 1, c: [2]}, d: 1}],
    ['sort(["b", "a", "B"])', ['B', 'a', 'b']],
    ['sort([{"n": "b", "i": 1}, {"n": "a", "i": 2}], "n").map(x, x.i)', [2, 1]],
    ['distinct([2, 1, 2.0, "1", 1])', [2, 1, '1']],
    ['urlEncode("a b/ü\'!")', 'a%20b%2F%C3%BC%27%21'],
    [`shellQuote("it's")`, `'it'\\''s'`],
    ['shellQuote(["echo", "a b"])', `echo 'a b'`],
    ['base64("ü")', 'w7w='],
    ['sha256("")', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['toJson({"b": [1, 2.5, null], "a": "x\\"y"})', '{"a":"x\\"y","b":[1,2.5,null]}'],
    ['toJson({"a": [1], "b": {}}, 2)', '{\n  "a": [\n    1\n  ],\n  "b": {}\n}'],
    [
      'toIni({"debug": true, "db": {"host": "x", "pass": "a;b", "none": null}})',
      'debug=true\n\n[db]\nhost=x\npass="a;b"\n',
    ],
    ['toToml({"a": 1, "f": 2.0, "l": ["x"], "t": {"u": {"v": "w"}}})', 'a = 1\nf = 2.0\nl = ["x"]\n\n[t.u]\nv = "w"\n'],
    ['"%s-%d".format(["a", 3])', 'a-3'],
    ['"aXbXc".replace("X", "-", 1)', 'a-bXc'],
    ['"abc".replace("", "-")', '-a-b-c-'],
    ['"a,b".split(",").join(";")', 'a;b'],
    ['string(duration("90m"))', '5400s'],
  ]
  for (const [source, value] of values) it(source, () => expect(evaluate(source)).to.deep.equal(value))

  const faults: [string, RegExp][] = [
    ['1 + "a"', /\+ does not take \(int, string\)/],
    ['1 / 0', /divided by zero/],
    ['0.0 / 0.0', /NaN/],
    ['9007199254740993', /too large for a JSON number/],
    ['b"abc"', /bytes/],
    ['duration("1h")', /duration/],
    ['[1][5]', /index 5 is out of bounds/],
    ['int("")', /not an integer/],
    ['int("0x10")', /not an integer/],
    ['sort([1, "a"])', /all strings/],
    ['dyn(["a", null]).join(",")', /join\(\) takes no null, and the list holds one/],
    ['shellQuote(dyn([null]))', /shellQuote\(\) takes no null/],
    ['dyn(["a", 1]).join(",")', /list of int and string\.join\(string\) does not exist/],
    ['{1: 2}', /keys are strings/],
    ['toIni({"a": {"b": {"c": 1}}})', /inside a section/],
    ['toIni({"a]b": 1})', /cannot be a name/],
    ['timestamp("2020-01-01T00:00:00Z")', /does not exist here/],
    ['type(1)', /does not exist here/],
    ['"%s".format([{"a": 1}])', /format: a map/],
  ]
  for (const [source, message] of faults)
    it(`refuses ${source}`, () => expect(problemOf(source).message).to.match(message))

  it('compares with the state before', () => {
    const changed = (before: unknown, now: unknown) =>
      evaluate('changed(params.a)', {params: {a: now}}, {previous: {params: before}})
    expect(changed({a: 1}, 1)).to.equal(false)
    expect(changed({a: null}, null)).to.equal(false)
    expect(changed({a: [1]}, [2])).to.equal(true)
    expect(changed({}, null)).to.equal(true)
    expect(evaluate('changed(params.a)', {params: {a: 1}})).to.equal(true)
  })

  it('says where it failed', () => {
    expect(problemOf('1 + [1, 2, 3][7]').position).to.deep.equal({file: 'app.yaml', line: 1, column: 5})
  })

  it('sorts stably', () => {
    const items = fc.array(fc.record({k: fc.constantFrom('a', 'b', 'c'), i: fc.nat(1000)}), {maxLength: 40})
    fc.assert(
      fc.property(items, xs => {
        const tagged = xs.map((x, at) => ({...x, at}))
        const expected = tagged.toSorted((a, b) => (a.k < b.k ? -1 : a.k > b.k ? 1 : 0))
        expect(evaluate('sort(xs, "k")', {xs: tagged})).to.deep.equal(expected)
      }),
    )
  })

  it('gives JSON in as JSON out, and writes YAML that reads the same', () => {
    const json = fc
      .jsonValue({noUnicodeString: false, maxDepth: 3})
      .map(value => JSON.parse(JSON.stringify(value).replaceAll(/-0\b/g, '0')))
    fc.assert(
      fc.property(json, value => {
        expect(evaluate('x', {x: value})).to.deep.equal(value)
        expect(JSON.parse(evaluate('toJson(x)', {x: value}) as string)).to.deep.equal(value)
        const yaml = evaluate('toYaml(x)', {x: value}) as string
        expect(parseYaml(yaml)).to.deep.equal(value)
        expect(parseYaml(yaml, {version: '1.1'})).to.deep.equal(value)
      }),
    )
  })

  it('distinct keeps the first of each', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5)), xs => {
        expect(evaluate('distinct(xs)', {xs})).to.deep.equal([...new Set(xs)])
      }),
    )
  })
})

describe('expr: hostile expressions end at once', () => {
  const big = Array.from({length: 5000}, (_, index) => index)
  const long = 'a'.repeat(200_000)
  const bombs: [string, string][] = [
    ['nested comprehensions', 'big.map(a, big.map(b, big.map(c, c)))'],
    ['nested comprehensions whose error || swallows', 'big.exists(a, big.exists(b, big.exists(c, false))) || true'],
    ['a chain that multiplies a list', `[0]${'.map(a, [a, a, a, a, a, a, a, a])'.repeat(40)}`],
    ['a shared structure that is written out', `toJson([0]${'.map(a, [a, a, a, a])'.repeat(60)})`],
    ['a shared structure that is compared', `[[0]${'.map(a, [a, a, a, a])'.repeat(60)}].exists(x, x == x.map(y, y))`],
    ['string doubling', `["x"]${'.map(a, a + a)'.repeat(60)}`],
    ['string doubling by format', `["x"]${'.map(a, "%s%s%s%s".format([a, a, a, a]))'.repeat(60)}`],
    ['replace that multiplies', `long${'.replace("a", "aaaaaaaaaa")'.repeat(8)}`],
    ['list doubling', `[big]${'.map(a, a + a)'.repeat(60)}`],
    ['merges', `[{"a": 1}]${'.map(a, merge(a, {"b": a, "c": a}))'.repeat(60)}`],
    ['JSON in JSON', `["\\""]${'.map(a, toJson(a))'.repeat(60)}`],
    ['base64 in base64', `["x"]${'.map(a, base64(a + a))'.repeat(60)}`],
    ['a long search', 'big.map(x, long.contains("b" + "a".replace("a", long.substring(0, 100000))))'],
    ['a catastrophic regular expression', 'big.map(x, (long + "!").matches("^(a+)+$"))'],
    ['a large regular expression', '(long + "!").matches("(((a{0,30}){0,30})|b){0,30}c")'],
    ['split', 'big.map(x, long.split(""))'],
  ]
  for (const [name, source] of bombs) {
    it(name, () => {
      const before = process.memoryUsage().rss
      const start = performance.now()
      expect(problemOf(source, {big, long}).rule).to.equal('limit')
      expect(performance.now() - start).to.be.below(1000)
      expect(process.memoryUsage().rss - before).to.be.below(150 * 2 ** 20)
    })
  }

  it('RE2 answers the classic at once', () => {
    expect(evaluate('("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!").matches("^(a+)+$")')).to.equal(false)
  })

  it('counts many small evaluations against one budget', () => {
    const budget = createBudget()
    const start = performance.now()
    const expression = parseExpression('xs.map(a, xs.map(b, a + b)).size()', position)
    expect(() => {
      for (let i = 0; i < 10_000; i++) evaluateExpression(expression, {xs: big.slice(0, 200)}, {budget})
    }).to.throw(ExpressionError, /together do too much work/)
    expect(performance.now() - start).to.be.below(2000)
  })

  it('builds a list of ten thousand without nesting', () => {
    expect(
      evaluate('xs.map(x, x + 1).map(x, x).size()', {xs: Array.from({length: 10_000}, (_, index) => index)}),
    ).to.equal(10_000)
  })
})
