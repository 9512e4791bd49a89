import {createHash} from 'node:crypto'
import {gzipSync} from 'fflate'
import {archiveRefused} from './errors.ts'
import {FileCheck} from './files.ts'
import {limits} from './limits.ts'
import type {Digest} from './types.ts'

/** The identity of an archive. */
export function digestOf(archive: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(archive).digest('hex')}`
}

/**
 * Packs files into a `.tgz` whose bytes depend on names and contents alone: sorted, no times, no owners, mode 644. Packed by fflate, because
 * zlib promises no stable output: Node's picks hash functions by what the processor has.
 * @throws UserError `package.archive-refused` when it is over the limits
 */
export function buildArchive(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
  const check = new FileCheck()
  for (const [path, content] of sorted) check.add(path, content.length)
  const blocks = sorted.flatMap(([path, content]) => {
    const padding = new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK)
    return [tarHeader(path, content.length), content, padding]
  })
  const tar = Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)])
  const archive = gzipSync(tar, {level: 9, mtime: 0})
  if (archive.length > limits.archiveBytes) {
    const largest = sorted.toSorted(([, a], [, b]) => b.length - a.length).slice(0, 3)
    const names = largest.map(([path, {length}]) => `${path} (${Math.ceil(length / 1024)} KiB)`).join(', ')
    const sizes = `it has ${Math.ceil(archive.length / 1024)} KiB, ${limits.archiveBytes / 1024} KiB are allowed`
    throw archiveRefused(`${sizes}; the largest files: ${names}`, 'large data belongs into an image')
  }
  return archive
}

const BLOCK = 512

/** A `ustar` header, POSIX.1-1988: every tar reads it, and nothing in it varies. */
function tarHeader(path: string, size: number): Uint8Array {
  const header = Buffer.alloc(BLOCK)
  const [prefix, name] = splitPath(path)
  const zero = '0000000\0'
  const length = `${size.toString(8).padStart(11, '0')}\0`
  const fields: [text: string, offset: number][] = [
    [name, 0],
    ['0000644\0', 100],
    [zero, 108],
    [zero, 116],
    [length, 124],
    ['00000000000\0', 136],
    ['        ', 148],
    ['0', 156],
    ['ustar\u000000', 257],
    [zero, 329],
    [zero, 337],
    [prefix, 345],
  ]
  for (const [text, offset] of fields) header.write(text, offset)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** Names over 100 bytes are split at a slash: 155 and 100. */
function splitPath(path: string): [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= 100) return ['', path]
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)]
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return [prefix, name]
  }
  throw archiveRefused(
    `the name ${JSON.stringify(path)} is too long for a tar file`,
    'shorten the names of its folders',
  )
}
