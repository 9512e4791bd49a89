import {expect} from 'chai'
import fc from 'fast-check'
import {parse as parseYaml} from 'yaml'
import {
  evaluateExpression,
  evaluateTemplate,
  hasSecret,
  maskSecrets,
  parseExpression,
  parseTemplate,
  revealSecrets,
  secretNames,
  secretsIn,
  secretToken,
} from '../../src/lib/expr/index.ts'

const position = {file: 'app.yaml', line: 1, column: 1}
const scope = {password: secretToken('password'), other: secretToken('smtp.password'), user: 'al ice'}
const evaluate = (source: string) => evaluateExpression(parseExpression(source, position), scope)
const reveal = (source: string, value: string) =>
  revealSecrets(evaluate(source) as string, name => (name === 'password' ? value : `<${name}>`))

describe('expr: secret tokens', () => {
  it('concatenate', () => {
    expect(reveal('"a" + password + "b" + other', 'hunter2')).to.equal('ahunter2b<smtp.password>')
    const text = evaluateTemplate(parseTemplate('x ${password} y', position), scope) as string
    expect(revealSecrets(text, () => '$& $1')).to.equal('x $& $1 y')
  })

  it('keep what functions would do to them until the value is known', () => {
    expect(reveal('"postgres://" + urlEncode(user + "/" + password) + "@db"', 'p@ss wörd')).to.equal(
      'postgres://al%20ice%2Fp%40ss%20w%C3%B6rd@db',
    )
    expect(reveal('base64(user + ":" + password)', 'x')).to.equal(Buffer.from('al ice:x').toString('base64'))
    expect(reveal('base64(base64(password))', 'x')).to.equal('ZUE9PQ==')
    expect(reveal('shellQuote(password)', "it's")).to.equal(`'it'\\''s'`)
    expect(reveal('toIni({"a": {"p": password, "q": "x;" + password}})', 'a"b')).to.equal(
      '[a]\np="a\\"b"\nq="x;a\\"b"\n',
    )
    expect(reveal('[password, other].join(",")', 'x')).to.equal('x,<smtp.password>')
  })

  it('survive JSON, YAML and TOML whatever their value', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), value => {
        expect(JSON.parse(reveal('toJson({"p": ["x" + password]})', value))).to.deep.equal({p: [`x${value}`]})
        expect(parseYaml(reveal('toYaml({"p": {"q": password}})', value))).to.deep.equal({p: {q: value}})
      }),
    )
    expect(reveal('toToml({"p": password})', 'a"\n')).to.equal('p = "a\\"\\n"\n')
  })

  const refused = [
    'password == "x"',
    'password < "x"',
    'size(password)',
    'password.size()',
    'sha256(password)',
    'password.contains("x")',
    'password.matches("x")',
    'password.replace("a", "b")',
    '"abc".replace("a", password)',
    'password.substring(0, 20)',
    'password.split("")',
    'password in ["x"]',
    '"x" in [password]',
    '[password] == ["x"]',
    '{"a": password} == {"a": "x"}',
    'sort([password, "a"])',
    'distinct([password])',
    'strings.quote(password)',
    '"%s".format([password])',
    'int(password)',
    'password.lowerAscii()',
    'password.charAt(0)',
    '{password: 1}',
    'toJson({password: 1})',
    'bytes(password)',
  ]
  for (const source of refused) it(`refuse ${source}`, () => expect(() => evaluate(source)).to.throw(/secret/))

  it('may be compared with null', () => {
    expect(evaluate('password != null && !(password == null)')).to.equal(true)
  })

  it('cannot be forged', () => {
    const forged = String(scope.password).replace(/[0-9a-f]{32}/, '0'.repeat(32))
    expect(hasSecret(forged)).to.equal(false)
    expect(revealSecrets(forged, () => 'value')).to.equal(forged)
  })

  it('are found and masked, in every process alike', () => {
    const value = {data: {url: evaluate('"x" + urlEncode(password)'), list: [evaluate('other')]}, plain: 1}
    expect(secretsIn(value)).to.deep.equal([
      {path: ['data', 'url'], names: ['password']},
      {path: ['data', 'list', '0'], names: ['smtp.password']},
    ])
    expect(maskSecrets(value)).to.deep.equal({
      data: {url: 'x<urlEncode of <secret password>>', list: ['<secret smtp.password>']},
      plain: 1,
    })
    expect(secretNames(evaluate('base64(password + other)') as string)).to.deep.equal(['password', 'smtp.password'])
  })
})
