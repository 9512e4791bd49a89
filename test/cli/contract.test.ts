import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdir, readdir, readFile, stat, writeFile} from 'node:fs/promises'
import {type AddressInfo, createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {expect} from 'chai'
import {berth, inTemporaryHome, root, runBerth} from './support.ts'

describe('the JSON contract', function () {
  this.timeout(20_000)
  const place = inTemporaryHome()

  const failing: [string, string[], string, number][] = [
    ['an unknown command', ['frobnicate', '--json'], 'usage.unknown-command', 2],
    ['an unknown verb', ['repo', 'lst', '--json'], 'usage.unknown-command', 2],
    ['a topic without a verb', ['repo', '--json'], 'usage.unknown-command', 2],
    ['nothing but --json', ['--json'], 'usage.unknown-command', 2],
    ['a flag before the command', ['--json', 'repo', 'list'], 'usage.unknown-command', 2],
    ['help of an unknown command', ['frobnicate', '--help', '--json'], 'usage.unknown-command', 2],
    ['an unknown flag', ['repo', 'list', '--jsn', '--json'], 'usage.invalid', 2],
    ['an unknown letter', ['repo', 'list', '-X', '--json'], 'usage.invalid', 2],
    ['a flag without its value', ['repo', 'list', '--json', '--output'], 'usage.invalid', 2],
    ['flags that exclude each other', ['repo', 'list', '--json', '-o', 'table'], 'usage.invalid', 2],
    ['too many arguments', ['repo', 'list', 'x', 'y', '--json'], 'usage.invalid', 2],
    ['a missing argument', ['repo', 'remove', '--json'], 'usage.invalid', 2],
    ['a thing that is not there', ['repo', 'remove', 'x', '--json'], 'repo.not-found', 3],
    ['-o json is the same', ['repo', 'remove', 'x', '-o', 'json'], 'repo.not-found', 3],
    ['-ojson is the same', ['repo', 'remove', 'x', '-ojson'], 'repo.not-found', 3],
    ['--output=json is the same', ['repo', 'remove', 'x', '--output=json'], 'repo.not-found', 3],
  ]
  for (const [what, args, code, exitCode] of failing) {
    it(`${what}: one document on stdout, nothing else, ${code}`, async () => {
      const run = await runBerth(args)
      expect(run.json).to.deep.include({kind: 'Error', status: 'error'})
      expect(run.json.error).to.deep.include({code, exitCode})
      expect(run.exitCode).to.equal(exitCode)
      expect(run.stderr).to.equal('')
    })
  }

  it('a result: one document', async () => {
    const {json, exitCode, stderr} = await berth`repo list --json`
    expect(json).to.deep.equal({
      apiVersion: 'berth.dev/v1',
      kind: 'RepoList',
      status: 'ok',
      result: {items: []},
      warnings: [],
    })
    expect({exitCode, stderr}).to.deep.equal({exitCode: 0, stderr: ''})
  })

  it('help and version are documents, too', async () => {
    expect((await berth`--version --json`).json.result.version).to.match(/^\d/)
    expect((await berth`repo list --help --json`).json.result).to.deep.include({command: 'repo list'})
    expect((await berth`--help --json`).json.kind).to.equal('Help')
  })

  it('-o yaml is the same document', async () => {
    const {stdout} = await berth`repo list -o yaml`
    expect(stdout).to.match(/^---\napiVersion: berth.dev\/v1\nkind: RepoList\nstatus: ok\n/)
    expect((await berth`frob -o yaml`).stdout).to.contain('code: usage.unknown-command')
  })

  it('--json after -- is an argument', async () => {
    const {stdout, stderr} = await berth`repo remove -- --json`
    expect(stdout).to.equal('')
    expect(stderr).to.contain('there is no repository --json')
  })

  it('a defect: exit 1, a report without secrets that only its owner may read, no stack trace', async () => {
    await withDefect('password=hunter2 of https://bob:hunter2@host/')
    const run = await berth`repo list --json`
    expect(run.exitCode).to.equal(1)
    expect(run.json.error.code).to.equal('defect')
    const {report} = run.json.error.details
    expect(run.stdout + run.stderr).not.to.match(/hunter2|\n\s+at /)
    const text = await readFile(report, 'utf8')
    expect(text).to.match(/\$ berth repo list --json\n[\s\S]*RangeError[\s\S]*\n {4}at /)
    expect(text).not.to.contain('hunter2')
    expect((await stat(report)).mode & 0o777).to.equal(0o600)
    expect(report).to.match(/home\/\.local\/state\/berth\/crashes\//)
  })

  it('a defect with --verbose tells where', async () => {
    await withDefect('boom')
    const {stderr, stdout} = await berth`repo list --verbose`
    expect(stderr).to.match(/this is a defect of berth: RangeError: boom[\s\S]*\n {4}at /)
    expect(stdout).to.equal('')
  })

  it('a defect where no report can be written is still told', async () => {
    await withDefect('boom')
    place.env.XDG_STATE_HOME = '/dev/null'
    const {json, exitCode} = await berth`repo list --json`
    expect(exitCode).to.equal(1)
    expect(json.error.hint[0]).to.contain('--verbose')
  })

  it('reports do not pile up', async () => {
    await withDefect('boom')
    const folder = join(place.folder, 'home/.local/state/berth/crashes')
    await mkdir(folder, {recursive: true})
    await Promise.all(
      Array.from({length: 30}, (_, i) => writeFile(join(folder, `2020-01-01T00-00-${10 + i}.000Z-1.txt`), '')),
    )
    await berth`repo list`
    expect(await readdir(folder)).to.have.length(20)
  })

  /** Makes one of Node's own functions throw what nobody expects: a defect by a preload, since berth has none to offer. */
  async function withDefect(message: string) {
    const preload = `import fs from 'node:fs'; import {syncBuiltinESMExports} from 'node:module';
      const read = fs.readFileSync;
      fs.readFileSync = (path, ...how) => {
        if (!String(path).endsWith('config.yaml')) return read(path, ...how);
        throw new RangeError(${JSON.stringify(message)}, {cause: new Error('token: hunter2')});
      };
      syncBuiltinESMExports()`
    const file = join(place.folder, 'preload.mjs')
    await writeFile(file, preload)
    place.env.NODE_OPTIONS = `--import ${file}`
  }
})

describe('interruptions', function () {
  this.timeout(20_000)
  const place = inTemporaryHome()

  let server: Server | undefined

  afterEach(() => server?.close())

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`${signal}: one document, exit ${exitCode}`, async () => {
      const {asked} = await silentServer()
      const run = await runBerth(['cluster', 'status', '--json'], {
        onStart: child => void asked.then(() => child.kill(signal)),
      })
      expect(run.json.error).to.deep.include({code: 'operation.interrupted', exitCode})
      expect(run.exitCode).to.equal(exitCode)
    })
  }

  it('without --json it is one line on stderr', async () => {
    const {asked} = await silentServer()
    const run = await runBerth(['cluster', 'status'], {onStart: child => void asked.then(() => child.kill('SIGINT'))})
    expect(run).to.deep.include({exitCode: 130, stdout: '', stderr: 'error interrupted (operation.interrupted)\n'})
  })

  /** A cluster that takes connections and never says a word; resolves when it has been asked. */
  async function silentServer(): Promise<{asked: Promise<unknown>}> {
    server = createServer(socket => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const {port} = server.address() as AddressInfo
    const cluster = {name: 'c', cluster: {server: `http://127.0.0.1:${port}`}}
    const context = {name: 'c', context: {cluster: 'c', user: 'c'}}
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [cluster],
      contexts: [context],
      users: [{name: 'c', user: {}}],
      'current-context': 'c',
    }
    place.env.KUBECONFIG = join(place.folder, 'kubeconfig')
    await writeFile(place.env.KUBECONFIG, JSON.stringify(config))
    return {asked: once(server, 'connection')}
  }
})

