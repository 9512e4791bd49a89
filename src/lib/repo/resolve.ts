import {existsSync} from 'node:fs'
import {resolve} from 'node:path'
import rsort from 'semver/functions/rsort.js'
import maxSatisfying from 'semver/ranges/max-satisfying.js'
import type {LocalSettings, Repository} from '../config/index.ts'
import {UserError} from '../errors.ts'
import {nearest} from '../nearest.ts'
import type {Package} from '../package/index.ts'
import {ambiguous, packageNotFound, pathNotFound, repositoryNotFound, versionNotFound} from './errors.ts'
import {readPackage} from './folder.ts'
import {parseReference} from './reference.ts'
import {sourceOf} from './source.ts'
import type {PackageReference, PackageSource, PackageVersion, ResolvedPackage} from './types.ts'

interface Offer {
  repository: Repository
  source: PackageSource
  version: PackageVersion
}

/**
 * Finds the package that the words name, and reads it. Without a version it is the newest that is no pre-release.
 * @throws UserError `usage.invalid`, `package.not-found` with "did you mean", `package.version-not-found`, `package.ambiguous` where two
 * repositories have the name, `repo.not-found`, and what reading a package throws
 */
export async function resolvePackage(text: string, settings: LocalSettings): Promise<ResolvedPackage> {
  const reference = parseReference(text, settings.paths.workDir)
  if (reference.from === 'path') {
    if (!existsSync(reference.path)) throw pathNotFound(reference.path)
    return {package: await readPackage(reference.path), origin: {location: reference.path}}
  }
  const {repository, source, version} = await choose(reference, settings)
  return {package: await source.fetch(version), origin: {repository: repository.name, location: version.location}}
}

const nowhere: readonly string[] = ['package.not-found', 'package.version-not-found', 'package.ambiguous']

/** The version before a package's own, where one repository has it and it takes over from that. */
export async function findFormer({manifest}: Package, settings: LocalSettings): Promise<ResolvedPackage | undefined> {
  const {name, version} = manifest
  try {
    const found = await resolvePackage(`${name}@<${version}`, settings)
    const {whyNoTakeover} = await import('../package/index.ts')
    return whyNoTakeover(found.package.manifest, manifest) === undefined ? found : undefined
  } catch (error) {
    if (error instanceof UserError && nowhere.includes(error.code)) return undefined
    throw error
  }
}

async function choose(reference: PackageReference & {from: 'repository'}, settings: LocalSettings): Promise<Offer> {
  const {name, range} = reference
  const offers = await offersOf(reference, settings)
  const versions = offers.map(({version}) => version.version)
  const best = maxSatisfying(versions, range ?? '*') ?? (range === undefined ? rsort([...versions])[0] : null)
  const offer = offers.find(({version}) => version.version === best)
  if (!offer) throw versionNotFound(name, range ?? '', versions)
  return offer
}

async function offersOf(
  {repository: wanted, name}: PackageReference & {from: 'repository'},
  settings: LocalSettings,
): Promise<Offer[]> {
  const folder = folderOf(wanted === undefined ? name : `${wanted}/${name}`, settings)
  const repositories = wanted === undefined ? settings.repositories : [repositoryNamed(wanted, settings, folder)]
  const all = (await Promise.all(repositories.map(offersIn))).flat()
  const offers = all.filter(({version}) => version.name === name)
  const having = [...new Set(offers.map(({repository}) => repository.name))]
  if (having.length > 1) throw ambiguous(name, having)
  if (offers.length === 0) {
    const names = new Set(all.map(({version}) => version.name))
    throw packageNotFound(name, {repository: wanted, known: names.size, meant: nearest(name, names), folder})
  }
  return offers
}

async function offersIn(repository: Repository): Promise<Offer[]> {
  const source = sourceOf(repository)
  return (await source.list()).map(version => ({repository, source, version}))
}

export function repositoryNamed(name: string, {repositories}: LocalSettings, folder?: string): Repository {
  const found = repositories.find(repository => repository.name === name)
  if (found) return found
  const known = repositories.map(repository => repository.name)
  throw repositoryNotFound(name, known, nearest(name, known), folder)
}

/** The words as a path, where a package lies there: someone may have meant it. */
function folderOf(path: string, {paths}: LocalSettings): string | undefined {
  return existsSync(resolve(paths.workDir, path, 'package.yaml')) ? path : undefined
}
