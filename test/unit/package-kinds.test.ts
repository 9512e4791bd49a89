import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {expect} from 'chai'
import {UserError} from '../../src/lib/errors.ts'
import {type Finding, lintPackage, loadArchive, loadFolder, packageFromFiles} from '../../src/lib/package/index.ts'
import {paramTypes, resolveParameters} from '../../src/lib/params/index.ts'

const head = 'apiVersion: berth.dev/v1\nkind: Package\nname: demo\nversion: 1.0.0\n'
const load = (properties: string, kinds: Record<string, string>) => {
  const files = Object.entries(kinds).map(([name, text]) => [`kinds/${name}.yaml`, text] as const)
  const all = new Map([['package.yaml', `${head}parameters: {properties: {${properties}}}\n`], ...files])
  return packageFromFiles(new Map([...all].map(([path, text]) => [path, new TextEncoder().encode(text)])))
}
const faultsOf = (kinds: Record<string, string>): string[] => {
  try {
    load('', kinds)
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'package.invalid') throw error
    return (error.details as Finding[]).map(
      ({position: {file, line, column}, message}) => `${file}:${line}:${column} ${message}`,
    )
  }
  return []
}
const resolve = async (properties: string, kinds: Record<string, string>, answers: Record<string, unknown>) => {
  const {parameters} = load(properties, kinds).manifest
  const {errors, params, picks} = await resolveParameters({parameters}, answers, {
    app: {name: 'wiki', namespace: 'apps', revision: 1},
    cluster: {domain: 'example.com', kubernetes: '1.34.4', ingressClass: null, storageClass: null},
    images: {},
    kept: new Set(),
    bindings: {},
    interfaces: {},
    read: {file: async () => '', env: () => undefined},
    secretName: 's',
  })
  return {params, picks, errors: errors.map(({field, message}) => `${field} ${message}`)}
}

describe('package: kinds of its own', () => {
  const port = 'title: Port\nschema: {type: integer, minimum: 1024, maximum: 65535, examples: [8080]}\n'
  const even = 'extends: port\ncheck: value % 2 == 0\nmessage: must be even\n'
  const team = 'extends: namespace\nschema: {pattern: ^team-}\nchoices: {from: namespaces, where: "item.labels.team"}\n'

  it('say more of another kind, or of plain JSON Schema, wherever they stand', async () => {
    const properties = 'p: {kind: even, maximum: 99999}, l: {type: array, items: {kind: even}}, t: {kind: team}'
    const kinds = {port, even, team}
    const given = {p: 70000, l: [2000, 2001, 80], t: 'shop'}
    expect((await resolve(properties, kinds, given)).errors).to.deep.equal([
      '/p must be at most 65535',
      '/l/1 must be even',
      '/l/2 must be at least 1024',
      '/t must match ^team-',
    ])
    const fine = await resolve(properties, kinds, {p: 3000, t: 'team-a'})
    expect(fine.params).to.deep.equal({p: 3000, l: [], t: 'team-a'})
    expect(fine.picks).to.deep.equal([{field: '/t', name: 'team-a', from: 'namespaces', where: 'item.labels.team'}])
    const types = paramTypes(load(properties, kinds).manifest.parameters)
    expect(types).to.deep.nested.include({'fields.p.of': {t: 'int'}, 'fields.l.of': {t: 'int'}})
  })

  it('are tried with their examples', async () => {
    const findings = await lintPackage(load('p: {kind: even}', {port, even}))
    expect(findings.map(({rule}) => rule)).to.have.members(['readme', 'unused-parameter'])
  })

  it('may lie beside the packages that share them; each takes along what it names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'berth-shared-'))
    try {
      const write = async (path: string, text: string) => {
        await mkdir(join(folder, dirname(path)), {recursive: true})
        await writeFile(join(folder, path), text)
      }
      await write('kinds/port.yaml', port)
      await write('kinds/even.yaml', even)
      await write('kinds/team.yaml', team)
      await write('one/package.yaml', `${head}parameters: {properties: {p: {kind: even}}}\n`)
      await write('two/package.yaml', head)
      await write('two/kinds/port.yaml', 'schema: {type: string}\n')
      const one = await loadFolder(join(folder, 'one'))
      expect([...one.files.keys()]).to.deep.equal(['kinds/even.yaml', 'kinds/port.yaml', 'package.yaml'])
      expect(one.manifest.parameters.properties.p).to.include({type: 'integer', title: 'Port'})
      expect((await loadArchive(one.archive)).manifest).to.deep.equal(one.manifest)
      expect([...(await loadFolder(join(folder, 'two'))).files.keys()]).to.deep.equal([
        'kinds/port.yaml',
        'package.yaml',
      ])
    } finally {
      await rm(folder, {recursive: true})
    }
  })

  it('cannot be made to explode', () => {
    const fields = Array.from({length: 50}, (_, i) => `f${i}: {kind: KIND}`).join(', ')
    const kinds = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, index, all) => {
      const next = all[index + 1] ?? 'hostname'
      return [name, `schema: {type: object, properties: {${fields.replaceAll('KIND', next)}}}\n`] as const
    })
    const started = performance.now()
    expect(faultsOf(Object.fromEntries(kinds)).join()).to.include('there is no kind')
    expect(performance.now() - started).to.be.below(5000)
  })

  const wrong: [string, Record<string, string>, RegExp][] = [
    ['one that berth has', {secret: port}, /berth defines secret itself/],
    ['a name that is none', {'a-b': port}, /files named like/],
    ['one that nobody defines', {a: 'extends: hostnam\n'}, /a\.yaml:1:10 .*no kind hostnam: did you mean hostname/],
    ['one that extends itself', {a: 'extends: b\n', b: 'extends: a\n'}, /there is no kind [ab]/],
    ['a word that does not exist', {a: 'schema: {type: integer, minimun: 1}\n'}, /1:34 .*did you mean minimum/],
    ['a schema that is none', {a: 'schema: {type: object, properties: {url: ""}}\n'}, /1:42 url must be an object/],
    ['names that are no list', {a: 'schema: {type: object, required: {}}\n'}, /1:34 required must be a list/],
    ['a check that is no condition', {a: `${port}check: value + 1\n`}, /:3:8 check is no condition/],
    ['a check of another type', {a: `${port}check: value.startsWith('x')\n`}, /:3:13 int\.startsWith/],
    ['a check of a secret', {a: 'extends: secret\ncheck: size(value) > 3\n'}, /no expression may look at a secret/],
    ['a choice of nothing', {a: 'extends: node\nchoices: {from: pods}\n'}, /choices\.from is "pods"/],
  ]
  for (const [what, kinds, message] of wrong)
    it(`refuse ${what}`, () => {
      expect(faultsOf(kinds).join('\n')).to.match(message)
    })
})
