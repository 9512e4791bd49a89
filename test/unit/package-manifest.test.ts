import {readFile} from 'node:fs/promises'
import {Ajv2020} from 'ajv/dist/2020.js'
import {expect} from 'chai'
import {UserError} from '../../src/lib/errors.ts'
import {type Finding, manifestSchema, parseManifest} from '../../src/lib/package/index.ts'
import {parseYamlFile, plainValue, readYaml} from '../../src/lib/yaml/index.ts'

const head = 'apiVersion: berth.dev/v1\nkind: Package\nname: demo\nversion: 1.0.0\n'
const faultsOf = (text: string): Finding[] => {
  try {
    parseManifest(text)
  } catch (error) {
    if (error instanceof UserError && error.code === 'package.invalid') return error.details as Finding[]
    throw error
  }
  throw new Error('the manifest was taken')
}

describe('package: the manifest', () => {
  it('needs four lines', () => {
    expect(parseManifest(head).manifest).to.deep.equal({
      apiVersion: 'berth.dev/v1',
      kind: 'Package',
      name: 'demo',
      version: '1.0.0',
      images: {},
      parameters: {properties: {}},
      let: {},
      rules: [],
      migrations: [],
      components: {},
      drift: {ignore: []},
      provides: {},
      tasks: {},
      outputs: {},
      needs: [],
    })
  })

  it('says a common application in sixty lines', async () => {
    const folder = new URL('../../packages/', import.meta.url)
    for (const name of ['miniflux', 'nextcloud']) {
      const text = await readFile(new URL(`${name}/package.yaml`, folder), 'utf8')
      expect(text.split('\n').length, name).to.be.at.most(60)
      expect(parseManifest(text).manifest.name).to.equal(name)
    }
  })

  it('fills what was left out in components and endpoints', () => {
    const {manifest} = parseManifest(
      `${head}components: {a: {}}\nprovides: {web: {interface: http, component: a, port: 80}}\n`,
    )
    expect(manifest.components).to.deep.equal({a: {after: []}})
    expect(manifest.provides.web?.allow).to.deep.equal({namespaces: 'all'})
  })

  const faults: [string, string, RegExp, RegExp?][] = [
    ['an unknown field', `${head}titel: x\n`, /5:1: the file has an unknown field "titel"/, /did you mean title\?/],
    [
      'an unknown field deep down',
      `${head}components: {a: {scael: {min: 1}}}\n`,
      /components.a has an unknown field "scael"/,
      /scale/,
    ],
    ['a missing field', 'apiVersion: berth.dev/v1\nkind: Package\nname: demo\n', /has no version/, /version: 1\.0\.0/],
    ['a number for a version', head.replace('1.0.0', '1.0'), /version is the number 1, not a string/, /write "1.0"/],
    ['a version that is none', head.replace('1.0.0', 'v1.0.0'), /semantic version/],
    ['another apiVersion', head.replace('berth.dev/v1', 'v2'), /apiVersion is "v2"/, /berth\.dev\/v1/],
    ['a bad name', head.replace('demo', 'Demo_1'), /lower-case/],
    [
      'a choice that does not exist',
      `${head}components: {a: {profile: smal}}\n`,
      /profile is "smal", not one of/,
      /did you mean small\?/,
    ],
    [
      'a comma in a flow text',
      `${head}rules: [{check: "true", field: /a, message: Poll less, or not}]\n`,
      /unknown field "or not"/,
      /quote the text/,
    ],
    [
      'a component that does not exist',
      `${head}provides: {web: {interface: http, component: b, port: 80}}\n`,
      /names the component b/,
    ],
    [
      'components that wait for one another',
      `${head}components: {a: {after: [b]}, b: {after: [a]}}\n`,
      /waits for itself/,
    ],
    ['a scale that is not in order', `${head}components: {a: {scale: {min: 2, default: 1, max: 3}}}\n`, /2 ≤ 1 ≤ 3/],
    ['a rule about nothing', `${head}rules: [{check: "true", field: /nope, message: x}]\n`, /names the parameter nope/],
    ['a range that is none', `${head}compatibility: {kubernetes: newest}\n`, /no version range/],
    [
      'a script outside of files',
      `${head}components: {a: {}}\nprovides: {d: {interface: x, component: a, port: 1, grant: {run: {component: a}, ensure: {file: ../x}}}}\n`,
      /below files/,
    ],
    [
      'an image for services outside that is not there',
      `${head}components: {a: {}}\nprovides: {d: {interface: x, component: a, port: 1, grant: {run: {component: a, outside: {image: b}}, ensure: {file: files/x}}}}\n`,
      /names the image b, which does not exist/,
    ],
    [
      'publish of no kind',
      `${head}components: {a: {}}\nprovides: {d: {interface: x, component: a, port: 1, publish: {hots: a}}}\n`,
      /publish has/,
    ],
    [
      'a port that is none',
      `${head}components: {a: {}}\nprovides: {d: {interface: x, component: a, port: 70000}}\n`,
      /at most 65535/,
    ],
    ['a key twice', `${head}title: a\ntitle: b\n`, /stands twice/],
    ['a second document', `${head}---\na: 1\n`, /second document/],
    ['nothing', '', /empty/],
    ['a list', '- a\n', /is a list, not a map/],
    ['no YAML', `${head}title: "x\n`, /./],
    ['tabs', `${head}components:\n\ta: {}\n`, /./],
    ['a tag', `${head}title: !!js/function x\n`, /tag/],
    ['a merge key', `${head}components: {a: &a {}, b: {<<: *a}}\n`, /merge keys/],
    [
      'aliases that multiply',
      `${head}a: &a [x,x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g'].map((k, i) => `${k}: &${k} [${Array(10).fill(`*${'abcdef'[i]}`)}]`).join('\n')}\n`,
      /aliases counted/,
    ],
    ['deep nesting', `${head}title: ${'['.repeat(5000)}\n`, /./],
  ]
  for (const [name, text, message, fix] of faults) {
    it(`with ${name} is refused`, () => {
      const [first] = faultsOf(text)
      expect(`${first?.position.line}:${first?.position.column}: ${first?.message}`).to.match(message)
      if (fix !== undefined) expect(first?.fix).to.match(fix)
    })
  }

  it('tells all faults at once', () => {
    expect(faultsOf(`${head}titel: x\nlicence: MIT\ncomponents: {a: {profile: tiny}}\n`)).to.have.lengthOf(3)
  })

  it('warns of words and numbers that seem to be something else', () => {
    const {findings} = parseYamlFile(
      'x.yaml',
      'a: yes\nb: 1.10\nc: 0777\nd: 12:30\ne: 1_000\nf: 123456789012345678901\ng: 1e3\nh: "yes"\ni: 1.5\nj: 10\non: 1\n',
    )
    expect(findings.map(({position, fix}) => `${position.line}:${position.column} ${fix}`)).to.deep.equal([
      '1:4 write "yes", or true if a boolean is meant',
      '2:4 write "1.10" if it is a version or other text',
      '3:4 0o777, which is 511, for a file’s mode; write "0777" if it is text',
      '4:4 write "12:30"',
      '5:4 write "1_000", or 1000 if a number is meant',
      '6:4 write "123456789012345678901"',
      '7:4 write "1e3" if it is a version or other text',
    ])
  })

  it('is checked as ajv would', () => {
    const ajv = new Ajv2020({strict: false}).compile(manifestSchema)
    const texts = [
      ...faults.map(([, text]) => text),
      head,
      `${head}components: {a: {scale: {min: 1, default: 1, max: 1}}}\n`,
    ]
    for (const text of texts) {
      const {documents, findings} = parseYamlFile('package.yaml', text)
      const [root] = documents
      if (root === undefined || findings.some(({severity}) => severity === 'error')) continue
      const faults: Finding[] = []
      readYaml(manifestSchema, root, faults)
      expect(faults.length === 0, text).to.equal(ajv(plainValue(root)))
    }
  })

  const K = 1024
  const slow: [string, string][] = [
    ['brackets', '['.repeat(500 * K)],
    ['braces', '{a: '.repeat(120 * K)],
    ['balanced brackets', '[],'.repeat(170 * K)],
    ['dashes', '- '.repeat(250 * K)],
    ['question marks', '? '.repeat(250 * K)],
    ['documents', '---\na\n'.repeat(80 * K)],
    ['keys', Array.from({length: 19_000}, (_, index) => `k${index}: 1`).join('\n')],
    [
      'aliases of aliases',
      Array.from({length: 20_000}, (_, index) => `- &a${index} *a${Math.max(0, index - 1)}`).join('\n'),
    ],
    [
      'nested anchors',
      Array.from(
        {length: 60},
        (_, index) => `a${index}: &a${index} [${`*a${Math.max(0, index - 1)},`.repeat(9)}]`,
      ).join('\n'),
    ],
    ['indentation', Array.from({length: 1000}, (_, index) => `${' '.repeat(index)}a:`).join('\n')],
    ['escapes', `a: "${'\\n'.repeat(250 * K)}"`],
    ['colons', 'a: '.repeat(170 * K)],
    ['fewer colons', 'a: '.repeat(39_000)],
    ['an anchor in itself', 'a: &a [*a, *a]'],
    ['blanks', `a:${' '.repeat(500 * K)}b`],
    ['comments', '#\n'.repeat(250 * K)],
    ['dashes and blanks', `${'-'.repeat(250 * K)}${' '.repeat(250 * K)}`],
  ]
  for (const [name, text] of slow) {
    it(`does not take long over ${name}`, () => {
      // Of the processor: what else the machine does is not the parser's fault.
      const start = process.cpuUsage()
      parseYamlFile('x.yaml', text)
      expect(process.cpuUsage(start).user / 1000).to.be.below(1500)
    })
  }
})
