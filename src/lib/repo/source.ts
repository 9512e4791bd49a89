import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {Repository} from '../config/index.ts'
import {locationInvalid, locationNotFound} from './errors.ts'
import {folderSource} from './folder.ts'
import type {PackageSource} from './types.ts'

/** How to read a repository, by its location. Further kinds (`https://`, `s3://`, `oci://`) are further lines here. */
export function sourceOf({name, location}: Repository): PackageSource {
  if (isRemote(location)) throw locationInvalid(location, 'berth reads repositories from folders so far')
  return folderSource(location, name)
}

/** Looks before a location is written down. @throws UserError `repo.not-found`, `repo.invalid` */
export async function checkLocation(location: string): Promise<void> {
  if (isRemote(location)) throw locationInvalid(location, 'berth reads repositories from folders so far')
  const found = await stat(location).catch(() => undefined)
  if (!found) throw locationNotFound(location)
  if (!found.isDirectory()) throw locationInvalid(location, 'it is a file', 'name the folder that it lies in')
  if (await stat(join(location, 'package.yaml')).catch(() => undefined))
    throw locationInvalid(location, 'it is a package itself', `berth repo add NAME ${join(location, '..')}`)
}

export const isRemote = (location: string) => /^[a-z0-9]+:\/\//.test(location)
