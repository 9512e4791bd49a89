import {chmod, mkdtemp, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {addRepository, readClusterSettings, readSettings, removeRepository} from '../../src/lib/config/index.ts'
import {UserError} from '../../src/lib/errors.ts'

describe('the configuration file', () => {
  let folder = ''
  const file = () => join(folder, 'config.yaml')
  const read = () => readSettings({configFile: file(), stateDir: folder, cacheDir: folder, workDir: folder})

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-config-'))
  })
  afterEach(() => rm(folder, {recursive: true}))

  it('may be absent or empty', async () => {
    expect((await read()).repositories).to.deep.equal([])
    await writeFile(file(), '# nothing yet\n')
    expect((await read()).clusters).to.deep.equal({})
  })

  it('keeps comments and order when repositories come and go', async () => {
    await writeFile(
      file(),
      '# mine\nrepositories:\n  # the first\n  - name: one # here\n    location: /one\ndefaults: {domain: example.com}\n',
    )
    await addRepository(file(), {name: 'two', location: '/two'})
    expect(await readFile(file(), 'utf8')).to.equal(
      '# mine\nrepositories:\n  # the first\n  - name: one # here\n    location: /one\n  - name: two\n    location: /two\ndefaults: { domain: example.com }\n',
    )
    await removeRepository(file(), 'two')
    expect(await readFile(file(), 'utf8')).to.contain('# the first\n  - name: one # here')
    expect((await read()).repositories).to.deep.equal([{name: 'one', location: '/one'}])
  })

  it('is begun by the first repository, readable by its owner only', async () => {
    await addRepository(file(), {name: 'one', location: '/one'})
    expect(await readFile(file(), 'utf8')).to.equal(
      'apiVersion: berth.dev/v1\nkind: Config\nrepositories:\n  - name: one\n    location: /one\n',
    )
    expect((await stat(file())).mode & 0o777).to.equal(0o600)
  })

  it('stays where a link leads to', async () => {
    await writeFile(join(folder, 'real.yaml'), '')
    await symlink(join(folder, 'real.yaml'), file())
    await addRepository(file(), {name: 'one', location: '/one'})
    expect(await readFile(join(folder, 'real.yaml'), 'utf8')).to.contain('/one')
  })

  it('resolves locations from where it stands', async () => {
    await writeFile(file(), 'repositories: [{name: a, location: packages}, {name: b, location: "https://x/y"}]')
    expect((await read()).repositories.map(({location}) => location)).to.deep.equal([
      join(folder, 'packages'),
      'https://x/y',
    ])
  })

  const faults: [string, string, RegExp][] = [
    ['YAML that is none', 'repositories: [', /config\.yaml:1:16: /],
    ['a key twice', 'defaults: {}\ndefaults: {}', /config\.yaml:2:1: .*twice/],
    ['an unknown setting', 'defaults:\n  domian: x', /config\.yaml:2:3: defaults has an unknown field "domian"$/],
    [
      'a wrong type',
      'clusters:\n  kind:\n    domain: 5',
      /config\.yaml:3:13: clusters\.kind\.domain is the number 5, not a string/,
    ],
    ['no mapping', '- a', /the file is a list, not a map/],
    ['a repository without a name', 'repositories:\n  - location: /x', /config\.yaml:2:5: repositories\.0 has no name/],
    [
      'two of one name',
      'repositories:\n  - {name: a, location: /x}\n  - {name: a, location: /y}',
      /config\.yaml:3:12: there are two repositories of the name a/,
    ],
    ['another apiVersion', 'apiVersion: v2', /apiVersion is "v2", not "berth\.dev\/v1"/],
  ]
  for (const [what, text, message] of faults) {
    it(`tells where: ${what}`, async () => {
      await writeFile(file(), text)
      const error = await read().catch((error: unknown) => error)
      expect(error).to.be.instanceOf(UserError).with.property('code', 'config.invalid')
      expect((error as UserError).message).to.match(message)
    })
  }

  it('an alias bomb is refused', async () => {
    const lines = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`)}]`),
    ]
    await writeFile(file(), lines.join('\n'))
    expect(await read().catch((error: unknown) => error)).to.be.instanceOf(Error)
  })

  it('that cannot be read is told as such', async function () {
    if (process.getuid?.() === 0) this.skip()
    await writeFile(file(), '')
    await chmod(file(), 0)
    expect(await read().catch((error: UserError) => error.message)).to.contain('cannot be read')
  })
})

describe('the settings of a cluster', () => {
  it('pass over what a newer berth may have written, not what is of the wrong type', async () => {
    expect(await readClusterSettings('domain: x.org\nmirrors: [a]\ningressClass: null', 'ConfigMap')).to.deep.equal({
      domain: 'x.org',
      ingressClass: null,
    })
    const error = await readClusterSettings('storageClass: [a]', 'ConfigMap berth/berth').catch(
      (error: unknown) => error,
    )
    expect((error as UserError).message).to.match(
      /^ConfigMap berth\/berth:1:15: storageClass is a list, not a string or null/,
    )
  })
})
