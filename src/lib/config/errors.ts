import {UserError} from '../errors.ts'

/** A fault in a configuration file, with where it stands. */
export const configInvalid = (file: string, message: string, at?: {line: number; column: number}, hint?: string) =>
  new UserError('config.invalid', {
    message: `${file}${at ? `:${at.line}:${at.column}` : ''}: ${message}`,
    details: {file, ...at},
    ...(hint === undefined ? {} : {hint}),
  })
