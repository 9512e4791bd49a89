import {gunzipSync} from 'node:zlib'
import {extract, type Header} from 'tar-stream'
import {UserError} from '../errors.ts'
import {archiveRefused} from './errors.ts'
import {FileCheck, refusePath} from './files.ts'
import {limits} from './limits.ts'

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
      if (path !== undefined) files.set(path, new Uint8Array(Buffer.concat(chunks)))
    }
  } catch (error) {
    if (error instanceof UserError || !(error instanceof Error)) throw error
    throw archiveRefused(`it is no tar file: ${error.message}`)
  }
  return files
}

/** The name of a file, undefined for a directory. */
function acceptEntry({name, type, linkname}: Header): string | undefined {
  const show = (text: string) => JSON.stringify(text.slice(0, 80))
  if (type !== 'file' && type !== 'directory') {
    const target = linkname ? ` to ${show(linkname)}` : ''
    throw archiveRefused(`${show(name)} is a ${type ?? 'thing of an unknown type'}${target}; files and folders only`)
  }
  const path = type === 'directory' ? name.replace(/\/$/, '') : name
  const reason = path === '.' ? undefined : refusePath(path)
  if (reason !== undefined) throw archiveRefused(reason)
  return type === 'file' ? path : undefined
}

/** Unpacked by zlib, up to what a package may have with its headers: a bomb stops there. */
function gunzip(archive: Uint8Array): Uint8Array {
  try {
    return gunzipSync(archive, {maxOutputLength: limits.totalBytes + (limits.files * 4 + 64) * 512})
  } catch (error) {
    const tooLarge = error instanceof RangeError || (error as {code?: string}).code === 'ERR_BUFFER_TOO_LARGE'
    if (tooLarge) throw archiveRefused(`it unpacks to more than ${limits.totalBytes / 2 ** 20} MiB`)
    throw archiveRefused(`it is no gzip file: ${(error as Error).message}`)
  }
}
