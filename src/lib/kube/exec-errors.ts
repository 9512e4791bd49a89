import {RemoteError} from '../errors.ts'
import type {Status} from './status-body.ts'

export const connectionLost = (where: string, why: string) =>
  new RemoteError('cluster.unavailable', {
    message: `the connection to the command in ${where} was lost (${why}): whether it ran to its end is not known`,
    reason: 'ConnectionLost',
    details: {pod: where},
  })

export const execTimedOut = (where: string, command: string[], timeout: number) =>
  new RemoteError('cluster.unavailable', {
    message: `${command[0] ?? 'the command'} in ${where} did not end within ${timeout / 1000} s`,
    reason: 'ExecTimeout',
    details: {pod: where, timeout},
  })

/** The runtime could not start the command, or something between lost it. */
export const execRefused = (where: string, status: Status) =>
  new RemoteError('cluster.rejected', {
    message: `the command in ${where} did not run to its end: ${status.message ?? status.reason ?? 'no reason given'}`,
    reason: status.reason ?? 'Unknown',
    ...(status.code !== undefined && {status: status.code}),
    details: {pod: where, causes: status.details?.causes ?? []},
  })
