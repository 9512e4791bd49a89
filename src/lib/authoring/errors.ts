import {UserError} from '../errors.ts'
import type {Finding, Manifest} from '../package/index.ts'

export const badName = (name: string) =>
  new UserError('usage.invalid', {
    message: `"${name}" cannot be the name of a package`,
    hint: 'a name has up to 40 lower-case letters, digits and dashes, and begins with a letter',
  })

export const folderNotEmpty = (folder: string) =>
  new UserError('package.exists', {
    message: `${folder} is not empty`,
    details: {folder},
    hint: 'choose another folder with --dir',
  })

/** Faults that lint found; warnings come along in the details. */
export const faulty = ({name, version}: Manifest, findings: Finding[]) => {
  const errors = findings.filter(({severity}) => severity === 'error').length
  return new UserError('package.invalid', {
    message: `${name} ${version} has ${errors === 1 ? 'one fault' : `${errors} faults`}`,
    details: findings,
  })
}
