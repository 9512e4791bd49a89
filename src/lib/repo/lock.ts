import {open, rm, stat} from 'node:fs/promises'
import {dirname} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {makeFolder} from '../make-folder.ts'

/** A holder that has not finished by then has died: writing a small file takes milliseconds. */
const STALE = 5000

/** One process at a time reads and replaces a file, so that nobody's change is lost. */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`
  makeFolder(dirname(file))
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close()
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const held = await stat(lock).catch(() => undefined)
      if (held && Date.now() - held.mtimeMs > STALE) await rm(lock, {force: true})
      else await sleep(20)
    }
  }
  try {
    return await work()
  } finally {
    await rm(lock, {force: true})
  }
}
