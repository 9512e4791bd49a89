import {readdir, readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {buildArchive, checkDigest, digestOf, FileCheck, readArchive} from './archive.ts'
import {finding, invalidPackage} from './errors.ts'
import {manifestFile, parseManifest} from './manifest.ts'
import {isIgnored} from './paths.ts'
import type {Digest, Package} from './types.ts'

/**
 * Reads a package from a folder. What editors and version control leave there is ignored, symbolic links are refused.
 * @throws UserError `package.invalid`, `package.archive-refused`
 */
export async function loadFolder(folder: string): Promise<Package> {
  const files = await readFolder(folder)
  return packageOf(files, buildArchive(files))
}

/**
 * Reads a package from the bytes of an archive, which come from anywhere.
 * @param expected what the bytes must hash to; checked before anything else is done with them
 * @throws UserError `package.integrity`, `package.archive-refused`, `package.invalid`
 */
export async function loadArchive(bytes: Uint8Array, {expected}: {expected?: Digest} = {}): Promise<Package> {
  if (expected !== undefined) checkDigest(bytes, expected)
  return packageOf(await readArchive(bytes), bytes)
}

/** A package of files in memory, such as those of {@link initPackage}. Same errors as {@link loadFolder}. */
export function packageFromFiles(files: ReadonlyMap<string, Uint8Array>): Package {
  const sorted = new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
  return packageOf(sorted, buildArchive(sorted))
}

function packageOf(files: ReadonlyMap<string, Uint8Array>, archive: Uint8Array): Package {
  const manifest = files.get(manifestFile)
  if (manifest === undefined) {
    const start = {file: manifestFile, line: 1, column: 1}
    throw invalidPackage([
      finding(
        'error',
        'manifest',
        start,
        'there is no package.yaml',
        'berth package init NAME   makes a package to start from',
      ),
    ])
  }
  const text = textOf(manifest)
  if (text === undefined)
    throw invalidPackage([
      finding('error', 'manifest', {file: manifestFile, line: 1, column: 1}, 'the file is no UTF-8 text'),
    ])
  return {manifest: parseManifest(text).manifest, files, archive, digest: digestOf(archive)}
}

/** Undefined where the bytes are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
  } catch {
    return undefined // the only reason to fail: not UTF-8, which the caller words
  }
}

async function readFolder(folder: string): Promise<Map<string, Uint8Array>> {
  const listed: string[] = []
  const check = new FileCheck()
  await list('')
  const files = new Map<string, Uint8Array>()
  for (const path of listed.sort()) files.set(path, new Uint8Array(await readFile(join(folder, path))))
  return files

  async function list(below: string): Promise<void> {
    for (const entry of await entriesOf(join(folder, below))) {
      if (isIgnored(entry.name)) continue
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) await list(path)
      else if (entry.isFile()) {
        check.add(path, (await stat(join(folder, path))).size)
        listed.push(path)
      } else
        throw refused(
          path,
          entry.isSymbolicLink() ? 'is a symbolic link' : 'is no ordinary file',
          entry.isSymbolicLink() ? 'copy what it points to' : 'remove it',
        )
    }
  }

  async function entriesOf(path: string) {
    try {
      return await readdir(path, {withFileTypes: true})
    } catch (error) {
      if ((error as {code?: string}).code === 'ENOENT' && path === join(folder, ''))
        throw refused(folder, 'does not exist', 'give the folder that has the package.yaml')
      if ((error as {code?: string}).code === 'ENOTDIR')
        throw refused(folder, 'is no folder', 'give the folder that has the package.yaml')
      throw error
    }
  }
}

function refused(path: string, message: string, fix: string) {
  return invalidPackage([finding('error', 'folder', {file: path, line: 1, column: 1}, `${path} ${message}`, fix)])
}
