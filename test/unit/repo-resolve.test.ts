import {mkdir, mkdtemp, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {expect} from 'chai'
import type {LocalSettings} from '../../src/lib/config/index.ts'
import {UserError} from '../../src/lib/errors.ts'
import {initPackage, type Package, packageFromFiles} from '../../src/lib/package/index.ts'
import {isTrusted, parseReference, resolvePackage, searchPackages, trustDigest} from '../../src/lib/repo/index.ts'

describe('references to packages', () => {
  const cases: [string, object][] = [
    ['wiki', {from: 'repository', repository: undefined, name: 'wiki', range: undefined}],
    ['wiki@1.2.3', {from: 'repository', repository: undefined, name: 'wiki', range: '1.2.3'}],
    ['mine/wiki@^1.2', {from: 'repository', repository: 'mine', name: 'wiki', range: '^1.2'}],
    ['wiki@>=1 <3', {from: 'repository', repository: undefined, name: 'wiki', range: '>=1 <3'}],
    ['./wiki', {from: 'path', path: '/work/wiki'}],
    ['.', {from: 'path', path: '/work'}],
    ['../wiki', {from: 'path', path: '/wiki'}],
    ['/srv/wiki', {from: 'path', path: '/srv/wiki'}],
    ['wiki-1.2.3.tgz', {from: 'path', path: '/work/wiki-1.2.3.tgz'}],
    ['wiki/', {from: 'path', path: '/work/wiki'}],
    ['packages/mine/wiki', {from: 'path', path: '/work/packages/mine/wiki'}],
    ['sub/wiki.tgz', {from: 'path', path: '/work/sub/wiki.tgz'}],
  ]
  for (const [text, reference] of cases) it(text, () => expect(parseReference(text, '/work')).to.deep.equal(reference))

  for (const wrong of ['', 'Wiki', 'a/B', 'wiki@', 'wiki@one', '@1.0.0', 'oci://host/wiki', 'wi ki']) {
    it(`refuses "${wrong}"`, () =>
      expect(() => parseReference(wrong, '/work'))
        .to.throw(UserError)
        .with.property('code', 'usage.invalid'))
  }
})

describe('resolving packages', () => {
  let folder = ''
  let settings: LocalSettings

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-repo-'))
    const repositories = ['one', 'two'].map(name => ({name, location: join(folder, name)}))
    for (const {location} of repositories) await mkdir(location)
    const paths = {
      configFile: join(folder, 'config.yaml'),
      stateDir: join(folder, 'state'),
      cacheDir: folder,
      workDir: folder,
    }
    settings = {repositories, defaults: {}, clusters: {}, paths}
  })
  afterEach(() => rm(folder, {recursive: true}))

  it('takes the newest that is no pre-release', async () => {
    await archives('one/', 'wiki', ['1.9.0', '1.10.0', '2.0.0-rc.1'])
    expect((await resolve('wiki')).manifest.version).to.equal('1.10.0')
    expect((await resolve('wiki@1')).manifest.version).to.equal('1.10.0')
    expect((await resolve('wiki@<1.10')).manifest.version).to.equal('1.9.0')
    expect((await resolve('one/wiki@2.0.0-rc.1')).manifest.version).to.equal('2.0.0-rc.1')
  })

  it('takes a pre-release where there is nothing else', async () => {
    await archives('one/', 'wiki', ['0.1.0-a.1', '0.1.0-a.2'])
    expect((await resolve('wiki')).manifest.version).to.equal('0.1.0-a.2')
  })

  it('says where it came from', async () => {
    await archives('one/', 'wiki', ['1.0.0'])
    await write('two/blog', packageOf('blog', '1.0.0'))
    expect((await resolvePackage('wiki', settings)).origin).to.deep.equal({
      repository: 'one',
      location: join(folder, 'one/wiki-1.0.0.tgz'),
    })
    expect((await resolvePackage('blog', settings)).origin).to.deep.equal({
      repository: 'two',
      location: join(folder, 'two/blog'),
    })
    expect((await resolvePackage('./two/blog', settings)).origin).to.deep.equal({location: join(folder, 'two/blog')})
    expect((await resolvePackage('one/wiki-1.0.0.tgz', settings)).package.manifest.name).to.equal('wiki')
  })

  it('refuses a name that two repositories have, naming both', async () => {
    await archives('one/', 'wiki', ['1.0.0'])
    await archives('two/', 'wiki', ['2.0.0'])
    const error = await refusal('wiki')
    expect(error).to.include({code: 'package.ambiguous'})
    expect(error.hint).to.deep.equal(['one/wiki', 'two/wiki'])
    expect((await resolve('two/wiki')).manifest.version).to.equal('2.0.0')
  })

  it('suggests what may have been meant', async () => {
    await archives('one/', 'miniflux', ['1.0.0'])
    expect((await refusal('minflux')).hint[0]).to.equal('did you mean miniflux?')
    expect(await refusal('on/miniflux'))
      .to.include({code: 'repo.not-found'})
      .and.have.property('hint')
      .that.includes('did you mean one?')
    const missing = await refusal('miniflux@^2')
    expect(missing).to.include({code: 'package.version-not-found'})
    expect(missing.message).to.contain('it has 1.0.0')
  })

  it('a folder of the name never takes a package’s place, but is told of', async () => {
    await write('wiki', packageOf('wiki', '1.0.0'))
    expect((await refusal('wiki')).hint).to.include('for the folder of that name write ./wiki')
  })

  it('refuses an archive that holds another package than its name says', async () => {
    await writeFile(join(folder, 'one/wiki-1.0.0.tgz'), packageOf('wiki', '6.6.6').archive)
    expect(await refusal('wiki')).to.include({code: 'package.integrity'})
  })

  it('a broken package does not hide the others', async () => {
    await archives('one/', 'wiki', ['1.0.0'])
    await mkdir(join(folder, 'one/broken'))
    await writeFile(join(folder, 'one/broken/package.yaml'), 'name: [')
    await writeFile(join(folder, 'one/notes.txt'), '')
    expect((await resolve('wiki')).manifest.name).to.equal('wiki')
  })

  it('a repository that has gone is told', async () => {
    await rm(join(folder, 'two'), {recursive: true})
    expect(await refusal('wiki')).to.include({code: 'repo.not-found'})
    const warnings: unknown[] = []
    await archives('one/', 'wiki', ['1.0.0', '1.1.0'])
    const found = await searchPackages(undefined, settings, event => warnings.push(event))
    expect(found.map(({name, versions}) => [name, versions])).to.deep.equal([['wiki', ['1.1.0', '1.0.0']]])
    expect(warnings).to.have.length(1)
  })

  it('search looks at names, titles and descriptions', async () => {
    await archives('one/', 'wiki', ['1.0.0'])
    const search = (term: string) => searchPackages(term, settings, () => undefined)
    expect(await search('WIK')).to.have.length(1)
    expect(await search('to begin with')).to.have.length(1)
    expect(await search('nothing like it')).to.have.length(0)
  })

  describe('trust', () => {
    const pkg = packageOf('wiki', '1.0.0')
    const wiki = {digest: pkg.digest, name: 'wiki', version: '1.0.0'}

    it('is in what a repository has now', async () => {
      expect(await isTrusted(wiki, settings)).to.equal(false)
      await archives('one/', 'wiki', ['1.0.0'])
      expect(await isTrusted(wiki, settings)).to.equal(true)
      expect(await isTrusted({...wiki, digest: `sha256:${'0'.repeat(64)}`}, settings)).to.equal(false)
    })

    it('is in a folder of a repository, too', async () => {
      await write('two/wiki', pkg)
      expect(await isTrusted(wiki, settings)).to.equal(true)
    })

    it('is in what was installed, in a file of its owner’s', async () => {
      await trustDigest(wiki, settings)
      expect(await isTrusted(wiki, settings)).to.equal(true)
      expect((await stat(join(folder, 'state/trusted.json'))).mode & 0o777).to.equal(0o600)
    })

    it('loses nothing when many say it at once', async () => {
      const digests = Array.from({length: 20}, (_, i) => `sha256:${i.toString(16).padStart(64, '0')}` as const)
      await Promise.all(digests.map(digest => trustDigest({...wiki, digest}, settings)))
      for (const digest of digests) expect(await isTrusted({...wiki, digest}, settings)).to.equal(true)
    })

    it('is not taken from a list that others can write to, or that is broken', async () => {
      await trustDigest(wiki, settings)
      const file = join(folder, 'state/trusted.json')
      await writeFile(file, '{"digests": "all"}')
      expect(await isTrusted(wiki, settings).catch((error: UserError) => error.code)).to.equal('config.invalid')
      await rm(file)
      await writeFile(file, '{"digests": []}', {mode: 0o666})
      const {chmod} = await import('node:fs/promises')
      await chmod(file, 0o666)
      expect(await isTrusted(wiki, settings).catch((error: UserError) => error.message)).to.contain('others can write')
    })
  })

  const resolve = async (text: string) => (await resolvePackage(text, settings)).package

  async function refusal(text: string): Promise<UserError> {
    const error = await resolvePackage(text, settings).catch((error: unknown) => error)
    expect(error).to.be.instanceOf(UserError)
    return error as UserError
  }

  async function archives(where: string, name: string, versions: string[]): Promise<void> {
    for (const version of versions)
      await writeFile(join(folder, where, `${name}-${version}.tgz`), packageOf(name, version).archive)
  }

  async function write(where: string, {files}: Package): Promise<void> {
    for (const [path, bytes] of files) {
      await mkdir(dirname(join(folder, where, path)), {recursive: true})
      await writeFile(join(folder, where, path), bytes)
    }
  }
})

function packageOf(name: string, version: string): Package {
  const files = new Map(initPackage(name))
  const manifest = new TextDecoder().decode(files.get('package.yaml'))
  files.set('package.yaml', new TextEncoder().encode(manifest.replace('version: 0.1.0', `version: ${version}`)))
  return packageFromFiles(files)
}
