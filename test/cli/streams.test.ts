import {spawn as spawnProcess} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {spawn as spawnOnTerminal} from '@lydell/node-pty'
import {expect} from 'chai'
import {inTemporaryHome, root} from './support.ts'

describe('a reader that has gone', function () {
  this.timeout(20_000)
  const place = inTemporaryHome()
  const berth = join(root, 'bin/berth')
  const environment = () => ({PATH: process.env.PATH ?? '', HOME: join(place.folder, 'home'), LANG: 'C.UTF-8'})

  /** The exit codes of a pipeline of the shell. */
  const codesOf = (pipeline: string) =>
    new Promise<string>((resolve, reject) => {
      const script = `${pipeline}; echo "\${PIPESTATUS[*]}" >&3`
      const stdio = ['ignore', 'ignore', 'ignore', 'pipe'] as const
      const child = spawnProcess('bash', ['-c', script], {env: environment(), cwd: place.folder, stdio: [...stdio]})
      let codes = ''
      child.stdio[3]?.on('data', (data: Buffer) => {
        codes += data
      })
      child.on('error', reject)
      child.on('close', () => resolve(codes.trim()))
    })

  it('is no failure: a pipe that nobody reads, a closed stdout, everything closed', async () => {
    expect(await codesOf(`'${berth}' repo list --json | true`)).to.equal('0 0')
    expect(await codesOf(`'${berth}' help | head -c1`)).to.equal('0 0')
    expect(await codesOf(`'${berth}' repo list --json >&-`)).to.equal('0')
    expect(await codesOf(`'${berth}' repo list --json <&- >&- 2>&-`)).to.equal('0')
  })

  it('is not what a full disk is: the result is lost, and the exit code says so', async () => {
    expect(await codesOf(`'${berth}' repo list --json > /dev/full`)).to.equal('6')
    expect(await codesOf(`'${berth}' help > /dev/full`)).to.equal('6')
    expect(await codesOf(`'${berth}' repo list --nope --json > /dev/full`)).to.equal('2')
    expect(await codesOf(`'${berth}' repo list 2> /dev/full`)).to.equal('0')
  })

  it('does not hide a failure: its exit code stays', async () => {
    expect(await codesOf(`'${berth}' repo list --nope 2>&-`)).to.equal('2')
    expect(await codesOf(`'${berth}' repo list --nope --json | true`)).to.match(/^[02] 0$/)
  })

  it('ends the process: its terminal is gone, or whoever started it was killed', async () => {
    const ended = async (pid: number) => {
      for (let waited = 0; waited < 5000; waited += 50) {
        // Dead, though nobody may have asked for its exit code yet.
        const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
        if (stat === undefined || /\) Z /.test(stat)) return true
        await sleep(50)
      }
      process.kill(pid, 'SIGKILL')
      return false
    }
    for (const delay of [0, 80, 160]) {
      const terminal = spawnOnTerminal(berth, ['repo', 'list'], {env: environment(), cwd: place.folder})
      await sleep(delay)
      // Closes the master, which node-pty's types keep to themselves.
      const {destroy} = terminal as unknown as {destroy(): void}
      destroy.call(terminal)
      expect(await ended(terminal.pid), `terminal closed after ${delay} ms`).to.equal(true)

      const start = `const {pid} = require('child_process').spawn(process.argv[1], ['repo', 'list', '--json']); console.log(pid); setInterval(() => 0, 1e6)`
      const parent = spawnProcess(process.execPath, ['-e', start, berth], {env: environment(), cwd: place.folder})
      const pid = Number(await new Promise(resolve => parent.stdout.once('data', resolve)))
      await sleep(delay)
      parent.kill('SIGKILL')
      expect(await ended(pid), `parent killed after ${delay} ms`).to.equal(true)
    }
  })
})
