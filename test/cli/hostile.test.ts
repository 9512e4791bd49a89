import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {expect} from 'chai'
import {inTemporaryHome, runBerth} from './support.ts'

/** A package and what is asked of it; files are below the current folder. */
interface Attack {
  what: string
  files?: Record<string, string | Uint8Array>
  /** More of package.yaml. */
  manifest?: string
  /** One template. */
  resource?: string
  args?: string[]
  /** Undefined: nobody is stopped, a warning says it. */
  code: string | undefined
  /** In the message or one of the details. */
  reason: RegExp
}

const head = 'apiVersion: berth.dev/v1\nkind: Package\nname: demo\nversion: 1.0.0\n'
const config = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "\${app.name}"}\ndata: ${data}\n`
const properties = (text: string) => `parameters:\n  properties:\n    ${text}\n`
const render = ['package', 'render', './demo', '--json']
const lint = ['package', 'lint', './demo', '--json']
const withAnswers = (text: string) => ({files: {'answers.yaml': text}, args: [...render, '-f', 'answers.yaml']})
const anything = properties('x: {type: object, additionalProperties: true}')
const laughs = (levels: number) =>
  [
    'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
    ...Array.from({length: levels}, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`),
  ].join('\n')
const doubling: Record<string, object> = Object.fromEntries(
  Array.from({length: 40}, (_, i) => [
    `d${i}`,
    {allOf: [{$ref: `#/properties/d${i + 1}`}, {$ref: `#/properties/d${i + 1}`}]},
  ]),
)
const tripling: Record<string, object> = Object.fromEntries(
  Array.from({length: 30}, (_, i) => {
    const $ref = `#/properties/l${i + 1}`
    return [`l${i}`, {type: 'object', properties: {a: {$ref}, b: {$ref}, c: {$ref}}}]
  }),
)
const list = `[${Array(200).fill('1').join(', ')}]`

