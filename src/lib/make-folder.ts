import {mkdirSync} from 'node:fs'
import {dirname} from 'node:path'

/**
 * Makes a folder that only its owner may read if nothing else is said, and those above it. Node's own recursion never ends where a folder takes no others and says
 * `ENOENT`, as `/proc` does.
 * @throws the system's error, such as `EACCES`
 */
export function makeFolder(path: string, mode = 0o700): void {
  try {
    mkdirSync(path, {mode})
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    makeFolder(dirname(path), mode)
    mkdirSync(path, {mode})
  }
}