describe('what a person sees', function () {
  this.timeout(20_000)
  const place = inTemporaryHome()

  it('results on stdout, failures on stderr with what to do', async () => {
    expect(await berth`repo lst`).to.deep.include({
      exitCode: 2,
      stdout: '',
      stderr: 'error "berth repo lst" is not a command (usage.unknown-command)\n→ did you mean "berth repo list"?\n',
    })
  })

  it('does not repeat a flag’s value, which may be a secret', async () => {
    const {stderr} = await berth`repo list --pasword=hunter2`
    expect(stderr).to.contain('--pasword').and.not.contain('hunter2')
  })

  it('NO_COLOR wins over FORCE_COLOR, which wins over TERM=dumb', async () => {
    expect((await berth`frob`).stderr).not.to.contain('\u001b[')
    place.env.FORCE_COLOR = '1'
    expect((await berth`frob`).stderr).to.contain('\u001b[')
    place.env.NO_COLOR = '1'
    expect((await berth`frob`).stderr).not.to.contain('\u001b[')
  })

  it('a reader who leaves early is no failure', async () => {
    const child = spawn(
      'sh',
      [
        '-c',
        `"${root}/bin/berth" repo list --help | true; "${root}/bin/berth" repo list --json 2>&1 >/dev/full | head -c 300`,
      ],
      {
        env: {PATH: process.env.PATH, HOME: place.folder},
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    const [exitCode] = await once(child, 'close')
    expect({exitCode, said: Buffer.concat(chunks).toString()}).to.deep.include({exitCode: 0})
    expect(Buffer.concat(chunks).toString()).not.to.match(/\n\s+at |EPIPE/)
  })

  it('refuses -o name where there are no names', async () => {
    expect((await berth`repo remove x -o name`).stderr).to.contain('this command has no names to print')
  })
})
