import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {type CelInput, celEnv, isCelError, isCelList, isCelMap, parse, plan} from '@bufbuild/cel'
import {strings} from '@bufbuild/cel/ext'
import {tests as officialTests} from '@bufbuild/cel-spec/testdata/conformance.js'
import {expect} from 'chai'
import fc from 'fast-check'
import {Duration} from '../../src/lib/expr/duration.ts'
import {createEvaluator} from '../../src/lib/expr/evaluator.ts'
import {functions} from '../../src/lib/expr/functions.ts'
import {parseTree, SyntaxFault} from '../../src/lib/expr/parser.ts'
import {Fault, Run} from '../../src/lib/expr/run.ts'
import {Dict} from '../../src/lib/expr/values.ts'

type Bindings = Record<string, CelInput>

/** A value in a form that two implementations share; ints are told from doubles. */
function comparable(value: unknown): unknown {
  if (typeof value === 'bigint') return `int ${value}`
  if (typeof value === 'number') return `double ${value}`
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (value instanceof Duration) return `duration ${value}`
  if (value instanceof Dict) return Object.fromEntries(value.entries().map(([key, entry]) => [key, comparable(entry)]))
  if (Array.isArray(value)) return value.map(comparable)
  if (isCelList(value)) return [...value].map(comparable)
  if (isCelMap(value))
    return Object.fromEntries([...value].map(([key, entry]) => [String(key), comparable(entry)] as const).sort())
  return value
}

function ours(source: string, bindings: Bindings = {}): unknown {
  try {
    return comparable(createEvaluator(new Run(), bindings)(parseTree(source)))
  } catch (error) {
    if (error instanceof SyntaxFault || error instanceof Fault) return 'error'
    throw error
  }
}

const library = celEnv({funcs: strings})

function theirs(source: string, bindings: Bindings = {}): unknown {
  try {
    const result = plan(library, parse(source).expr)(bindings)
    return isCelError(result) ? 'error' : comparable(result)
  } catch {
    return 'error'
  }
}

interface Suite {
  name: string
  suites?: Suite[]
  tests?: {original: Vector}[]
}
interface Vector {
  name: string
  expr: string
  bindings?: Record<string, {value?: Protobuf}>
  value?: Protobuf
  evalError?: unknown
}
type Protobuf = Record<string, unknown>

function vectorsOf({suites = [], tests = []}: Suite): Vector[] {
  return [...tests.map(({original}) => original), ...suites.flatMap(vectorsOf)]
}

/** A value in protobuf's JSON. */
function decoded(value: Protobuf): unknown {
  const [[kind, content] = []] = Object.entries(value)
  switch (kind) {
    case 'int64Value':
      return BigInt(content as string)
    case 'doubleValue':
      return Number(content)
    case 'bytesValue':
      return Buffer.from(content as string, 'base64')
    case 'listValue':
      return ((content as {values?: Protobuf[]}).values ?? []).map(decoded)
    case 'mapValue': {
      const {entries = []} = content as {entries?: {key: Protobuf; value: Protobuf}[]}
      return Object.fromEntries(entries.map(({key, value}) => [decoded(key), decoded(value)]))
    }
    default:
      return content
  }
}

