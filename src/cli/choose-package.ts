import type {PackageRef} from '../lib/anchor/index.ts'
import type {LocalSettings} from '../lib/config/index.ts'
import {UserError} from '../lib/errors.ts'
import type {Package} from '../lib/package/index.ts'
import {parseReference, resolvePackage} from '../lib/repo/index.ts'
import {given} from './given.ts'

export interface ChosenPackage {
  pkg: Package
  /** How an app remembers it. */
  origin: PackageRef
}

/** The package that the operator names. @throws UserError as `resolvePackage` */
export async function choosePackage(text: string, settings: LocalSettings): Promise<ChosenPackage> {
  const {package: pkg, origin} = await resolvePackage(text, settings)
  const {name, version, appVersion} = pkg.manifest
  return {
    pkg,
    origin: {
      name,
      version,
      // who only asks about the package does not have a folder packed
      get digest() {
        return pkg.digest
      },
      ...given({appVersion, repository: origin.repository}),
    },
  }
}

/** The package that an answer names: answers may come from elsewhere, and name no files of this machine. */
export async function suggestedPackage(text: string, settings: LocalSettings): Promise<ChosenPackage> {
  if (parseReference(text, settings.paths.workDir).from === 'path')
    throw new UserError('usage.invalid', {
      message: `new:${text} names a file: an answer names a package of a repository`,
      hint: 'berth repo add NAME FOLDER   makes packages of a folder known',
    })
  return choosePackage(text, settings)
}
