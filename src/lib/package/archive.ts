import {createHash} from 'node:crypto'
import {gunzipSync} from 'node:zlib'
import {gzipSync} from 'fflate'
import {extract, type Header} from 'tar-stream'
import {archiveRefused, digestMismatch} from './errors.ts'
import {limits} from './limits.ts'
import {foldedPath, refusePath} from './paths.ts'
import type {Digest} from './types.ts'

/** The identity of an archive. */
export function digestOf(archive: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(archive).digest('hex')}`
}

/** @throws UserError `package.integrity` if the bytes are not those of the digest */
export function checkDigest(archive: Uint8Array, expected: Digest): void {
  const actual = digestOf(archive)
  if (actual !== expected) throw digestMismatch(expected, actual)
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
  const blocks = sorted.flatMap(([path, content]) => [
    tarHeader(path, content.length),
    content,
    new Uint8Array(padding(content.length)),
  ])
  const tar = Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)])
  const archive = gzipSync(tar, {level: 9, mtime: 0})
  if (archive.length > limits.archiveBytes) {
    const largest = sorted.toSorted(([, a], [, b]) => b.length - a.length).slice(0, 3)
    const names = largest.map(([path, {length}]) => `${path} (${Math.ceil(length / 1024)} KiB)`).join(', ')
    throw archiveRefused(
      `it has ${Math.ceil(archive.length / 1024)} KiB, ${limits.archiveBytes / 1024} KiB are allowed; the largest files: ${names}`,
      'large data belongs into an image',
    )
  }
  return archive
}

/**
 * Reads an archive into memory; nothing is ever unpacked to a disk.
 * @throws UserError `package.archive-refused` for links, devices, odd or double names, and everything over the limits
 */
export async function readArchive(archive: Uint8Array): Promise<Map<string, Uint8Array>> {
  if (archive.length > limits.archiveBytes)
    throw archiveRefused(`it has ${archive.length} bytes, ${limits.archiveBytes} are allowed`)
  const files = new Map<string, Uint8Array>()
  const check = new FileCheck()
  const reader = extract()
  reader.end(gunzip(archive))
  try {
    for await (const entry of reader) {
      const path = acceptEntry(entry.header)
      if (path !== undefined) check.add(path, entry.header.size ?? 0)
      const chunks: Uint8Array[] = []
      for await (const chunk of entry) chunks.push(chunk as Uint8Array)
      if (path === undefined) continue
      files.set(path, new Uint8Array(Buffer.concat(chunks)))
    }
  } catch (error) {
    if (error instanceof Error && !('code' in error && String(error.code).startsWith('package.')))
      throw archiveRefused(`it is no tar file: ${error.message}`)
    throw error
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The name of a file, undefined for a directory. */
function acceptEntry({name, type, linkname}: Header): string | undefined {
  const path = type === 'directory' ? name.replace(/\/$/, '') : name
  if (type !== 'file' && type !== 'directory') {
    throw archiveRefused(
      `${JSON.stringify(name.slice(0, 80))} is a ${type ?? 'thing of an unknown type'}${linkname ? ` to ${JSON.stringify(linkname.slice(0, 80))}` : ''}; files and folders only`,
    )
  }
  const reason = path === '.' ? undefined : refusePath(path)
  if (reason !== undefined) throw archiveRefused(reason)
  return type === 'file' ? path : undefined
}

/** Names, their number and their sizes: of what goes in, and of what comes out. Each file is checked as it is added. */
export class FileCheck {
  #count = 0
  #bytes = 0
  readonly #names = new Map<string, string>()

  /** @throws UserError `package.archive-refused` */
  add(path: string, size: number): void {
    const reason = refusePath(path)
    if (reason !== undefined) throw archiveRefused(reason)
    this.#count += 1
    this.#bytes += size
    if (this.#count > limits.files) throw archiveRefused(`it has more than ${limits.files} files`)
    if (this.#bytes > limits.totalBytes)
      throw archiveRefused(`its files have more than ${limits.totalBytes / 2 ** 20} MiB together`)
    const folded = foldedPath(path)
    const other = this.#names.get(folded)
    if (other !== undefined)
      throw archiveRefused(
        other === path ? `${path} is in it twice` : `${other} and ${path} are one file on some systems`,
      )
    this.#names.set(folded, path)
  }
}

/** Unpacked by zlib, up to what a package may have: a bomb stops there. */
function gunzip(archive: Uint8Array): Uint8Array {
  const mostTarBytes = limits.totalBytes + (limits.files * 4 + 64) * BLOCK
  try {
    return gunzipSync(archive, {maxOutputLength: mostTarBytes})
  } catch (error) {
    const tooLarge = error instanceof RangeError || (error as {code?: string}).code === 'ERR_BUFFER_TOO_LARGE'
    throw archiveRefused(
      tooLarge
        ? `it unpacks to more than ${limits.totalBytes / 2 ** 20} MiB`
        : `it is no gzip file: ${(error as Error).message}`,
    )
  }
}

const BLOCK = 512

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

/** A `ustar` header, POSIX.1-1988: every tar reads it, and nothing in it varies. */
function tarHeader(path: string, size: number): Uint8Array {
  const header = Buffer.alloc(BLOCK)
  const [prefix, name] = splitPath(path)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\u000000', 257)
  header.write('0000000\0', 329)
  header.write('0000000\0', 337)
  header.write(prefix, 345)
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
