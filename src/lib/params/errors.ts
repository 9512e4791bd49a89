import {type FieldError, UserError} from '../errors.ts'
import {fromPointer} from './json.ts'

/** All wrong fields in one error: a line each, the same as data in `details`. */
export function invalidAnswers(errors: readonly FieldError[], packageName?: string): UserError {
  const lines = errors.map(error => `  ${describeFieldError(error)}`)
  const whose = packageName === undefined ? '' : ` for ${packageName}`
  return new UserError('params.invalid', {
    message: [`the answers${whose} are not valid:`, ...lines].join('\n'),
    details: errors,
  })
}

/** `smtp.port (line 3, column 5) must be at least 1`; what is about all answers has no name. */
export function describeFieldError({field, message, line, column}: FieldError): string {
  const name = fromPointer(field).join('.')
  const place = line === undefined ? '' : `(line ${line}, column ${column})`
  return [name, place, message].filter(part => part !== '').join(' ')
}
