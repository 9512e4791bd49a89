import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {stripVTControlCharacters} from 'node:util'
import {spawn} from '@lydell/node-pty'
import {expect} from 'chai'
import {findAnchor} from '../../src/lib/anchor/index.ts'
import {root} from '../cli/support.ts'
import {apps} from './apps.ts'

const run = apps()

/** The built binary in a pseudo-terminal of 80 columns: wait for words, then type. */
class Terminal {
  readonly #pty: ReturnType<typeof spawn>
  #raw = ''
  #seen = 0
  readonly exited: Promise<number>

  constructor(args: string[], home: string) {
    const {PATH, KUBECONFIG} = process.env
    const env = {PATH: PATH ?? '', KUBECONFIG: KUBECONFIG ?? '', HOME: home, LANG: 'C.UTF-8', TERM: 'xterm-256color'}
    this.#pty = spawn(join(root, 'bin/berth'), args, {cols: 80, rows: 40, cwd: home, env, name: 'xterm-256color'})
    this.#pty.onData(data => {
      this.#raw += data
    })
    this.exited = new Promise(resolve => this.#pty.onExit(({exitCode}) => resolve(exitCode)))
  }

  get text(): string {
    return stripVTControlCharacters(this.#raw).replaceAll('\r', '')
  }

  get raw(): string {
    return this.#raw
  }

  /** Waits for words after those waited for before. */
  async see(words: string): Promise<void> {
    for (let tries = 0; tries < 1500; tries++) {
      const at = this.text.indexOf(words, this.#seen)
      if (at >= 0) {
        this.#seen = at + words.length
        return new Promise(resolve => setTimeout(resolve, 80)) // a prompt drops what was typed before it listens
      }
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    throw new Error(`"${words}" did not appear after:\n${this.text.slice(-1500)}`)
  }

  async answer(words: string, text: string): Promise<void> {
    await this.see(words)
    this.#pty.write(`${text}\r`)
  }

  write(text: string): void {
    this.#pty.write(text)
  }

  close(): void {
    this.#pty.kill()
  }
}

describe('an install at a terminal', function () {
  this.timeout(90_000)
  let home = ''
  let space = ''
  let terminal: Terminal | undefined
  const open = (...words: string[]) => {
    terminal = new Terminal(['app', 'install', 'site', ...words, '-n', space], home)
    return terminal
  }
  afterEach(() => terminal?.close())

  before(async () => {
    space = await run.namespace('form')
    home = await mkdtemp(join(tmpdir(), 'berth-form-'))
    await mkdir(join(home, '.config/berth'), {recursive: true})
    const repositories = [{name: 'main', location: join(root, 'packages')}]
    await writeFile(join(home, '.config/berth/config.yaml'), JSON.stringify({repositories}))
  })
  after(() => rm(home, {recursive: true}))

  const anchor = () => findAnchor(run.kube, {namespace: space, name: 'site'})

  it('asks what is not answered yet, checks each answer, shows the plan, asks once, installs', async () => {
    const terminal = open('--set', `host=form.${space}.test`)
    await terminal.answer('Title', 'A title of my own')
    await terminal.see('Page')
    terminal.write('\r')
    await finish(terminal)
    await terminal.answer('Install Static site', 'y')
    expect(await terminal.exited, terminal.text).to.equal(0)
    expect(terminal.text).to.include('Plan: install site').and.to.include('installed')
    expect((await anchor())?.current?.answers).to.include({title: 'A title of my own', host: `form.${space}.test`})
  })

  it('Ctrl-C leaves nothing behind but a terminal as it was', async () => {
    const terminal = open('other')
    await terminal.see('Address')
    terminal.write('\x03')
    expect(await terminal.exited).to.equal(130)
    expect(terminal.raw.lastIndexOf('\x1b[?25h'), 'the cursor is shown again').to.be.at.least(
      terminal.raw.lastIndexOf('\x1b[?25l'),
    )
    expect(await findAnchor(run.kube, {namespace: space, name: 'other'})).to.equal(undefined)
  })

  /** The advanced ones are offered, then the summary is agreed to. */
  async function finish(terminal: Terminal): Promise<void> {
    await terminal.see('yes, go on')
    terminal.write('\r')
  }
})
