import gt from 'semver/functions/gt.js'
import valid from 'semver/functions/valid.js'
import type {LocalSettings, Repository} from '../config/index.ts'
import type {Report} from '../progress.ts'
import {sourceOf} from './source.ts'
import type {PackageSource, PackageSummary, PackageVersion} from './types.ts'

/**
 * The packages of all repositories whose name, title or description has the term; all without one. A repository or package that cannot
 * be read is warned of, the others are still found.
 */
export async function searchPackages(
  term: string | undefined,
  settings: LocalSettings,
  report: Report,
): Promise<PackageSummary[]> {
  const found = await Promise.all(settings.repositories.map(repository => summariesOf(repository, report)))
  const wanted = term?.toLowerCase()
  return found
    .flat()
    .filter(
      ({name, title, description}) =>
        wanted === undefined || [name, title, description].some(text => text?.toLowerCase().includes(wanted)),
    )
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/**
 * Tells what version of a package its repository has that is newer than another, if it has one; of a folder, its manifests say. A
 * pre-release is none, unless there is no other.
 */
export async function findNewer(
  {repositories}: LocalSettings,
  report: Report,
): Promise<(of: {repository: string | null; package: string; version: string}) => string | undefined> {
  const found = await Promise.all(
    repositories.map(({name: repository, location}) =>
      reading(repository, report, async () => {
        const byName = Map.groupBy(await sourceOf({name: repository, location}).list(), ({name}) => name)
        return [...byName].map(([name, versions]) => [`${repository}/${name}`, newestOf(versions)?.version] as const)
      }),
    ),
  )
  const newest = new Map(found.flat())
  return ({repository, package: name, version}) => {
    const offered = newest.get(`${repository}/${name}`)
    return offered !== undefined && valid(version) && gt(offered, version) ? offered : undefined
  }
}

const newestOf = (versions: PackageVersion[]): PackageVersion | undefined =>
  versions.find(({version}) => !version.includes('-')) ?? versions[0]

async function reading<T>(repository: string, report: Report, read: () => Promise<T[]>): Promise<T[]> {
  try {
    return await read()
  } catch (error) {
    report({type: 'warning', message: `the repository ${repository} cannot be read: ${messageOf(error)}`})
    return []
  }
}

async function summariesOf(repository: Repository, report: Report): Promise<PackageSummary[]> {
  return reading(repository.name, report, async () => {
    const source = sourceOf(repository)
    const byName = Map.groupBy(await source.list(), ({name}) => name)
    const summaries = await Promise.all(
      [...byName.values()].map(versions => summary(repository.name, source, versions, report)),
    )
    return summaries.filter(found => found !== undefined)
  })
}

async function summary(
  repository: string,
  source: PackageSource,
  versions: PackageVersion[],
  report: Report,
): Promise<PackageSummary | undefined> {
  const newest = newestOf(versions)
  if (!newest) return undefined
  try {
    const {title, description, appVersion} = (await source.fetch(newest)).manifest
    const words = Object.entries({title, description, appVersion}).filter(([, value]) => value !== undefined)
    return {...newest, repository, ...Object.fromEntries(words), versions: versions.map(({version}) => version)}
  } catch (error) {
    report({type: 'warning', message: `${repository}/${newest.name} cannot be read: ${messageOf(error)}`})
    return undefined
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message.split('\n', 1)[0] : String(error))
