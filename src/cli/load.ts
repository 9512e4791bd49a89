import {readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {Script} from 'node:vm'
import {makeFolder} from '../lib/make-folder.ts'

/** Where the built files are, which build it is (ASCII, 64 characters), and where V8's code of them is kept. */
export interface Built {
  dist: string
  build: string
  cache: string
}

type Load = (name: string) => unknown

/**
 * Loads files of the build, with V8's code of them from the cache. Node's own `enableCompileCache` keeps what is compiled before a file
 * runs: none of the functions that are called later, a fifth of the time of a start. Here it is kept as the process ends.
 *
 * A file of the cache is the build's name, a checksum, and then V8's data: V8 checks its own version and flags, and neither the source nor
 * whether the data is whole, on which it dies.
 */
export function loader({dist, build, cache}: Built, requireOfNode: Load): Load {
  const loaded = new Map<string, {exports: unknown}>()
  return function load(name: string): unknown {
    if (!name.startsWith('./') || !name.endsWith('.js')) return requireOfNode(name)
    const known = loaded.get(name)
    if (known) return known.exports
    const module = {exports: {} as unknown}
    loaded.set(name, module)
    const filename = join(dist, name)
    const kept = join(cache, `${name.slice(2, -3)}.v8`)
    const {cachedData, stale} = read(kept, build)
    // The build writes ASCII. The file begins in a line of its own, so that stack traces tell its columns.
    const source = `(function (exports, require, module, __filename, __dirname) {\n${readFileSync(filename, 'latin1')}\n})`
    const script = new Script(source, {filename, lineOffset: -1, ...(cachedData && {cachedData})})
    if (stale || script.cachedDataRejected)
      process.once('exit', code => {
        // After a failure little of the file has run.
        if (code === 0) keep(kept, build, script.createCachedData())
      })
    // `as`: what the source above is.
    const run = script.runInThisContext() as (...scope: unknown[]) => void
    run.call(module.exports, module.exports, load, module, filename, dist)
    return module.exports
  }
}

const dayMillis = 24 * 60 * 60 * 1000

/** What is there, and our own: it runs as we do. Stale after a day, when what has run since then is added. */
function read(path: string, build: string): {cachedData?: Buffer; stale: boolean} {
  try {
    const {mtimeMs, uid} = statSync(path)
    if (uid !== process.getuid?.()) return {stale: true}
    const content = readFileSync(path)
    const cachedData = content.subarray(build.length + 8)
    if (content.toString('latin1', 0, build.length + 8) !== head(build, cachedData)) return {stale: true}
    return {cachedData, stale: Date.now() - mtimeMs > dayMillis}
  } catch {
    return {stale: true}
  }
}

function keep(path: string, build: string, data: Buffer): void {
  try {
    makeFolder(dirname(path))
    const part = `${path}.${process.pid}`
    try {
      writeFileSync(part, Buffer.concat([Buffer.from(head(build, data)), data]), {mode: 0o600})
      renameSync(part, path)
    } finally {
      // What a full disk took of it.
      rmSync(part, {force: true})
    }
  } catch {
    // The next start is as slow as this one was; nothing else is lost.
  }
}

/**
 * Of one word in 64 bytes: files break by sectors. To load Node's zlib for a CRC would cost 4 ms, half of what is gained with a small command.
 */
function head(build: string, data: Buffer): string {
  const words = new Int32Array(data.buffer, data.byteOffset, data.length >> 2)
  let sum = words.length
  for (let at = 0; at < words.length; at += 16) sum = (Math.imul(sum, 31) + (words[at] ?? 0)) | 0
  return build + (sum >>> 0).toString(16).padStart(8, '0')
}
