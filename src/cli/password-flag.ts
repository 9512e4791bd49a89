import {string} from '@oclif/core/flags'
import {wrongUsage} from './errors.ts'

/** For commands that make a login. An argument would be seen by everybody on this machine. */
export const passwordFlag = {
  'password-env': string({
    summary: 'take the password from this environment variable; generated without',
    helpValue: 'VARIABLE',
  }),
}

/** @throws UserError `usage.invalid` where the variable is not set */
export function passwordFrom(
  flags: {'password-env'?: string | undefined},
  env: Record<string, string | undefined>,
  words: string,
): string | undefined {
  const {'password-env': variable} = flags
  if (variable === undefined) return undefined
  const {[variable]: password = ''} = env
  if (password === '') throw wrongUsage(`the environment variable ${variable} is not set, or empty`, words)
  return password
}
