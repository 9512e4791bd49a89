import {readFileSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import type {Environment} from './credential.ts'
import {inClusterChoice} from './in-cluster.ts'
import {type Choice, type Entries, readEntries} from './kubeconfig-entries.ts'
import {configInvalid, contextNotFound, noConfig, noCurrentContext} from './kubeconfig-errors.ts'

/** Where to look for the cluster. */
export interface KubeconfigOptions {
  /** A file, as in `--kubeconfig`; `env.KUBECONFIG` (a list of files), then `~/.kube/config`, then the pod's own account without it. */
  kubeconfig?: string
  /** A context of it; its current context without. */
  context?: string
  namespace?: string
  env?: Environment
}

/**
 * Reads the kubeconfig and picks a context.
 * @throws UserError `cluster.no-config`, `cluster.config-invalid`, `cluster.context-not-found`
 */
export async function chooseCluster({kubeconfig, context, namespace, env = {}}: KubeconfigOptions): Promise<Choice> {
  const candidates = kubeconfig === undefined ? candidateFiles(env) : [kubeconfig]
  const files: string[] = []
  const all: Entries[] = []
  for (const file of candidates) {
    const text = await readText(file, kubeconfig !== undefined)
    if (text === undefined) continue
    files.push(file)
    all.push(readEntries(await parse(text, file), {file, folder: dirname(file)}))
  }
  if (all.length > 0) return choose(merge(all), files.join(', '), context, namespace)
  const inCluster = await inClusterChoice(env)
  if (inCluster === undefined) throw noConfig(candidates)
  if (context !== undefined) throw contextNotFound(context, [], 'the account of the pod has no contexts')
  return {...inCluster, namespace: namespace ?? inCluster.namespace}
}

function candidateFiles(env: Environment): string[] {
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter(each => each !== '')
  if (listed.length > 0) return listed
  const home = env.HOME ?? env.USERPROFILE
  return home === undefined || home === '' ? [] : [join(home, '.kube', 'config')]
}

/** A missing file is an error only where someone named it with a flag: kubectl skips missing files of the list. */
async function readText(file: string, mustExist: boolean): Promise<string | undefined> {
  try {
    const text = readFileSync(file, 'utf8')
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

/** The first file to name a thing wins, as in kubectl. (client-node's own merge throws on a name that two files have.) */
function merge(files: Entries[]): Entries {
  const lastFirst = files.toReversed()
  return {
    current: files.find(({current}) => current !== undefined)?.current,
    contexts: new Map(lastFirst.flatMap(({contexts}) => [...contexts])),
    clusters: new Map(lastFirst.flatMap(({clusters}) => [...clusters])),
    users: new Map(lastFirst.flatMap(({users}) => [...users])),
  }
}

function choose(
  {current, contexts, clusters, users}: Entries,
  where: string,
  name = current,
  namespace: string | undefined,
): Choice {
  if (name === undefined || name === '') throw noCurrentContext([...contexts.keys()], where)
  const context = contexts.get(name)
  if (context === undefined) throw contextNotFound(name, [...contexts.keys()], where)
  const missing = (what: string) => configInvalid(where, `context ${name} names the ${what}, which is not there`)
  const cluster = clusters.get(context.cluster)
  if (cluster === undefined) throw missing(`cluster ${context.cluster}`)
  const user = context.user === undefined ? undefined : users.get(context.user)
  if (context.user !== undefined && user === undefined) throw missing(`user ${context.user}`)
  return {context: name, namespace: namespace ?? context.namespace ?? 'default', cluster, user}
}
