import {readdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {makeFolder} from '../lib/make-folder.ts'
import {chain, scrub} from './scrub.ts'

/** Reports beyond this many go, oldest first. */
const KEPT = 20

export interface Crash {
  error: unknown
  /** Already without values: see `scrubArguments`. */
  argv: string[]
  version: string
  stateDir: string
}

/** Writes what a developer needs of a defect into a file that only its owner may read; returns its path, undefined where nothing can be written. */
export async function writeCrashReport({error, argv, version, stateDir}: Crash): Promise<string | undefined> {
  const folder = join(stateDir, 'crashes')
  const file = join(folder, `${new Date().toISOString().replaceAll(':', '-')}-${process.pid}.txt`)
  const report = [
    `berth ${version}, node ${process.version}, ${process.platform}-${process.arch}`,
    `$ berth ${argv.join(' ')}`,
    '',
    ...chain(error),
  ].join('\n')
  try {
    makeFolder(folder)
    await writeFile(file, `${scrub(report)}\n`, {mode: 0o600, flag: 'wx'})
    const old = (await readdir(folder))
      .filter(name => name.endsWith('.txt'))
      .sort()
      .slice(0, -KEPT)
    await Promise.all(old.map(name => rm(join(folder, name), {force: true})))
    return file
  } catch {
    return undefined // A full or read-only disk must not hide the defect itself: it is still told on stderr.
  }
}
