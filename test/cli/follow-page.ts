import {execFile} from 'node:child_process'
import {appendFile, mkdir, readFile, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {expect} from 'chai'
import {root} from './support.ts'

/**
 * Follows a page of docs/ as a reader does: blocks that begin with `# some/file` are written into the folder (several of one file one after
 * the other), those of `console` are run there, and what they print is what the page says.
 */
export async function followPage(page: string, folder: string): Promise<void> {
  const text = await readFile(join(root, page), 'utf8')
  const written = new Set<string>()
  for (const [, kind, block = ''] of text.matchAll(/^```(console|yaml|sh|text)\n(.*?)^```$/gms)) {
    if (kind === 'console') {
      for (const step of block.split(/^\$ /m).slice(1)) await followStep(step, folder)
      continue
    }
    const [first = '', ...lines] = block.split('\n')
    const file = join(folder, first.replace(/^# /, ''))
    await mkdir(dirname(file), {recursive: true})
    await (written.has(file) ? appendFile : writeFile)(file, lines.join('\n'))
    written.add(file)
  }
  expect(written).to.have.property('size').greaterThan(3)
}

/** A command, and lines that it must print in this order; `…` stands for anything. */
async function followStep(step: string, folder: string): Promise<void> {
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
