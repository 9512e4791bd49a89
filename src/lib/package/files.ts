import {archiveRefused} from './errors.ts'
import {limits} from './limits.ts'

/**
 * Why a path may not be in a package; undefined if it may. Archives are read into memory and never unpacked, but a package that could
 * not be is refused all the same: others unpack it.
 */
export function refusePath(path: string): string | undefined {
  const shown = JSON.stringify(path.slice(0, 80))
  if (path === '') return 'an entry has no name'
  if (Buffer.byteLength(path) > limits.pathLength) return `the name ${shown}… is longer than ${limits.pathLength} bytes`
  // Nearly all names are plain: the class below takes V8 milliseconds to compile.
  if (!/^[ -~]*$/.test(path) && /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]/u.test(path))
    return `the name ${shown} has control characters or is no UTF-8`
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return `the name ${shown} is absolute`
  if (path.includes('\\')) return `the name ${shown} has a backslash`
  if (path.split('/').some(part => part === '..')) return `the name ${shown} leads out of the package`
  if (path.split('/').some(part => part === '' || part === '.')) return `the name ${shown} has empty parts`
  return undefined
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
    if (other === path) throw archiveRefused(`${path} is in it twice`)
    if (other !== undefined) throw archiveRefused(`${other} and ${path} are one file on some systems`)
    this.#names.set(folded, path)
  }
}

/** Two names are one file on file systems that fold case or compose characters. */
function foldedPath(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

/** Names that a folder may have and a package never has: version control, and what editors and file managers leave behind. */
const ignored: readonly (string | RegExp)[] = [
  '.git',
  '.hg',
  '.svn',
  '.idea',
  '.vscode',
  '.DS_Store',
  'Thumbs.db',
  'node_modules',
  /~$/,
  /^\.#/,
  /^#.*#$/,
  /\.sw[a-p]$/,
  /\.(?:bak|orig|rej|tmp)$/,
]

export function isIgnored(name: string): boolean {
  return ignored.some(pattern => (typeof pattern === 'string' ? pattern === name : pattern.test(name)))
}

const utf8 = new TextDecoder('utf-8', {fatal: true})

/** Undefined where the bytes are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined // the only reason to fail: not UTF-8, which the caller words
  }
}
