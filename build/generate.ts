import {mkdir, readdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {generated} from './generated.ts'
import {root} from './manifest.ts'

/** Writes what is made from the source and committed; schemas that no command has any more go. */
const files = await generated()
await mkdir(join(root, 'schemas'), {recursive: true})
for (const [path, text] of files) await writeFile(join(root, path), text)
for (const name of await readdir(join(root, 'schemas'))) {
  if (!files.has(`schemas/${name}`)) await rm(join(root, 'schemas', name))
}
