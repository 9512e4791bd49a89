import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {FileCheck} from './files.ts'
import {manifestFile} from './manifest.ts'

/**
 * Kinds and interfaces that the packages of a folder share lie beside them, in `kinds/` and `interfaces/`. A package takes along those
 * that it names and does not have itself, so that it needs nothing but itself from then on.
 */
export function addShared(folder: string, files: Map<string, Uint8Array>, check: FileCheck): void {
  const shared = new Map<string, string>()
  for (const room of ['kinds', 'interfaces']) {
    for (const file of sharedIn(join(folder, '..', room)))
      if (!files.has(`${room}/${file}`)) shared.set(`${room}/${file}`, join(folder, '..', room, file))
  }
  const unread = shared.size === 0 ? [] : [...files].filter(([path]) => path === manifestFile || shares(path))
  for (let next = unread.pop(); next !== undefined; next = unread.pop()) {
    const text = Buffer.from(next[1]).toString()
    for (const [path, place] of [...shared].filter(([path]) => names(text, path))) {
      const bytes = new Uint8Array(readFileSync(place))
      check.add(path, bytes.length)
      files.set(path, bytes)
      shared.delete(path)
      // a kind may extend another one
      unread.push([path, bytes])
    }
  }
}

const shares = (path: string) => /^(kinds|interfaces)\/[^/]+\.ya?ml$/.test(path)

function names(text: string, path: string): boolean {
  const name = /\/([A-Za-z][A-Za-z0-9-]*)\.ya?ml$/.exec(path)?.[1]
  return name !== undefined && new RegExp(`\\b${name}\\b`).test(text)
}

/** A folder of this name that is itself a package shares nothing. */
function sharedIn(path: string): string[] {
  try {
    const entries = readdirSync(path, {withFileTypes: true})
    const files = entries.filter(entry => entry.isFile()).map(({name}) => name)
    return files.includes(manifestFile) ? [] : files.filter(name => /\.ya?ml$/.test(name))
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}
