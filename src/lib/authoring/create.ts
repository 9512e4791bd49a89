import {mkdir, readdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {initPackage} from '../package/index.ts'
import {badName, folderNotEmpty} from './errors.ts'

export interface CreatedPackage {
  name: string
  /** Absolute. */
  folder: string
  /** Paths below it. */
  files: string[]
}

const NAME = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/

/** Writes a small, complete package into a new or empty folder. @throws UserError `usage.invalid`, `package.exists` */
export async function createPackage(name: string, folder: string): Promise<CreatedPackage> {
  if (!NAME.test(name)) throw badName(name)
  const present = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    if (error.code === 'ENOTDIR') throw folderNotEmpty(folder)
    throw error
  })
  if (present.length > 0) throw folderNotEmpty(folder)
  const files = initPackage(name)
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), {recursive: true})
    await writeFile(join(folder, path), bytes, {flag: 'wx'})
  }
  return {name, folder, files: [...files.keys()]}
}
