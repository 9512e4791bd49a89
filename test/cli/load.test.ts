import {chmod, chown, mkdir, readdir, readFile, stat, utimes, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect} from 'chai'
import {loader} from '../../src/cli/load.ts'
import {berth, inTemporaryHome} from './support.ts'

describe('compiled code in the cache', function () {
  this.timeout(20_000)
  const place = inTemporaryHome()
  const folder = () => join(place.folder, 'home/.cache/berth/compiled')
  const kept = () => join(folder(), 'repo-list.v8')
  const list = async () => {
    const {exitCode, stderr, json} = await berth`repo list --json`
    expect([exitCode, stderr, json.kind]).to.eql([0, '', 'RepoList'])
  }

  it('is kept once a command has ended well, for its owner alone, and with what it ran', async () => {
    expect((await berth`repo list --nope`).exitCode).to.equal(2)
    expect(await readdir(folder()).catch(() => [])).to.eql([])
    await list()
    expect(await readdir(folder())).to.eql(['repo-list.v8'])
    expect((await stat(kept())).mode & 0o777).to.equal(0o600)
    const first = await readFile(kept())
    await list()
    expect(first.equals(await readFile(kept())), 'it is as it was').to.equal(true)
    // A day later what has run since is in it, too.
    await utimes(kept(), 0, 0)
    expect((await berth`repo list`).exitCode).to.equal(0)
    expect((await readFile(kept())).length).to.be.greaterThan(first.length)
  })

  it('is made anew where it is broken, cut short, of another build, of another Node or of another user', async () => {
    await list()
    const good = await readFile(kept())
    const broken = Buffer.from(good).fill(0xff, 4096, 4608)
    const other = Buffer.concat([Buffer.from('0'.repeat(64)), good.subarray(64)])
    for (const content of [broken, good.subarray(0, good.length >> 1), other, Buffer.alloc(0)]) {
      await writeFile(kept(), content)
      await list()
      expect((await readFile(kept())).toString('latin1', 0, 64)).to.equal(good.toString('latin1', 0, 64))
      await list()
    }
    for (const options of ['--jitless', undefined]) {
      place.env.NODE_OPTIONS = options
      await list()
      expect((await readFile(kept())).equals(good), `${options}`).to.equal(false)
      await list()
    }
    // Another user's would run as we do. Only root can give a file away, and is who has most to lose.
    if (process.getuid?.() === 0) {
      await chown(kept(), 65534, 65534)
      await list()
      expect((await stat(kept())).uid).to.equal(0)
    }
  })

  it('leaves nothing half done where it could not be put in its place', async () => {
    await mkdir(join(kept(), 'in the way'), {recursive: true})
    await list()
    expect(await readdir(folder())).to.eql(['repo-list.v8'])
  })

  it('is of the text that the build has, and stack traces tell its places', async () => {
    await berth`package init micro`
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'm'},
      data: {wait: `$\{string(duration('5µs'))}`},
    }
    await writeFile(join(place.folder, 'micro/resources/micro.yaml'), JSON.stringify(object))
    const rendered = await berth`package render ./micro`
    expect(rendered.stdout, rendered.stderr).to.include('wait: 0.000005s')
    await writeFile(join(place.folder, 'x.js'), 'exports.stack = new Error().stack')
    const load = loader({dist: place.folder, build: '0'.repeat(64), cache: '/dev/null'}, () => undefined)
    expect((load('./x.js') as {stack: string}).stack).to.include('x.js:1:17')
  })

  it('is done without where it cannot be written', async () => {
    await mkdir(join(place.folder, 'home/.cache'))
    await writeFile(join(place.folder, 'home/.cache/berth'), 'a file')
    await list()
    place.env.XDG_CACHE_HOME = join(place.folder, 'closed')
    await mkdir(place.env.XDG_CACHE_HOME)
    await chmod(place.env.XDG_CACHE_HOME, 0o500)
    await list()
    place.env.XDG_CACHE_HOME = '/proc'
    await list()
  })
})
