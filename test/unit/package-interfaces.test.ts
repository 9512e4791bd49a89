import {expect} from 'chai'
import {UserError} from '../../src/lib/errors.ts'
import {type Finding, lintPackage, packageFromFiles} from '../../src/lib/package/index.ts'

const head = 'apiVersion: berth.dev/v1\nkind: Package\nname: demo\nversion: 1.0.0\n'
const load = (files: Record<string, string>) =>
  packageFromFiles(new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)])))
const faultsOf = (files: Record<string, string>): string[] => {
  try {
    load(files)
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'package.invalid') throw error
    return (error.details as Finding[]).map(
      ({position: {file, line, column}, message, fix}) => `${file}:${line}:${column} ${message} (${fix ?? ''})`,
    )
  }
  return []
}

describe('package: interfaces of its own', () => {
  const queue =
    'title: Queue\nrequest: {topic: {type: string, pattern: "^[a-z]+$"}}\noutputs:\n  host: {endpoint: host}\n' +
    "  token: {secret: true, generate: {length: 32}}\n  url: {secret: true, value: \"'q://' + token + '@' + host\"}\n"
  const consumer = (request: string) =>
    `${head}parameters: {properties: {jobs: {kind: binding, interface: queue, request: ${request}}}}\n`

  it('are used by what a package provides and by what it needs', async () => {
    const provides = 'components: {a: {}}\nprovides: {jobs: {interface: queue, component: a, port: 80}}\n'
    expect(load({'package.yaml': head + provides, 'interfaces/queue.yaml': queue}).interfaces.queue?.title).to.equal(
      'Queue',
    )
    const resources =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "${app.name}"}\ndata: {at: "${params.jobs.hots}"}\n'
    const pkg = load({
      'package.yaml': consumer('{topic: mails}').replace('{properties', '{required: [jobs], properties'),
      'interfaces/queue.yaml': queue,
      'resources/a.yaml': resources,
    })
    expect((await lintPackage(pkg)).map(({message}) => message).join('\n')).to.match(/hots/)
  })

  it('check what is asked for', async () => {
    const pkg = load({'package.yaml': consumer('{topic: A1}'), 'interfaces/queue.yaml': queue})
    expect((await lintPackage(pkg)).map(({message}) => message).join('\n')).to.match(/asks wrongly: topic/)
  })

  const at = (text: string) => ({'package.yaml': head, 'interfaces/queue.yaml': text})
  const wrong: [string, Record<string, string>, RegExp][] = [
    ['one that berth has', {'package.yaml': head, 'interfaces/http.yaml': queue}, /berth defines http itself/],
    ['a name that is none', {'package.yaml': head, 'interfaces/A.yaml': queue}, /files named like oidc.yaml/],
    [
      'a word that does not exist',
      at(queue.replace('generate', 'genrate')),
      /yaml:5:\d+ .*unknown field "genrate".*generate/,
    ],
    ['outputs that are missing', at('title: Queue\n'), /has no outputs/],
    ['a request that is no schema', at(queue.replace('^[a-z]+$', '(')), /yaml:2:\d+ request.topic.* cannot be used/],
    [
      'a request of a wrong shape',
      at(queue.replace('^[a-z]+$', '').replace('""', '[x]')),
      /yaml:2:\d+ request.topic.pattern must be text/,
    ],
    [
      'a parameter of a wrong shape',
      {'package.yaml': `${head}parameters: {properties: {a: {type: array, items: string}}}\n`},
      /package.yaml:5:\d+ a.items must be an object/,
    ],
    ['an expression that cannot be read', at(queue.replace('+ host', '+')), /yaml:6:\d+/],
    ['an expression over what is not there', at(queue.replace('+ host', '+ hots')), /yaml:6:\d+ .*hots/],
    ['a secret that is said not to be one', at(queue.replace('url: {secret: true, ', 'url: {')), /url holds a secret/],
    ['two documents', at(`${queue}---\na: 1\n`), /second document/],
    [
      'an interface that nobody describes',
      {'package.yaml': `${head}components: {a: {}}\nprovides: {x: {interface: htpp, component: a, port: 80}}\n`},
      /package.yaml:6:\d+ x speaks htpp, which is no interface \(did you mean http\?/,
    ],
  ]
  for (const [what, files, message] of wrong)
    it(`refuse ${what}`, () => expect(faultsOf(files).join('\n')).to.match(message))
})
