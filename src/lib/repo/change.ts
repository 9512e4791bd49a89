import {isAbsolute, resolve} from 'node:path'
import {
  removeRepository as eraseRepository,
  isRepositoryName,
  type LocalSettings,
  type Repository,
  addRepository as writeRepository,
} from '../config/index.ts'
import {badRepositoryName, repositoryExists} from './errors.ts'
import {repositoryNamed} from './resolve.ts'
import {checkLocation, isRemote, sourceOf} from './source.ts'

/**
 * Adds a repository to the operator's configuration, after a look at it.
 * @returns it, with how many packages it has now
 * @throws UserError `usage.invalid`, `repo.exists`, `repo.not-found`, `repo.invalid`, `config.invalid`
 */
export async function addRepository(
  {name, location}: Repository,
  settings: LocalSettings,
): Promise<Repository & {packages: number}> {
  if (!isRepositoryName(name)) throw badRepositoryName(name)
  const existing = settings.repositories.find(repository => repository.name === name)
  if (existing) throw repositoryExists(name, existing.location)
  const absolute = isRemote(location) || isAbsolute(location) ? location : resolve(settings.paths.workDir, location)
  await checkLocation(absolute)
  const repository = {name, location: absolute}
  const packages = new Set((await sourceOf(repository).list()).map(version => version.name)).size
  await writeRepository(settings.paths.configFile, repository)
  return {...repository, packages}
}

/** Forgets a repository; what was installed from it stays installed. @throws UserError `repo.not-found`, `config.invalid` */
export async function removeRepository(name: string, settings: LocalSettings): Promise<Repository> {
  const repository = repositoryNamed(name, settings)
  await eraseRepository(settings.paths.configFile, name)
  return repository
}
