import {readFileSync} from 'node:fs'
import {configInvalid} from './errors.ts'
import type {ClusterSettings, LocalPaths, LocalSettings} from './types.ts'

/** What this machine says; an absent file says nothing. @throws UserError `config.invalid`, with file, line and column */
export async function readSettings(paths: LocalPaths): Promise<LocalSettings> {
  const text = await readIfThere(paths.configFile)
  if (text === undefined || text.trim() === '') return {repositories: [], defaults: {}, clusters: {}, paths}
  // Only where there is something to read.
  const {parseConfig} = await import('./parse.ts')
  return {...parseConfig(text, paths.configFile), paths}
}

/** What a cluster's ConfigMap says; `name` is what errors call it. @throws UserError `config.invalid` */
export async function readClusterSettings(text: string, name: string): Promise<Partial<ClusterSettings>> {
  const {parseClusterSettings} = await import('./parse.ts')
  return parseClusterSettings(text, name)
}

/** The file's text, undefined where there is no file. @throws UserError `config.invalid` */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    // At once: one small file, for which Node would start its thread pool.
    return readFileSync(file, 'utf8')
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === undefined) throw error
    throw configInvalid(file, `cannot be read: ${message}`)
  }
}
