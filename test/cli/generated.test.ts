import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect} from 'chai'
import {generated} from '../../build/generated.ts'
import {readManifest, root} from '../../build/manifest.ts'
import type {Manifest} from '../../src/cli/manifest.ts'

const snapshot = join(import.meta.dirname, 'commands.snapshot.json')

describe('generated files', function () {
  this.timeout(30_000)

  it('are what the source says: run `make schemas`', async () => {
    for (const [path, text] of await generated()) {
      expect(await readFile(join(root, path), 'utf8').catch(() => ''), path).to.equal(text)
    }
  })

  it('commands and flags are those of the snapshot: UPDATE_SNAPSHOTS=1 after a look at what breaks', async () => {
    const manifest = await readManifest()
    const now = `${JSON.stringify(contractOf(manifest), null, 1)}\n`
    if (process.env.UPDATE_SNAPSHOTS) await writeFile(snapshot, now)
    expect(now).to.equal(await readFile(snapshot, 'utf8'))
  })

  it('every command has a summary in lower case, an example, a view and a kind', async () => {
    const manifest = await readManifest()
    for (const {id, summary = '', examples = [], resultKind} of Object.values(manifest.commands)) {
      expect(summary, id).to.match(/^[^A-Z].*[^.]$/)
      expect(examples, id).not.to.be.empty
      expect(resultKind, id).to.match(/^[A-Z]/)
    }
  })
})

/** What scripts rely on: names, letters, what takes a value; no words. */
function contractOf({commands}: Manifest) {
  return Object.fromEntries(
    Object.values(commands).map(({id, resultKind, args, flags}) => [
      id.replaceAll(':', ' '),
      {
        resultKind,
        args: Object.values(args).map(({name, required}) => (required ? name : `[${name}]`)),
        flags: Object.values(flags)
          .map(
            flag =>
              `${flag.char ? `-${flag.char} ` : ''}--${flag.name}${flag.type === 'option' ? `=${flag.options?.join('|') ?? ''}${flag.multiple ? '...' : ''}` : ''}`,
          )
          .sort(),
      },
    ]),
  )
}
