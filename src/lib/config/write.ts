import {open, realpath, rename, rm} from 'node:fs/promises'
import {dirname} from 'node:path'
import type {Document} from 'yaml'
import {makeFolder} from '../make-folder.ts'
import {readIfThere} from './read.ts'
import type {Repository} from './types.ts'

/**
 * Replaces a file in one step: whoever reads it sees the old or the new content, whatever dies in between. A link is followed, so that
 * a configuration kept elsewhere stays there.
 */
export async function writeAtomically(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const target = await realpath(file).catch(() => file)
  makeFolder(dirname(target))
  const temporary = `${target}.${process.pid}.${Date.now().toString(36)}`
  try {
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, {force: true})
    // What is told is the file that was meant; of a full disk the system names none.
    throw Object.assign(error as Error, {path: target})
  }
}

/** Adds a repository at the end; comments and order stay. The caller has checked that the name is free. */
export async function addRepository(file: string, repository: Repository): Promise<void> {
  await change(file, (document, {isSeq}) => {
    if (document.contents === null) {
      document.set('apiVersion', 'berth.dev/v1')
      document.set('kind', 'Config')
    }
    if (isSeq(document.get('repositories'))) document.addIn(['repositories'], document.createNode(repository))
    else document.set('repositories', document.createNode([repository]))
  })
}

/** Takes out the repository of this name. */
export async function removeRepository(file: string, name: string): Promise<void> {
  await change(file, (document, {isSeq}) => {
    const list = document.get('repositories')
    const items = isSeq(list) ? list.items : []
    const index = items.findIndex((_, i) => document.getIn(['repositories', i, 'name']) === name)
    if (index >= 0) document.deleteIn(['repositories', index])
  })
}

async function change(file: string, edit: (document: Document, yaml: typeof import('yaml')) => void): Promise<void> {
  const [{parseConfig}, yaml] = await Promise.all([import('./parse.ts'), import('yaml')])
  const before = (await readIfThere(file)) ?? ''
  if (before.trim() !== '') parseConfig(before, file)
  const document = yaml.parseDocument(before)
  edit(document, yaml)
  const text = document.toString({lineWidth: 0})
  parseConfig(text, file)
  await writeAtomically(file, text, 0o600)
}
