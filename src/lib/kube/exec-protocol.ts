import {RemoteError} from '../errors.ts'
import {ofKubelet} from './status.ts'
import type {ExecResult, Status} from './types.ts'

/** The first byte of a frame (KEP-4006); `close` with a channel's number half-closes that channel, from v5 on. */
export const channels = {stdin: 0, stdout: 1, stderr: 2, error: 3, close: 255} as const

/** With its channel byte a frame stays within 64 KiB: larger ones have been refused on the way. */
const largestPayload = 64 * 1024 - 1

/** Cuts stdin into frames for its channel. */
export async function* framesOf(stdin: AsyncIterable<unknown> | Uint8Array): AsyncGenerator<Buffer> {
  const chunks = stdin instanceof Uint8Array ? [stdin] : stdin
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
    for (let start = 0; start < bytes.length; start += largestPayload) {
      yield Buffer.concat([Buffer.from([channels.stdin]), bytes.subarray(start, start + largestPayload)])
    }
  }
}

/**
 * The exit code in the status of the error channel.
 * @throws RemoteError where the command did not run to its end
 */
export function exitOf(payload: Buffer, where: string): ExecResult {
  let status: Status
  try {
    status = JSON.parse(payload.toString('utf8'))
  } catch {
    throw new RemoteError('cluster.unavailable', {
      message: `the status of the command in ${where} cannot be read`,
      reason: 'BadStatus',
    })
  }
  if (status.status === 'Success') return {exitCode: 0}
  const exitCode = Number(status.details?.causes?.find(cause => cause.reason === 'ExitCode')?.message)
  if (status.reason === 'NonZeroExitCode' && Number.isInteger(exitCode)) return {exitCode}
  throw new RemoteError('cluster.rejected', {
    message: `the command in ${where} did not run to its end: ${ofKubelet(status.message ?? status.reason ?? 'no reason given')}`,
    reason: status.reason ?? 'Unknown',
    ...(status.code !== undefined && {status: status.code}),
    details: {pod: where, causes: status.details?.causes ?? []},
  })
}