/** What this language leaves out, or does otherwise on purpose: docs/expressions.md. */
const leftOut: Record<string, RegExp> = {
  'unsigned integers': /\d[uU]\b|uint\(/,
  messages: /[\w.]\s*\{|\w\{|google\.|msg\b|proto3/,
  'types as values': /\btype\b|^(bool|u?int|double|string|bytes|list|map|null_type)$/,
  timestamps: /timestamp|get(FullYear|Month|Date|DayOf\w+)\(|"Z"|T\d\d:/,
  'keys that are not strings': /\{\s*(\d|true|false)|, *1: *|\b7 in \{\}/,
  'fields in backticks': /`/,
  'names with dots': /^(a\.b\.c|x\.y)$/,
  'maps in format()': /format\(\[\{/,
  'NaN and infinity as text': /double\(['"]-?(NaN|Infinity)/,
  'unknown names, which nothing excuses': /\|\| true$/,
}
const suites =
  'basic comparisons conversions fields fp_math integer_math lists logic macros parse plumbing string string_ext timestamps'

describe('expr: its documentation', () => {
  it('lists every function', async () => {
    const text = await readFile(join(import.meta.dirname, '../../docs/expressions.md'), 'utf8')
    const listed = text.split('```')[1]?.trim().split('\n')
    expect(listed).to.deep.equal([...functions.values()].flat().map(form => form.text))
  })
})

describe('expr: the official conformance tests', () => {
  const official = (officialTests as unknown as Suite).suites ?? []
  for (const name of suites.split(' ')) {
    it(name, () => {
      const vectors = vectorsOf(official.find(suite => suite.name === name) ?? {name})
      const ran = vectors.filter(({expr}) => !Object.values(leftOut).some(pattern => pattern.test(expr)))
      expect(ran.length, `of ${vectors.length}`).to.be.above(vectors.length / 10)
      for (const {expr, bindings = {}, value, evalError} of ran) {
        const given = Object.fromEntries(
          Object.entries(bindings).map(([key, {value: content = {}}]) => [key, decoded(content) as CelInput]),
        )
        if (JSON.stringify(bindings).includes('@type')) continue
        const wanted = evalError === undefined ? comparable(value === undefined ? true : decoded(value)) : 'error'
        expect(ours(expr, given), `${name}: ${expr}`).to.deep.equal(wanted)
      }
    })
  }
})

const bindings: Bindings = {
  i: 7n,
  d: 2.5,
  s: 'Grüße, "Welt"',
  t: true,
  n: null,
  xs: [3n, 1n, 2n, 3n],
  ys: ['b', 'a', '', 'c d'],
  m: {a: 'y', b: 'x'},
  nested: {list: [{k: 1n}, {k: 2n}], none: null},
}

describe('expr: as the library of CEL has it', () => {
  const tricky = [
    'true || 1 / 0 > 0',
    '1 / 0 > 0 || true',
    'false && n.x',
    'n.x && false',
    '1 / 0 > 0 || false',
    '1 && true',
    '1 || true',
    't ? 1 : 1 / 0',
    'n ? 1 : 2',
    '[1, 0].all(x, 1 / x > 0)',
    '[0, -1].all(x, 1 / x > 0)',
    '[0, 1].exists(x, 1 / x > 0)',
    '[0, 1].exists_one(x, 1 / x > 0)',
    '[1, 2, 2].exists_one(x, x == 2)',
    'xs.map(x, x > 1, x * 2)',
    'xs.filter(x, x)',
    'm.map(k, m[k])',
    'm.all(k, k in m)',
    'has(m.a) && !has(m.z)',
    'has(nested.none)',
    'has(n.x)',
    'has(nested.list)',
    '"none" in nested',
    'nested.list.map(x, x.k)',
    'nested["list"][1]["k"]',
    'xs[4]',
    'xs[-1]',
    'xs[1.0]',
    'xs[0.5]',
    '1 - 2 - 3',
    '-7 / 2',
    '-7 % 3',
    '- 7',
    '--7',
    '!!t',
    '!-7',
    '-9223372036854775808',
    '9223372036854775807 + 1',
    '-(-9223372036854775807 - 1)',
    '-9223372036854775808 / -1',
    '0x7fffffffffffffff',
    '-0x80',
    '.5e1',
    '1e-3',
    '1.',
    '1 == 1.0',
    '[1] == [1.0]',
    '{"a": 1} == {"a": 1.0}',
    '0.0 / 0.0 == 0.0 / 0.0',
    '0.0 / 0.0 < 1.0',
    '1 < 2.5',
    '1 in [1.0]',
    '"a" < "B"',
    'b"a" < b"b"',
    'b"\\xff" == b"\\377"',
    '"\\u00fc\\n\\x41\\101"',
    "r'\\n' + '''a\n'b'''",
    '"a\nb"',
    'i < 8 == true',
    '1 < 2 < 3',
    't ? t ? 1 : 2 : 3',
    't ? 1 : t ? 2 : 3',
    '[1, 2,]',
    '{"a": 1,}',
    'xs.map(1, x)',
    'has(m)',
    'in',
    'm.in',
    'if + 1',
    'true.x',
    '"abc".substring(1, 9)',
    's.size()',
    'size(s) + size(xs) + size(m)',
    's.matches("G.*e, \\"")',
    's.matches("(")',
    's.charAt(3) + s.substring(4) + s.upperAscii()',
    's.indexOf("e") + s.lastIndexOf("e") + s.indexOf("zz")',
    '"a-b-c".split("-")',
    '"aXbX".replace("X", "--")',
    'ys.join("/")',
    'strings.quote(s)',
    '"%s %d %.2f %x".format([s, i, d, i])',
    '"%d".format(["a"])',
    '"%s".format([])',
    'int("42") + int(3.9) + int(-3.9)',
    'int("4 2")',
    'double("2.5") + double(1)',
    'bool("true") && bool("maybe")',
    'string(1.5) + string(7) + string(true) + string(b"abc")',
    'duration("1h30m") + duration("-30s") > duration("1h")',
    'duration("1.5h").getMinutes()',
    'duration("1x")',
    'string(duration("90m"))',
    'dyn(1) + dyn(2)',
    'frobnicate(1)',
    '1 + "a"',
    'null == null',
  ]
  for (const source of tricky) it(source, () => expect(ours(source, bindings)).to.deep.equal(theirs(source, bindings)))

  it('in expressions made at random', () => {
    let values = 0
    fc.assert(
      fc.property(expression, source => {
        const expected = theirs(source, bindings)
        if (expected !== 'error') values++
        expect(ours(source, bindings), source).to.deep.equal(expected)
      }),
      {numRuns: 500},
    )
    // That both fail is little proof.
    expect(values).to.be.above(150)
  })
})

type Kind = 'expression' | 'bool' | 'int' | 'double' | 'string' | 'ints' | 'strings' | 'map'

/** Expressions of each type out of smaller ones; where the two differ on purpose (docs/expressions.md), none is made. */
const {expression} = fc.letrec<Record<Kind, string>>(tie => {
  const one = (literals: string[], ...forms: string[]) =>
    fc.oneof({maxDepth: 3}, fc.constantFrom(...literals), ...forms.map(form))
  /** Text with other expressions in it: `$int + $int`. */
  const form = (text: string) => {
    const parts = text.split(/(\$[a-z]+)/)
    return fc
      .tuple(...parts.map(part => (part.startsWith('$') ? tie(part.slice(1) as Kind) : fc.constant(part))))
      .map(found => found.join(''))
  }
  return {
    expression: one(['null'], '$bool', '$int', '$double', '$string', '$ints', '$strings', '$map'),
    bool: one(
      ['true', 'false', 't', 'has(m.a)', 'has(m.z)', 'i > 5'],
      '($bool && $bool)',
      '($bool || $bool)',
      '!$bool',
      '($bool ? $bool : $bool)',
      '($int == $int)',
      '($int != $double)',
      '($int < $int)',
      '($double >= $int)',
      '($string <= $string)',
      '($string == $string)',
      '($ints == $ints)',
      '($map == $map)',
      '($int in $ints)',
      '($string in $map)',
      '$ints.all(x, x > $int)',
      '$strings.exists(y, y.contains($string))',
      '$ints.exists_one(x, x == $int)',
      '$string.startsWith($string)',
      '$string.endsWith($string)',
    ),
    int: one(
      ['0', '1', '-3', 'i', '9223372036854775807', 'nested.list[0].k'],
      '($int + $int)',
      '($int - $int)',
      '($int * $int)',
      '($int / $int)',
      '($int % $int)',
      '-($int)',
      '$ints[$int]',
      'size($string)',
      '$ints.size()',
      '($bool ? $int : $int)',
      '$string.indexOf($string)',
      'int($double)',
      'int(string($int))',
    ),
    double: one(
      ['0.5', '-1.25e2', 'd', '0.0'],
      '($double + $double)',
      '($double / $double)',
      '($double * $double)',
      '-($double)',
      'double($int)',
    ),
    string: one(
      ['"a"', "'b'", 's', 'm.b', '""', 'r"\\d"'],
      '($string + $string)',
      '$strings[$int]',
      '$map[$string]',
      'string($int)',
      'string($bool)',
      '($bool ? $string : $string)',
      '$string.upperAscii()',
      '$string.trim()',
      '$string.replace("a", $string)',
      '$strings.join($string)',
    ),
    ints: one(
      ['xs', '[]', '[1, 2]'],
      '[$int, $int]',
      '($ints + $ints)',
      '$ints.map(x, x + $int)',
      '$ints.filter(x, x < $int)',
      '$strings.map(y, y.size())',
    ),
    strings: one(
      ['ys', '["a"]'],
      '[$string, $string]',
      '$map.map(k, k)',
      '$string.split(",")',
      '$strings.filter(y, y != $string)',
    ),
    map: one(['m', '{}'], '{"k": $string, "l": $string}'),
  }
})
