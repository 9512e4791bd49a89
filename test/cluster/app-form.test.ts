import {execFileSync} from 'node:child_process'
import {expect} from 'chai'
import {findAnchor} from '../../src/lib/anchor/index.ts'
import {apps} from './apps.ts'
import {keys, Terminal, Tmux} from './terminal.ts'

const run = apps()

describe('an install at a terminal', function () {
  this.timeout(90_000)
  let home = ''
  let space = ''
  let terminal: Terminal | undefined
  const open = (words: string[], options: {term?: string; rows?: number} = {}) => {
    terminal = new Terminal(['app', 'install', 'site', ...words, '-n', space], {home, ...options})
    return terminal
  }
  afterEach(() => terminal?.close())

  before(async () => {
    space = await run.namespace('form')
    home = await run.newHome()
  })

  const anchor = (name: string) => findAnchor(run.kube, {namespace: space, name})

  it('asks what is not answered yet, checks each answer while it is typed, shows the plan, asks once, installs', async () => {
    const terminal = open(['--set', `host=form.${space}.test`])
    await terminal.see('Title')
    terminal.type('x'.repeat(101))
    await terminal.see('> must have at most 100 characters')
    terminal.type('\x15A title of my own\r')
    await terminal.answer('Page')
    await terminal.answer('yes, go on')
    await terminal.answer('Install Static site', 'y')
    expect(await terminal.ended(), terminal.text).to.equal(0)
    expect(terminal.text).to.include('Plan: install site').and.to.include('installed')
    expect((await anchor('site'))?.current?.answers).to.include({
      title: 'A title of my own',
      host: `form.${space}.test`,
    })
  })

  it('asks line by line where the terminal has no cursor', async () => {
    const terminal = open(['dumb', '--dry-run'], {term: 'dumb'})
    await terminal.answer('Address (dumb.localhost): ')
    await terminal.answer('Title (Hello): ', 'x'.repeat(101))
    await terminal.see('> must have at most 100 characters')
    await terminal.answer('Title (Hello): ', '<')
    await terminal.answer('Address (dumb.localhost): ', 'a.test')
    await terminal.answer('Title (Hello): ', 'T')
    await terminal.answer('Page')
    await terminal.see('1) yes, go on')
    await terminal.answer('Number (1): ')
    expect(await terminal.ended(), terminal.text).to.equal(0)
    expect(terminal.text).to.include('Plan: install site 1.0.0')
    expect(terminal.raw).to.not.include('\x1b')
  })

  for (const term of ['xterm-256color', 'dumb']) {
    it(`Ctrl-C leaves nothing behind but a terminal as it was: ${term}`, async () => {
      const terminal = open(['other'], {term})
      await terminal.see('Address')
      terminal.type(keys.ctrlC)
      expect(await terminal.ended()).to.equal(130)
      expect(await anchor('other')).to.equal(undefined)
    })
  }

  it('SIGTERM leaves as little', async () => {
    const terminal = open(['other'])
    await terminal.see('Address')
    execFileSync('pkill', ['-TERM', '-P', String(terminal.pid)])
    expect(await terminal.ended(), terminal.text).to.equal(143)
    expect(await anchor('other')).to.equal(undefined)
  })

  it('a closed terminal ends it', async () => {
    const terminal = open(['other'])
    await terminal.see('Address')
    const [pid = ''] = execFileSync('pgrep', ['-P', String(terminal.pid)], {encoding: 'utf8'}).split('\n')
    terminal.hangUp()
    for (let tries = 0; tries < 100 && isRunning(Number(pid)); tries++) await new Promise(done => setTimeout(done, 50))
    expect(isRunning(Number(pid))).to.equal(false)
    expect(await anchor('other')).to.equal(undefined)
  })

  it('draws within tmux, on 80 columns and 24 lines', async function () {
    if (!(await Tmux.isHere())) this.skip()
    const tmux = await Tmux.start(['app', 'install', 'desk', '-n', space], {home})
    try {
      await tmux.see('What stands above everything')
      await tmux.type('x')
      expect(await tmux.see('> must have at least 2 characters')).to.include('? Title x\n')
      await tmux.type('y', 'Enter')
      await tmux.see('Address (desk.localhost)')
      await tmux.type('Enter')
      await tmux.see('Message of the day')
      await tmux.type('one', 'Enter')
      await tmux.see('…')
      await tmux.type('Enter')
      const choices = await tmux.see('Level')
      expect(choices).to.match(/Everything\n. What matters \(default\)\n. *Errors/)
      await tmux.type('C-c')
      const screen = await tmux.see('END')
      expect(screen)
        .to.include('EXIT 130')
        .and.not.match(/-(icanon|echo|isig)\b/)
      expect(await tmux.cursorIsShown()).to.equal(true)
    } finally {
      await tmux.close()
    }
  })
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false // there is no such process
  }
}
