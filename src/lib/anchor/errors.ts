import {UserError} from '../errors.ts'
import {isForbidden} from '../kube/index.ts'
import type {AppRef} from './names.ts'
import {anchorName, formatRef, serviceOf} from './names.ts'
import type {Operation} from './types.ts'

export function corruptAnchor(ref: AppRef, where: string, why: string, cause?: unknown): UserError {
  const service = serviceOf(ref)
  return new UserError('app.corrupt', {
    message: `${formatRef(ref)}: what the cluster holds about it cannot be read: ${where} of ConfigMap ${anchorName(ref.name)}: ${why}`,
    details: {app: formatRef(ref), part: where, why},
    hint: service
      ? `berth service remove ${service.name} -n ${ref.namespace} --force   register it again, and binding refresh has its users recorded`
      : `berth app recover ${ref.name} -n ${ref.namespace}   rebuild it from the app's objects and Secrets`,
    cause,
  })
}

/** What the cluster holds about an app cannot be read. */
export const isCorrupt = (error: unknown): boolean => error instanceof UserError && error.code === 'app.corrupt'

/** What is recorded of an app may not be read, or cannot. */
export const isUnreadable = (error: unknown): boolean => isForbidden(error) || isCorrupt(error)

export const appNotFound = (ref: AppRef, meant?: string) =>
  new UserError('app.not-found', {
    message: `there is no app ${ref.name} in namespace ${ref.namespace}`,
    details: {app: formatRef(ref), ...(meant !== undefined && {meant})},
    hint:
      meant !== undefined
        ? `did you mean ${meant}?`
        : [
            'berth app list -A   shows every app',
            `berth app recover ${ref.name} -n ${ref.namespace}   if it is there, and only what berth recorded of it was deleted`,
          ],
  })

const describeOperation = (operation: Operation): string =>
  `${operation.kind} by ${operation.holder.who} on ${operation.holder.host} since ${operation.since}${operation.step === undefined ? '' : `, at: ${operation.step}`}`

export const appLocked = (ref: AppRef, operation: Operation) =>
  new UserError('app.locked', {
    message: `${formatRef(ref)} is being changed: ${describeOperation(operation)}`,
    details: {
      app: formatRef(ref),
      operation: {
        id: operation.id,
        kind: operation.kind,
        since: operation.since,
        who: operation.holder.who,
        host: operation.holder.host,
        step: operation.step,
      },
    },
    hint: [
      `berth app status ${ref.name} -n ${ref.namespace}   see how it goes`,
      'if that process is gone, try again in a minute: the lock frees itself',
    ],
  })

export const lockLost = (ref: AppRef, why: string) =>
  new UserError('operation.lost', {
    message: `${formatRef(ref)}: this operation no longer holds the app: ${why}. It has written nothing since`,
    hint: `berth app status ${ref.name} -n ${ref.namespace}   see who holds it now`,
  })

/** ConfigMaps and Secrets end at 1 MiB; annotations together at 256 KiB (apimachinery's TotalAnnotationSizeLimitB). */
export const tooLarge = (what: string, size: number, limit: number, offenders: {name: string; size: number}[]) =>
  new UserError('state.too-large', {
    message: `${what} would be ${kib(size)}, more than the ${kib(limit)} that Kubernetes keeps; largest: ${offenders
      .slice(0, 3)
      .map(({name, size}) => `${name} (${kib(size)})`)
      .join(', ')}`,
    details: {what, size, limit, offenders},
    hint: 'shorten the answers, or give large ones as files that the package mounts',
  })

const kib = (bytes: number): string => `${Math.ceil(bytes / 1024)} KiB`
