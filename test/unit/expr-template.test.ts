import {expect} from 'chai'
import fc from 'fast-check'
import {
  ExpressionError,
  escapeTemplate,
  evaluateTemplate,
  OMIT,
  parseExpression,
  parseTemplate,
  referencesIn,
} from '../../src/lib/expr/index.ts'

const position = {file: 'app.yaml', line: 3, column: 7}
const render = (text: string, scope: Record<string, unknown> = {}) =>
  evaluateTemplate(parseTemplate(text, position), scope)
const errorOf = (work: () => unknown): ExpressionError => {
  try {
    work()
  } catch (error) {
    if (error instanceof ExpressionError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('expr: templates', () => {
  it('keeps the type of a text that is one expression', () => {
    expect(render('${1 + 1}')).to.equal(2)
    expect(render('${[1, 2]}')).to.deep.equal([1, 2])
    expect(render('${null}')).to.equal(null)
    expect(render('${omit()}')).to.equal(OMIT)
    expect(render('${x}', {x: {b: 1, a: [true]}})).to.deep.equal({b: 1, a: [true]})
  })

  it('concatenates strings', () => {
    expect(render('a${x}b${x}', {x: '-'})).to.equal('a-b-')
    expect(render('')).to.equal('')
  })

  it('understands braces, strings and comments inside', () => {
    expect(render('${{"a": {"b": "}"}}.a.b}!')).to.equal('}!')
    expect(render(`\${'}' + "\\"}" + r"\\" + '''}"}''' }`)).to.equal(`}"}\\}"}`)
    expect(render('${1 // }\n}')).to.equal(1)
  })

  it('writes a literal ${ for $${', () => {
    expect(render('$${x}')).to.equal('${x}')
    expect(render('$$${x} costs $5', {})).to.equal('$${x} costs $5')
    expect(render('${x}$${x}', {x: 'a'})).to.equal('a${x}')
  })

  it('gives any text back that was escaped', () => {
    fc.assert(
      fc.property(
        fc.string({unit: fc.constantFrom('$', '{', '}', 'a', '"', '\n', '\\')}),
        text => render(escapeTemplate(text)) === text,
      ),
    )
  })

  it('gives any text back between expressions', () => {
    const text = fc.string({unit: fc.constantFrom('{', '}', 'a', '"', ' ', '#')})
    fc.assert(fc.property(text, text, text, (a, b, value) => render(`${a}\${x}${b}`, {x: value}) === a + value + b))
  })

  it('explains an unterminated ${', () => {
    const {problem} = errorOf(() => parseTemplate('a ${x + " ', position))
    expect(problem).to.deep.include({rule: 'unterminated', position: {file: 'app.yaml', line: 3, column: 9}})
    expect(problem.message).to.match(/#/)
    expect(problem.fix).to.match(/^quote the whole text/)
  })

  it('refuses other types in mixed text, and says what to write', () => {
    expect(errorOf(() => render('a${x}', {x: 1})).problem).to.deep.include({
      rule: 'not-a-string',
      fix: 'write string(x)',
    })
    expect(errorOf(() => render('a${x}', {x: null})).problem.rule).to.equal('null-in-text')
    expect(errorOf(() => render('a${x}', {x: [1]})).problem.fix).to.equal('write toJson(x)')
    expect(errorOf(() => render('a${omit()}')).problem.rule).to.equal('omit-in-text')
  })

  it('places errors in later lines and columns', () => {
    const {problem} = errorOf(() => parseTemplate('first\nsecond ${x +}', position))
    expect(problem.position).to.deep.equal({file: 'app.yaml', line: 4, column: 13})
  })

  it('lists what is read', () => {
    const read = (source: string) => referencesIn(parseExpression(source, position)).map(path => path.join('.'))
    expect(read('params.smtp["host"] + x.map(v, v.y + params.z)[0].q')).to.deep.equal([
      'params.smtp.host',
      'x',
      'params.z',
    ])
    expect(read('has(params.a) ? 1 : f(b.c)')).to.deep.equal(['params.a', 'b.c'])
  })

  const syntax: [string, RegExp][] = [
    ['', /empty/],
    ['a +', /too early|unexpected/],
    ['a = 1', /unexpected `=`/],
    ['a ? b ? 1 : 2 : 3', /unexpected/],
    ['"abc', /not closed/],
    ['google.protobuf.Int32Value{value: 1}', /protobuf/],
    ['1u', /unsigned/],
    [`${'('.repeat(100)}1${')'.repeat(100)}`, /nested deeper/],
    [`1${'+1'.repeat(1000)}`, /nested deeper/],
    ['x'.repeat(9000), /characters/],
    ['[1].map(a, [1].map(b, [1].map(c, [1].map(d, [1].map(e, e)))))', /macros are nested/],
  ]
  for (const [source, message] of syntax) {
    it(`refuses ${JSON.stringify(source.slice(0, 60))}`, () => {
      expect(errorOf(() => parseExpression(source, position)).problem.message).to.match(message)
    })
  }
})
