import {readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {didYouMean} from '../nearest.ts'
import {entryFaults, expandKinds, type Interfaces, schemaFaults, shapeFaults, sizeFaults} from '../params/index.ts'
import {type Finding, finding, positionOf} from '../yaml/index.ts'
import {buildArchive, digestOf} from './archive.ts'
import {digestMismatch, invalidPackage, parameterFindings} from './errors.ts'
import {FileCheck, isIgnored, textOf} from './files.ts'
import {readInterfaces} from './interface-schema.ts'
import {readKinds} from './kind-schema.ts'
import {manifestFile, manifestStart, type ParsedManifest, parseManifest} from './manifest.ts'
import {addShared} from './shared.ts'
import type {Digest, Package} from './types.ts'

/**
 * Reads a package from a folder. What editors and version control leave there is ignored, symbolic links are refused.
 * @throws UserError `package.invalid`, `package.archive-refused`
 */
export async function loadFolder(folder: string): Promise<Package> {
  return packageFromFiles(readFolder(folder))
}

/**
 * Reads a package from the bytes of an archive, which come from anywhere.
 * @param expected what the bytes must hash to; checked before anything else is done with them
 * @throws UserError `package.integrity`, `package.archive-refused`, `package.invalid`
 */
export async function loadArchive(bytes: Uint8Array, {expected}: {expected?: Digest} = {}): Promise<Package> {
  const digest = digestOf(bytes)
  if (expected !== undefined && digest !== expected) throw digestMismatch(expected, digest)
  const {readArchive} = await import('./read-archive.ts')
  return packageFromFiles(await readArchive(bytes), bytes)
}

/** A package of files in memory, such as those of {@link initPackage}. @throws UserError `package.invalid` */
export function packageFromFiles(unsorted: ReadonlyMap<string, Uint8Array>, bytes?: Uint8Array): Package {
  const files = new Map([...unsorted].sort(([a], [b]) => (a < b ? -1 : 1)))
  const written = files.get(manifestFile)
  if (written === undefined) {
    const fix = 'berth package init NAME   makes a package to start from'
    throw invalidPackage([finding('error', 'manifest', manifestStart, 'there is no package.yaml', fix)])
  }
  const text = textOf(written)
  if (text === undefined)
    throw invalidPackage([finding('error', 'manifest', manifestStart, 'the file is no UTF-8 text')])
  const parsed = parseManifest(text)
  const {manifest, root} = parsed
  const faults = parameterFindings(shapeFaults(manifest.parameters), root, ['parameters'])
  const interfaces = readInterfaces(files, faults)
  const kinds = readKinds(files, faults)
  faults.push(...checkProvided(parsed, interfaces))
  if (faults.length > 0) throw invalidPackage(faults)
  const parameters = expandKinds(manifest.parameters, kinds)
  const tooMuch = sizeFaults(parameters)
  // What entries cannot do would be ignored at every install; then all that is wrong with the parameters is told.
  const all =
    tooMuch.length === 0 && entryFaults(parameters).length > 0 ? schemaFaults(parameters, interfaces) : tooMuch
  if (all.length > 0) throw invalidPackage(parameterFindings(all, root, ['parameters']))
  manifest.parameters = parameters
  return new LoadedPackage(parsed, interfaces, files, bytes)
}

function checkProvided({manifest, root}: ParsedManifest, interfaces: Interfaces): Finding[] {
  return Object.entries(manifest.provides).flatMap(([name, {interface: speaks}]) => {
    if (Object.hasOwn(interfaces, speaks)) return []
    const position = positionOf(root, ['provides', name, 'interface'])
    const fix = didYouMean(speaks, Object.keys(interfaces)) ?? `describe it in interfaces/${speaks}.yaml`
    return [finding('error', 'interface', position, `${name} speaks ${speaks}, which is no interface`, fix)]
  })
}

/** Packs a folder's files only when someone wants the archive: compressing takes longer than all the rest. */
class LoadedPackage implements Package {
  readonly manifest: Package['manifest']
  readonly root: Package['root']
  readonly warnings: Package['warnings']
  readonly interfaces: Interfaces
  readonly files: Package['files']
  #archive: Uint8Array | undefined
  #digest: Digest | undefined

  constructor(
    {manifest, root, warnings}: ParsedManifest,
    interfaces: Interfaces,
    files: Package['files'],
    archive: Uint8Array | undefined,
  ) {
    this.manifest = manifest
    this.root = root
    this.warnings = warnings
    this.interfaces = interfaces
    this.files = files
    this.#archive = archive
  }

  get archive(): Uint8Array {
    this.#archive ??= buildArchive(this.files)
    return this.#archive
  }

  get digest(): Digest {
    this.#digest ??= digestOf(this.archive)
    return this.#digest
  }
}

/** At once: a package has many small files, and to wait for each in turn takes ten times as long. */
function readFolder(folder: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  const check = new FileCheck()
  read('')
  addShared(folder, files, check)
  return files

  function read(below: string): void {
    for (const entry of entriesOf(join(folder, below))) {
      if (isIgnored(entry.name)) continue
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      const file = join(folder, path)
      if (entry.isDirectory()) read(path)
      else if (entry.isSymbolicLink()) throw refused(path, 'is a symbolic link', 'copy what it points to')
      else if (!entry.isFile()) throw refused(path, 'is no ordinary file', 'remove it')
      else {
        check.add(path, statSync(file).size)
        files.set(path, new Uint8Array(readFileSync(file)))
      }
    }
  }

  function entriesOf(path: string) {
    try {
      return readdirSync(path, {withFileTypes: true})
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException
      const fix = 'give the folder that has the package.yaml'
      if (code === 'ENOENT' && path === join(folder, '')) throw refused(folder, 'does not exist', fix)
      if (code === 'ENOTDIR') throw refused(folder, 'is no folder', fix)
      throw error
    }
  }
}

function refused(path: string, message: string, fix: string) {
  return invalidPackage([finding('error', 'folder', {file: path, line: 1, column: 1}, `${path} ${message}`, fix)])
}
