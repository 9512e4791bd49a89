import {resolve} from 'node:path'
import validRange from 'semver/ranges/valid.js'
import {referenceInvalid} from './errors.ts'
import type {PackageReference} from './types.ts'

const NAME = /^(?:(?<repository>[^/@]+)\/)?(?<name>[^/@]+)(?:@(?<range>.+))?$/
const WORD = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/**
 * Reads what a person wrote. A path is what looks like one, whatever lies there: a folder that happens to be called like a package never
 * takes its place. With a slash at the end, or two, it can be nothing else.
 * @throws UserError `usage.invalid`
 */
export function parseReference(text: string, workDir: string): PackageReference {
  if (/^[a-z0-9]+:\/\//.test(text)) throw referenceInvalid(text, 'berth reads packages from folders and files so far')
  if (/^\.{0,2}\/|^\.{1,2}$|\/.*\/|\/$|\.tgz$|\.tar\.gz$/.test(text))
    return {from: 'path', path: resolve(workDir, text)}
  const {repository, name = '', range} = NAME.exec(text)?.groups ?? {}
  if (!WORD.test(name))
    throw referenceInvalid(
      text,
      name === '' ? 'the name is missing' : 'a name has lower-case letters, digits and dashes',
    )
  if (range !== undefined && validRange(range) === null)
    throw referenceInvalid(text, `"${range}" is neither a version nor a range of versions`)
  return {from: 'repository', repository, name, range}
}
