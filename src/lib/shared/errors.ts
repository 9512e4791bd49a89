import {formatRef} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import type {SharedKind, SharedRef, SharedUser} from './scope.ts'
import {scopeOf} from './scope.ts'

const words = {value: 'shared value', service: 'service'} as const

/** `-n web`, or `--cluster`. */
const flagOf = (ref: SharedRef): string => (scopeOf(ref) === 'cluster' ? '--cluster' : `-n ${ref.namespace}`)

export const badName = (kind: SharedKind, name: string) =>
  new UserError('usage.invalid', {
    message: `"${name}" cannot be the name of a ${words[kind]}: lower-case letters, digits and hyphens, 63 at most`,
  })

export const longName = (name: string, limit: number) =>
  new UserError('usage.invalid', {
    message: `"${name}" is too long for a service where each app gets its own: ${limit} characters at most`,
  })

export const notFound = (kind: SharedKind, ref: SharedRef) =>
  new UserError(`${kind}.not-found`, {
    message: `there is no ${words[kind]} ${ref.name} in namespace ${ref.namespace}`,
    details: {[kind]: formatRef(ref)},
    hint: `berth ${kind} list -n ${ref.namespace}   shows those there are`,
  })

export const inUse = (kind: SharedKind, ref: SharedRef, users: SharedUser[]) =>
  new UserError(`${kind}.in-use`, {
    message: `${words[kind]} ${formatRef(ref)} is in use by ${users
      .map(({app, parameters, kept}) => `${formatRef(app)} (${parameters.join(', ')}${kept ? ', kept data' : ''})`)
      .join(', ')}`,
    details: {[kind]: formatRef(ref), users},
    hint: users.every(({kept}) => kept)
      ? '--force forgets whose that data is: it stays where it is'
      : `--force takes it away all the same: these apps keep what they have, and cannot be changed until they are told otherwise`,
  })

export const usersUnknown = (kind: SharedKind, ref: SharedRef) =>
  new UserError(`${kind}.in-use`, {
    message: `${words[kind]} ${formatRef(ref)} may be in use: you may not list ConfigMaps in all namespaces, so nobody can tell`,
    details: {[kind]: formatRef(ref), users: null},
    hint: '--force takes it away all the same',
  })

export const otherKind = (ref: SharedRef, isSecret: boolean) =>
  new UserError('value.exists', {
    message: `${formatRef(ref)} is ${isSecret ? 'a secret' : 'a plain'} value and cannot become ${isSecret ? 'plain' : 'secret'}: where it may stand differs`,
    details: {value: formatRef(ref)},
    hint: `berth value delete ${ref.name} ${flagOf(ref)}   and set it anew`,
  })

export const serviceExists = (ref: SharedRef) =>
  new UserError('service.exists', {
    message: `service ${formatRef(ref)} is registered already`,
    details: {service: formatRef(ref)},
    hint: '--replace says all of it anew; apps take it with their next change',
  })

export const unknownInterface = (name: string, known: string[]) =>
  new UserError('usage.invalid', {message: `there is no interface ${name}: known are ${known.sort().join(', ')}`})

export const cannotServe = (pkg: string, kind: string) =>
  new UserError('usage.invalid', {
    message: `${pkg} cannot serve a ${kind} that it did not install: it provides none with grant.run.outside`,
    hint: 'without --by, every app uses what is said of the service',
  })

export const tooLong = (ref: SharedRef, limit: number) =>
  new UserError('usage.invalid', {
    message: `the value of ${formatRef(ref)} is longer than ${limit / 1024} KiB: each app that uses it keeps a copy`,
  })
