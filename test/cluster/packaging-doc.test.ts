import {execFile} from 'node:child_process'
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {expect} from 'chai'
import {root} from '../cli/support.ts'

/** `docs/packaging.md` as a reader follows it: files are written, commands run, and what they print is what the page says. */
describe('docs/packaging.md', function () {
  this.timeout(120_000)
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-packaging-'))
  })
  after(() => rm(folder, {recursive: true}))

  it('is true', async () => {
    const page = await readFile(join(root, 'docs/packaging.md'), 'utf8')
    const blocks = [...page.matchAll(/^```(console|yaml)\n(.*?)^```$/gms)]
    expect(blocks).to.have.length.greaterThan(8)
    for (const [, kind, text = ''] of blocks) {
      if (kind === 'console') for (const step of text.split(/^\$ /m).slice(1)) await follow(step)
      else {
        const [first = '', ...lines] = text.split('\n')
        const file = join(folder, first.replace(/^# /, ''))
        await mkdir(dirname(file), {recursive: true})
        await writeFile(file, lines.join('\n'))
      }
    }
  })

  /** A command, and lines that it must print in this order; `…` stands for anything. */
  async function follow(step: string): Promise<void> {
    const [command = '', ...expected] = step.trimEnd().split('\n')
    const {PATH, KUBECONFIG} = process.env
    const env = {PATH: `${join(root, 'bin')}:${PATH}`, KUBECONFIG, HOME: folder, TERM: 'dumb', LANG: 'C.UTF-8'}
    const said = await new Promise<string>(resolve =>
      execFile('sh', ['-c', command], {cwd: folder, env}, (_error, stdout, stderr) => resolve(stderr + stdout)),
    )
    let rest = said
    for (const line of expected) {
      const pattern = new RegExp(`^${line.split('…').map(RegExp.escape).join('.*')}$`, 'm')
      expect(rest, `${command}\n${said}`).to.match(pattern)
      rest = rest.slice((pattern.exec(rest)?.index ?? 0) + 1)
    }
  }
})
