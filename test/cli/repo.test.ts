import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect} from 'chai'
import {berth, inTemporaryHome} from './support.ts'

describe('repo', function () {
  this.timeout(20_000)
  const place = inTemporaryHome()

  beforeEach(async () => {
    await berth`package init wiki --dir packages/wiki`
    await berth`package init blog --dir packages/blog`
  })

  it('add, list, search, remove', async () => {
    const added = (await berth`repo add mine packages --json`).json.result
    expect(added).to.deep.equal({name: 'mine', location: join(place.folder, 'packages'), packages: 2})
    expect((await berth`repo list`).stdout).to.match(/^NAME {2}LOCATION\nmine {2}\//)
    expect((await berth`repo list -o name`).stdout).to.equal('mine\n')
    expect((await berth`repo search -o name`).stdout).to.equal('mine/blog\nmine/wiki\n')
    expect((await berth`repo search wik --json`).json.result.items).to.have.length(1)
    expect((await berth`repo remove mine --json`).json.result.name).to.equal('mine')
    expect((await berth`repo list --json`).json.result.items).to.deep.equal([])
  })

  it('refuses what is there already, what is not there, and what is no repository', async () => {
    await berth`repo add mine packages`
    await writeFile(join(place.folder, 'file'), '')
    const codes = await Promise.all(
      [
        ['mine', 'packages'],
        ['x', 'nowhere'],
        ['x', 'file'],
        ['x', 'packages/wiki'],
        ['x', 'https://example.com'],
        ['X', 'packages'],
      ].map(async ([name = '', location = '']) => (await berth`repo add ${name} ${location} --json`).json.error.code),
    )
    expect(codes).to.deep.equal([
      'repo.exists',
      'repo.not-found',
      'repo.invalid',
      'repo.invalid',
      'repo.invalid',
      'usage.invalid',
    ])
  })

  it('says which file the machine does not let it write', async () => {
    // A folder that takes no others, also from root.
    place.env = {XDG_CONFIG_HOME: '/proc'}
    const run = await berth`repo add mine packages --json`
    expect(run.exitCode).to.equal(6)
    expect(run.json.error).to.deep.include({code: 'file.failed', details: {path: '/proc/berth'}})
  })

  it('warns of a repository that has gone, in the document and on stderr', async () => {
    await mkdir(join(place.folder, 'gone'))
    await berth`repo add mine packages`
    await berth`repo add other gone`
    await import('node:fs/promises').then(({rm}) => rm(join(place.folder, 'gone'), {recursive: true}))
    const {json, stderr} = await berth`repo search --json`
    expect(json.warnings).to.have.length(1)
    expect(stderr).to.equal('')
    expect((await berth`repo search`).stderr).to.match(/^warning the repository other cannot be read/)
    expect((await berth`repo search -q`).stderr).to.equal('')
  })

  it('a broken configuration is told with its place, whatever the command', async () => {
    const file = join(place.folder, 'config.yaml')
    place.env.BERTH_CONFIG = file
    await writeFile(file, 'repositories:\n  - nam: x\n')
    const {json, exitCode} = await berth`repo list --json`
    expect(exitCode).to.equal(2)
    expect(json.error).to.deep.include({code: 'config.invalid', details: {file, line: 2, column: 5}})
    expect(json.error.hint).to.deep.equal(['did you mean name?'])
  })

  it('writes where XDG_CONFIG_HOME says', async () => {
    place.env.XDG_CONFIG_HOME = join(place.folder, 'elsewhere')
    await berth`repo add mine packages`
    expect(await readFile(join(place.folder, 'elsewhere/berth/config.yaml'), 'utf8')).to.contain('name: mine')
  })
})

describe('package', function () {
  this.timeout(20_000)
  const place = inTemporaryHome()

  beforeEach(() => berth`package init wiki`)

  it('init begins one that lint has nothing to say of', async () => {
    expect((await berth`package lint ./wiki --json`).json.result).to.deep.include({name: 'wiki', findings: []})
    expect((await berth`package init wiki --json`).json.error.code).to.equal('package.exists')
    expect((await berth`package init Wiki --json`).json.error.code).to.equal('usage.invalid')
  })

  it('lint tells every fault with file, line and column', async () => {
    await edit('package.yaml', text =>
      text.replace('kind: hostname', 'kind: hostnam').replace('type: string', 'type: text'),
    )
    const {json, exitCode} = await berth`package lint ./wiki --json`
    expect(exitCode).to.equal(2)
    expect(json.error.code).to.equal('package.invalid')
    expect(json.error.details[0].position).to.have.keys('file', 'line', 'column')
    expect((await berth`package lint ./wiki`).stderr).to.match(/\npackage\.yaml:\d+:\d+ error /)
  })

  it('lint --fix mends what has one right answer, and tells the rest', async () => {
    await edit('package.yaml', text => text.replace('"1.29.3"', '1.29 # of nginx'))
    const manifest = await readFile(join(place.folder, 'wiki/package.yaml'), 'utf8')
    await edit('resources/app.yaml', text =>
      text.replace('- name: web', '$&\n          command: [sh, -c, "echo ${params.greeting}"]'),
    )
    const {json, exitCode} = await berth`package lint ./wiki --fix --json`
    expect(exitCode).to.equal(0)
    expect(json.result.findings).to.deep.equal([])
    expect(json.result.fixed.map(({rule}: {rule: string}) => rule)).to.deep.equal(['manifest', 'shell'])
    const now = await readFile(join(place.folder, 'wiki/package.yaml'), 'utf8')
    expect(now).to.equal(manifest.replace('1.29 #', '"1.29" #'))
    await edit('resources/app.yaml', text => text.replace('command:', 'comand:'))
    const refused = await berth`package lint ./wiki --fix`
    expect(refused.stderr).to.match(/app\.yaml:14:11 error .*is no field of Kubernetes.*\n {2}→ did you mean command\?/)
  })

  it('render needs no cluster, and shows no secret', async () => {
    place.env.SECRET = 'hunter2'
    const {stdout, stderr, exitCode} =
      await berth`package render ./wiki news -n web --set-env password=SECRET --set greeting=Ahoy`
    expect({stderr, exitCode}).to.deep.equal({stderr: '', exitCode: 0})
    expect(stdout)
      .to.contain('name: news-web')
      .and.contain('namespace: web')
      .and.contain('Ahoy')
      .and.contain('<secret password>')
    expect(stdout).not.to.contain('hunter2')
    const {json} = await berth`package render ./wiki --json --set-env password=SECRET`
    expect(json.result.objects.map(({object}: {object: {kind: string}}) => object.kind)).to.include.members([
      'Secret',
      'Deployment',
      'Service',
    ])
    expect(JSON.stringify(json)).not.to.contain('hunter2')
  })

  it('render takes no bytes for a text, and no --unset of what is not there', async () => {
    await writeFile(join(place.folder, 'latin'), Buffer.from([0x63, 0xe9]))
    const {json} = await berth`package render ./wiki --json --set-file greeting=latin --unset greting`
    const told = json.error.details.map(({field, code}: {field: string; code: string}) => `${field} ${code}`)
    expect(told).to.have.members(['/greeting encoding', '/greting unknown'])
  })

  it('render lists every wrong answer', async () => {
    const {json, exitCode} = await berth`package render ./wiki --json --set greting=x --set host=-`
    expect(exitCode).to.equal(2)
    expect(json.error.code).to.equal('params.invalid')
    expect(json.error.details.map(({field}: {field: string}) => field)).to.have.members(['/greting', '/host'])
  })

  it('build gives the same bytes again, and what it gives can be used', async () => {
    const first = (await berth`package build ./wiki --json`).json.result
    expect(first.file).to.equal(join(place.folder, 'wiki-0.1.0.tgz'))
    const second = (await berth`package build ./wiki --file ${'other folder/x.tgz'} --json`).json.result
    expect(second.digest).to.equal(first.digest)
    expect(second.size).to.equal((await readFile(second.file)).length)
    expect((await berth`package lint wiki-0.1.0.tgz --json`).json.result.digest).to.equal(first.digest)
  })

  async function edit(path: string, change: (text: string) => string): Promise<void> {
    const file = join(place.folder, 'wiki', path)
    await writeFile(file, change(await readFile(file, 'utf8')))
  }
})
