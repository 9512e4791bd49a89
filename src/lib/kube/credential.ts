import {readFile} from 'node:fs/promises'
import {configInvalid} from './kubeconfig-errors.ts'

export type Environment = Record<string, string | undefined>

/** What a request carries to prove who asks. Never logged, never in an error. */
export interface Credentials {
  headers: Record<string, string | string[]>
  /** PEM. A change means new connections. */
  cert?: string | Buffer
  key?: string | Buffer
}

/**
 * Gives the credentials of the moment: cached while valid, asked for again with `renew` (after a 401).
 * @throws UserError `cluster.config-invalid`, RemoteError `cluster.unauthorized` where a plugin fails
 */
export type Authenticate = (options: {renew: boolean; signal?: AbortSignal | undefined}) => Promise<Credentials>

/** Data wins over a file, as in client-go. */
export async function pemOf(file: string | undefined, data: string | undefined): Promise<Buffer | undefined> {
  if (data !== undefined) return Buffer.from(data, 'base64')
  if (file === undefined) return undefined
  return readFile(file).catch((error: Error) => {
    throw configInvalid(file, error.message, error)
  })
}

/** A line break at the end of a token (`echo token > file`) would be an invalid header. */
export const bearer = (token: string) => ({Authorization: `Bearer ${token.trim()}`})
