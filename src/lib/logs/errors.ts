import {RemoteError, UserError} from '../errors.ts'
import {nearest} from '../nearest.ts'

export const noSuchPart = (what: 'component' | 'container', name: string, known: string[]) => {
  const meant = nearest(name, known)
  return new UserError('usage.invalid', {
    message: `no pod here has a ${what} ${name}; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ') || 'none'}`,
    details: {[what]: name, known},
    ...(meant !== undefined && {hint: `did you mean --${what} ${meant}?`}),
  })
}

export const noLog = (said: string) =>
  new RemoteError('cluster.rejected', {message: said, status: 404, reason: 'NotFound'})

export const tooMany = (containers: number, most: number) =>
  new UserError('usage.invalid', {
    message: `${containers} containers are more than can be read at a time (${most})`,
    details: {containers, most},
    hint: 'fewer with --component, --container',
  })

export const badPattern = (pattern: string, why: string) =>
  new UserError('usage.invalid', {
    message: `--grep ${pattern} is no pattern: ${why}`,
    hint: 'the syntax is that of RE2: no look-around, no back-references; \\. for a dot',
  })
