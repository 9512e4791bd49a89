import {createHash} from 'node:crypto'
import {statSync} from 'node:fs'
import {readdir, readFile} from 'node:fs/promises'
import {basename, join} from 'node:path'
import rcompare from 'semver/functions/rcompare.js'
import valid from 'semver/functions/valid.js'
import type {Digest, Package} from '../package/index.ts'
import {entryOf, parseYamlFile, plainValue} from '../yaml/index.ts'
import {differentInside, locationInvalid, locationNotFound} from './errors.ts'
import type {PackageSource, PackageVersion} from './types.ts'

const ARCHIVE = /^(?<name>[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)-(?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)\.tgz$/

/** A folder of package folders and of archives `name-1.2.3.tgz`, side by side. */
export function folderSource(location: string, repository?: string): PackageSource {
  return {
    async list() {
      const entries = await readFolder(location, repository)
      const versions = await Promise.all(entries.map(name => versionOf(join(location, name))))
      return versions.filter(version => version !== undefined).sort(byNameThenNewest)
    },
    async digest(version) {
      if (!version.location.endsWith('.tgz')) return (await readPackage(version.location)).digest
      return `sha256:${createHash('sha256')
        .update(await readFile(version.location))
        .digest('hex')}` satisfies Digest
    },
    async fetch(version) {
      const found = await readPackage(version.location)
      const {name, version: number} = found.manifest
      if (name !== version.name || number !== version.version)
        throw differentInside(version.location, `${version.name} ${version.version}`, `${name} ${number}`)
      return found
    },
  }
}

/** The package in a folder or an archive. Reading packages is loaded only now: listing repositories does without. */
export async function readPackage(path: string): Promise<Package> {
  const {loadArchive, loadFolder} = await import('../package/index.ts')
  return statSync(path).isDirectory() ? loadFolder(path) : loadArchive(await readFile(path))
}

async function readFolder(location: string, repository: string | undefined): Promise<string[]> {
  try {
    return (await readdir(location)).filter(name => !name.startsWith('.'))
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw locationNotFound(location, repository)
    throw locationInvalid(location, code === 'ENOTDIR' ? 'it is a file' : message)
  }
}

/** Which version lies there, as far as can be told without reading all of it; undefined for what is no package. */
async function versionOf(path: string): Promise<PackageVersion | undefined> {
  const {name, version} = ARCHIVE.exec(basename(path))?.groups ?? {}
  if (name !== undefined && version !== undefined) return {name, version, location: path}
  const manifest = await readFile(join(path, 'package.yaml'), 'utf8').catch(() => undefined)
  const said = manifest === undefined ? undefined : nameAndVersion(manifest)
  return said && {...said, location: path}
}

/** A broken manifest must not hide the other packages: it is left out here, and told when it is named or linted. */
function nameAndVersion(manifest: string): {name: string; version: string} | undefined {
  const {documents, findings} = parseYamlFile('package.yaml', manifest)
  if (findings.some(({severity}) => severity === 'error')) return undefined
  const [name, version] = ['name', 'version'].map(key => {
    const entry = entryOf(documents[0], key)
    return entry && plainValue(entry.value)
  })
  return typeof name === 'string' && typeof version === 'string' && valid(version) ? {name, version} : undefined
}

function byNameThenNewest(a: PackageVersion, b: PackageVersion): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : rcompare(a.version, b.version)
}
