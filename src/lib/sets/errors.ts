import {type AppRef, formatRef, type PackageRef} from '../anchor/index.ts'
import {type BerthError, UserError} from '../errors.ts'
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

/** An app, and where the set's file declares it, if it does. */
export type Place = Pick<Declared, 'ref'> & Partial<Pick<Declared, 'pointer' | 'line' | 'column'>>

/** What is wrong in one app of a set, by its name; wrong answers by their place in the file. */
export function inSet(error: BerthError, {ref, pointer, line, column}: Place): UserError {
  const app = formatRef(ref)
  const {code, hint} = error
  const message = error.message.startsWith(app) ? error.message : `${app}: ${error.message}`
  const found = isList(error.details) ? error.details : [{code, message, details: error.details}]
  const details = found.map(fault => ({
    app,
    line,
    column,
    ...fault,
    ...('field' in fault && code === 'params.invalid' && {field: `${pointer}${fault.field}`}),
  }))
  return new UserError(code, {message, details, hint, cause: error})
}

const isList = (details: unknown): details is object[] =>
  Array.isArray(details) && details.every(each => typeof each === 'object')

/** What is wrong in several apps, in one error: its code where they agree, and all of their evidence. */
export function together(errors: UserError[]): UserError {
  const [first, ...more] = errors
  if (first !== undefined && more.length === 0) return first
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
