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

async function summariesOf(repository: Repository, report: Report): Promise<PackageSummary[]> {
  try {
    const source = sourceOf(repository)
    const byName = Map.groupBy(await source.list(), ({name}) => name)
    const summaries = await Promise.all(
      [...byName.values()].map(versions => summary(repository.name, source, versions, report)),
    )
    return summaries.filter(found => found !== undefined)
  } catch (error) {
    report({type: 'warning', message: `the repository ${repository.name} cannot be read: ${messageOf(error)}`})
    return []
  }
}

async function summary(
  repository: string,
  source: PackageSource,
  versions: PackageVersion[],
  report: Report,
): Promise<PackageSummary | undefined> {
  const newest = versions.find(({version}) => !version.includes('-')) ?? versions[0]
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
