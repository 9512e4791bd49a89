import {type AppRef, formatRef, type PackageRef} from '../anchor/index.ts'
import {type BerthError, type FieldError, UserError} from '../errors.ts'
import type {Declared} from './file.ts'

export const circular = (apps: AppRef[]) =>
  new UserError('set.invalid', {
    message: `apps of the set use each other in a circle, so none can come first: ${apps.map(formatRef).join(', ')}`,
    details: {apps: apps.map(formatRef)},
  })

export const otherSet = (ref: AppRef, set: string) =>
  new UserError('set.conflict', {
    message: `${formatRef(ref)} belongs to the set ${set}`,
    details: {app: formatRef(ref), set},
    hint: `take it out of the file of ${set}, then: berth apply … --move   takes it over`,
  })

export const otherPackage = (ref: AppRef, {name, version}: PackageRef, why: string) =>
  new UserError('set.conflict', {
    message: `${formatRef(ref)} is ${name} ${version}: ${why}`,
    details: {app: formatRef(ref), package: name, version},
    hint: 'name the version that runs in the file: package: NAME@VERSION',
  })

/** Wrong answers, by their place in the set's file. */
export function inSet(error: unknown, {ref, pointer, line, column}: Declared): unknown {
  if (!(error instanceof UserError) || error.code !== 'params.invalid') return error
  const details = (error.details as FieldError[]).map(fault => ({
    line,
    column,
    ...fault,
    field: `${pointer}${fault.field}`,
  }))
  return new UserError('params.invalid', {message: `${formatRef(ref)}: ${error.message}`, details, hint: error.hint})
}

/** What is wrong in several apps, in one error: its code where they agree, and all of their evidence. */
export function together(errors: BerthError[]): UserError {
  const codes = new Set(errors.map(({code}) => code))
  const [code = 'preflight.failed'] = codes.size === 1 ? codes : []
  return new UserError(code, {
    message: [
      `${errors.length} apps cannot be brought about, and nothing was changed:`,
      ...errors.map(({message}) => `- ${message}`),
    ].join('\n'),
    details: errors.flatMap(({code, message, details}) =>
      Array.isArray(details) ? details : [{code, message, details}],
    ),
    hint: [...new Set(errors.flatMap(({hint}) => hint))],
  })
}
