import {readFile} from 'node:fs/promises'
import {delimiter, dirname, isAbsolute, join} from 'node:path'
import {inClusterChoice} from './in-cluster.ts'
import {type Choice, type ClusterEntry, type ContextEntry, readEntries, type UserEntry} from './kubeconfig-entries.ts'
import {configInvalid, contextNotFound, noConfig, noCurrentContext} from './kubeconfig-errors.ts'

/** Where to look for the cluster. */
export interface KubeconfigOptions {
  /** A file, as in `--kubeconfig`; `env.KUBECONFIG` (a list of files), then `~/.kube/config`, then the pod's own account without it. */
  kubeconfig?: string
  /** A context of it; its current context without. */
  context?: string
  namespace?: string
  env?: Record<string, string | undefined>
}

/** All files together, the first to name a thing wins, as in kubectl. (client-node's own merge throws on a name that two files have.) */
interface Merged {
  files: string[]
  current: string | undefined
  contexts: Map<string, ContextEntry>
  clusters: Map<string, ClusterEntry>
  users: Map<string, UserEntry>
}

/**
 * Reads the kubeconfig and picks a context.
 * @throws UserError `cluster.no-config`, `cluster.config-invalid`, `cluster.context-not-found`
 */
export async function chooseCluster(options: KubeconfigOptions): Promise<Choice> {
  const env = options.env ?? {}
  const files = candidateFiles(options.kubeconfig, env)
  const merged = await readFiles(files, options.kubeconfig !== undefined)
  if (merged.files.length > 0) return choose(merged, options)
  const inCluster = await inClusterChoice(env)
  if (inCluster === undefined) throw noConfig(files)
  if (options.context !== undefined)
    throw contextNotFound(options.context, [], 'the account of the pod has no contexts')
  return {...inCluster, namespace: options.namespace ?? inCluster.namespace}
}

function candidateFiles(file: string | undefined, env: Record<string, string | undefined>): string[] {
  if (file !== undefined) return [file]
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter(each => each !== '')
  if (listed.length > 0) return listed
  const home = env.HOME ?? env.USERPROFILE
  return home === undefined || home === '' ? [] : [join(home, '.kube', 'config')]
}

async function readFiles(files: string[], mustExist: boolean): Promise<Merged> {
  const merged: Merged = {files: [], current: undefined, contexts: new Map(), clusters: new Map(), users: new Map()}
  for (const file of files) {
    const text = await readText(file, mustExist)
    if (text === undefined) continue
    const entries = readEntries(await parse(text, file), file, path => fromFolder(dirname(file), path))
    merged.files.push(file)
    merged.current ||= entries.current
    for (const part of ['contexts', 'clusters', 'users'] as const) {
      for (const [name, entry] of entries[part]) addFirst(merged[part] as Map<string, unknown>, name, entry)
    }
  }
  return merged
}

/** A missing file is an error only where someone named it with a flag: kubectl skips missing files of the list. */
async function readText(file: string, mustExist: boolean): Promise<string | undefined> {
  try {
    const text = await readFile(file, 'utf8')
    return text.trim() === '' ? undefined : text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !mustExist) return undefined
    throw configInvalid(file, (error as Error).message, error)
  }
}

async function parse(text: string, file: string): Promise<unknown> {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text)
    } catch {
      // YAML has a flow syntax that looks like JSON; its parser decides.
    }
  }
  const {parseYaml} = await import('./kubeconfig-yaml.ts')
  return parseYaml(text, file)
}

function choose(merged: Merged, options: KubeconfigOptions): Choice {
  const where = merged.files.join(', ')
  const name = options.context ?? merged.current
  if (name === undefined || name === '') throw noCurrentContext([...merged.contexts.keys()], where)
  const context = merged.contexts.get(name)
  if (context === undefined) throw contextNotFound(name, [...merged.contexts.keys()], where)
  const cluster = merged.clusters.get(context.cluster)
  if (cluster === undefined)
    throw configInvalid(where, `context ${name} names the cluster ${context.cluster}, which is not there`)
  const user = context.user === undefined ? undefined : merged.users.get(context.user)
  if (context.user !== undefined && user === undefined) {
    throw configInvalid(where, `context ${name} names the user ${context.user}, which is not there`)
  }
  return {context: name, namespace: options.namespace ?? context.namespace ?? 'default', cluster, user}
}

/** Paths in a kubeconfig are relative to the file; commands only where they have a slash (else they come from PATH). */
function fromFolder(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path)
}

function addFirst<V>(map: Map<string, V>, name: string, value: V): void {
  if (!map.has(name)) map.set(name, value)
}