const attacks: Attack[] = [
  // templates
  {
    what: 'loops in loops in loops',
    resource: config(
      `{a: "\${toJson(parts.a)}"}\n---\n$part: a\n$for: a in ${list}\n$items:\n  - {$for: "b in ${list}", $items: [{$for: "c in ${list}", $value: x}]}`,
    ),
    code: 'template.failed',
    reason: /too much|limit/,
  },
  {
    what: 'comprehensions in comprehensions',
    resource: config(`{a: "\${string(${list}.map(a, ${list}.map(b, ${list}.map(c, ${list}.map(d, a)))).size())}"}`),
    code: 'template.failed',
    reason: /cost|too much|work/,
  },
  {
    what: 'a text that doubles and doubles',
    manifest: `let:\n  l0: '"xxxxxxxxxxxxxxxx"'\n${Array.from({length: 40}, (_, i) => `  l${i + 1}: l${i} + l${i}\n`).join('')}`,
    resource: config('{a: "${l40}"}'),
    code: 'params.invalid',
    reason: /are allowed/,
  },
  // together they have one budget
  ...[
    {args: lint, code: undefined},
    {args: render, code: 'params.invalid'},
  ].flatMap(({args, code}) => {
    const reason = /(m1?\d|d\d+|rule).*together do too much work/
    const work = 'string(params.a.map(x, params.a.map(y, params.a.size())).size())'
    const numbers = {type: 'array', items: {type: 'integer'}, default: Array(300).fill(1)}
    const times = <T>(count: number, one: (i: number) => T) => Array.from({length: count}, (_, i) => one(i))
    const defaults = Object.fromEntries(times(100, i => [`d${i}`, {type: 'string', default: `\${${work}}`}]))
    const many = (also: object) => JSON.stringify({properties: {a: numbers, ...also}})
    const doubled = times(16, i => `  l${i + 1}: "[l${i},l${i}]"\n`).join('')
    return [
      {
        what: 'a list of lists, forty times',
        more: `let:\n  l0: '1'\n${doubled}${times(40, i => `  m${i}: "[l16]"\n`).join('')}`,
      },
      {what: 'a hundred long defaults', more: `parameters: ${many(defaults)}\n`},
      {what: 'a hundred long let', more: `parameters: ${many({})}\nlet: {${times(100, i => `d${i}: "${work}"`)}}\n`},
      {
        what: 'a hundred long rules',
        more: `parameters: ${many({})}\nrules: [${times(100, () => `{check: '${work} != ""', field: /a, message: m}`)}]\n`,
      },
      {
        what: 'rules that read a list of lists',
        more: `parameters: ${many({})}\nlet:\n  l0: '1'\n${doubled}rules: [${times(100, () => '{check: l16.size() > 0, field: /a, message: m}')}]\n`,
      },
    ].map(({what, more}) => ({what: `${what}, to package ${args[1]}`, manifest: more, args, code, reason}))
  }),
  {
    what: 'let that reads itself',
    manifest: 'let: {a: b, b: a}\n',
    resource: config('{a: "${a}"}'),
    args: lint,
    code: 'package.invalid',
    reason: /reads itself/,
  },
  {
    what: 'defaults that read each other',
    manifest: properties('a: {type: string, default: "${params.b}"}\n    b: {type: string, default: "${params.a}"}'),
    args: lint,
    code: 'package.invalid',
    reason: /cycle|each other|itself/,
  },
  {
    what: 'an expression of brackets',
    resource: config(`{a: "\${${'('.repeat(20_000)}1${')'.repeat(20_000)}}"}`),
    code: 'package.invalid',
    reason: /nested|deep|characters/,
  },
  {
    what: 'an expression of a megabyte',
    resource: config(`{a: "\${${'1+'.repeat(200_000)}1}"}`),
    code: 'package.invalid',
    reason: /characters/,
  },
  {
    what: 'a thousand thousand objects',
    resource: `$for: a in ${list}\n$let: {b: a}\n${config('{}').replace('name: "${app.name}"', 'name: "${app.name}-${string(a)}"')}`,
    code: 'template.failed',
    reason: /twice|more than|limit/,
  },
  // schemas
  {
    what: '$ref to a file',
    manifest: properties('a: {$ref: "file:///etc/passwd"}'),
    args: lint,
    code: 'package.invalid',
    reason: /\$ref|reference|refers/,
  },
  {
    what: '$ref to an address',
    manifest: properties('a: {$ref: "https://example.com/schema.json"}'),
    args: lint,
    code: 'package.invalid',
    reason: /\$ref|reference|refers/,
  },
  {
    what: '$ref to itself',
    manifest: properties('a: {$ref: "#/properties/a"}'),
    args: [...render, '--set', 'a=1'],
    code: 'params.invalid',
    reason: /refer|deep|loop|itself/,
  },
  {
    what: 'schemas that double',
    manifest: `parameters: ${JSON.stringify({properties: {...doubling, d40: {type: 'string'}}})}\n`,
    args: [...render, '--set', 'd0=x'],
    code: 'params.invalid',
    reason: /asks for too much/,
  },
  ...[lint, render].map(args => ({
    what: `schemas that triple the fields of a form, to package ${args[1]}`,
    manifest: `parameters: ${JSON.stringify({properties: {...tripling, l30: {type: 'integer'}}})}\n`,
    args,
    code: 'package.invalid',
    reason: /l0 is too much.*2000 fields/,
  })),
  {
    what: 'one long default in a thousand fields',
    manifest: `parameters: ${JSON.stringify({
      properties: {
        ...Object.fromEntries(Object.entries(tripling).slice(0, 6)),
        l6: {type: 'string', default: `\${${Array(800).fill('string(1)').join('+')}}`},
      },
    })}\n`,
    args: lint,
    code: 'package.invalid',
    reason: /deeper|too deep|nested/,
  },
  {
    what: 'a pattern that looks ahead',
    manifest: properties('a: {type: string, pattern: "^(?=.*a)b$"}'),
    args: lint,
    code: 'package.invalid',
    reason: /pattern/,
  },
  {
    what: 'a pattern that backtracks',
    manifest: properties('a: {type: string, pattern: "^(a+)+$"}'),
    args: [...render, '--set', `a=${'a'.repeat(50_000)}!`],
    code: 'params.invalid',
    reason: /\(a\+\)\+|pattern/,
  },
  {
    what: 'a pattern that repeats repeats',
    manifest: properties('a: {type: string, pattern: "^((a{1,1000}){1,1000}){1,1000}$"}'),
    args: lint,
    code: 'package.invalid',
    reason: /pattern/,
  },
  {
    what: 'a schema nested in itself, deeply',
    manifest: `parameters: {properties: {a: ${'{type: object, properties: {a: '.repeat(300)}{type: string}${'}}'.repeat(300)}}}\n`,
    args: lint,
    code: 'package.invalid',
    reason: /nested|deep/,
  },
  // answers
  {
    what: 'ten megabytes of answers',
    manifest: anything,
    ...withAnswers(`x: ${'a'.repeat(10 * 1024 * 1024)}`),
    code: 'params.invalid',
    reason: /characters/,
  },
  {
    what: 'ten megabytes of little answers',
    manifest: anything,
    ...withAnswers(`x:\n${'  - 1\n'.repeat(1_700_000)}`),
    code: 'params.invalid',
    reason: /characters|lines/,
  },
  {
    what: 'ten megabytes in a flag’s file',
    manifest: properties('a: {type: string}'),
    files: {big: 'a'.repeat(10 * 1024 * 1024)},
    args: [...render, '--set-file', 'a=big'],
    code: 'params.invalid',
    reason: /characters|large|long|bytes|MiB|KiB/,
  },
  {
    what: 'a billion laughs',
    manifest: anything,
    ...withAnswers(`x:\n${laughs(9).replace(/^/gm, '  ')}`),
    code: 'params.invalid',
    reason: /aliases/,
  },
  {
    what: 'objects of which none may be there twice',
    manifest: properties('a: {type: array, uniqueItems: true, items: {type: object, additionalProperties: true}}'),
    ...withAnswers(`a: ${JSON.stringify([...Array(20_000).keys(), 0].map(x => ({x})))}`),
    code: 'params.invalid',
    reason: /entries 1 and 20001 are the same/,
  },
  {
    what: 'answers nested deeply',
    manifest: anything,
    ...withAnswers(`x: ${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    code: 'params.invalid',
    reason: /nested/,
  },
  {
    what: 'JSON nested deeply',
    manifest: anything,
    args: [...render, '--set-json', `x={"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
    code: 'usage.invalid',
    reason: /nested|deep/,
  },
  {
    what: '__proto__ in a file',
    manifest: properties('a: {type: string}'),
    ...withAnswers('__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\n'),
    code: 'params.invalid',
    reason: /__proto__|unknown/,
  },
  {
    what: '__proto__ in a flag',
    manifest: anything,
    args: [...render, '--set', '__proto__.polluted=1'],
    code: 'usage.invalid',
    reason: /__proto__|unknown/,
  },
  {
    what: 'an index beyond all lists',
    manifest: properties('a: {type: array, items: {type: string}}'),
    args: [...render, '--set', 'a[4294967290]=x'],
    code: 'usage.invalid',
    reason: /character 2/,
  },
  {
    what: 'a number that is none',
    manifest: properties('a: {type: integer}'),
    args: [...render, '--set', 'a=1e400'],
    code: 'params.invalid',
    reason: /integer|number/,
  },
  {
    what: 'a number with a million digits',
    manifest: properties('a: {type: integer}'),
    ...withAnswers(`a: ${'9'.repeat(400_000)}\n`),
    code: 'params.invalid',
    reason: /integer|number/,
  },
  // files
  {what: 'a billion laughs in a manifest', manifest: laughs(9), args: lint, code: 'package.invalid', reason: /aliases/},
  {
    what: 'a billion laughs in a template',
    resource: `${config('{}')}${laughs(9)}`,
    code: 'package.invalid',
    reason: /aliases/,
  },
  {
    what: 'a key in a million maps',
    resource: `a: ${'{a: '.repeat(5_000)}1${'}'.repeat(5_000)}`,
    code: 'package.invalid',
    reason: /nested/,
  },
  {
    what: 'a bomb of an archive',
    files: {'bomb.tgz': gzipSync(Buffer.alloc(64 * 1024 * 1024))},
    args: ['package', 'lint', './bomb.tgz', '--json'],
    code: 'package.archive-refused',
    reason: /MiB/,
  },
  {
    what: 'an archive of noise',
    files: {'noise.tgz': gzipSync(Buffer.alloc(100_000, 'x'))},
    args: ['package', 'lint', './noise.tgz', '--json'],
    code: 'package.archive-refused',
    reason: /tar/,
  },
]

/** Each is refused with the reason, in little time and memory. Processor time, because other tests run beside this one. */
describe('hostile input', function () {
  this.timeout(30_000)
  const place = inTemporaryHome()

  for (const {what, files = {}, manifest = '', resource = config('{}'), args = render, code, reason} of attacks) {
    it(`${what}: ${code ?? 'a warning'}`, async () => {
      const all = {...files, 'demo/package.yaml': head + manifest, 'demo/resources/app.yaml': resource}
      for (const [name, content] of Object.entries(all)) {
        await mkdir(dirname(join(place.folder, name)), {recursive: true})
        await writeFile(join(place.folder, name), content)
      }
      const usage = join(place.folder, 'usage')
      await writeFile(
        join(place.folder, 'usage.mjs'),
        `import {writeFileSync} from 'node:fs'
        process.on('exit', () => writeFileSync(${JSON.stringify(usage)}, JSON.stringify(process.resourceUsage())))`,
      )
      place.env.NODE_OPTIONS = `--import ${join(place.folder, 'usage.mjs')}`
      const {json} = await runBerth(args)
      const {userCPUTime, systemCPUTime, maxRSS} = JSON.parse(await readFile(usage, 'utf8'))
      const {error} = json
      expect(error?.code, JSON.stringify(json).slice(0, 500)).to.equal(code)
      const told = error ?? json.result
      expect(`${told.message} ${JSON.stringify(told.details ?? told)}`).to.match(reason)
      expect(JSON.stringify(told).length, 'of the answer').to.be.lessThan(64 * 1024)
      expect((userCPUTime + systemCPUTime) / 1000, 'ms').to.be.lessThan(1000)
      expect(maxRSS / 1024, 'MiB').to.be.lessThan(200)
    })
  }
})
