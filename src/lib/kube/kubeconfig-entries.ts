import {isAbsolute, join} from 'node:path'
import {configInvalid} from './kubeconfig-errors.ts'

/** A cluster of a kubeconfig, with absolute paths. Keys not known here mean nothing to a client. */
export interface ClusterEntry {
  name: string
  server: URL
  caFile?: string | undefined
  /** PEM in base64. */
  caData?: string | undefined
  insecure: boolean
  tlsServerName?: string | undefined
  proxyUrl?: string | undefined
  disableCompression: boolean
}

export interface UserEntry {
  name: string
  token?: string | undefined
  tokenFile?: string | undefined
  certFile?: string | undefined
  certData?: string | undefined
  keyFile?: string | undefined
  keyData?: string | undefined
  basic?: {username: string; password: string} | undefined
  exec?: ExecEntry | undefined
  authProvider?: {name: string; config: Record<string, unknown>} | undefined
  /** `Impersonate-*` headers, from `as`, `as-uid`, `as-groups`, `as-user-extra`. */
  impersonate: Record<string, string | string[]>
}

export interface ExecEntry {
  command: string
  args: string[]
  env: Record<string, string>
  apiVersion: string
  installHint: string | undefined
  provideClusterInfo: boolean
}

export interface ContextEntry {
  cluster: string
  user: string | undefined
  namespace: string | undefined
}

/** One cluster, one user and one namespace: what the options chose. */
export interface Choice {
  context: string | undefined
  namespace: string
  cluster: ClusterEntry
  user: UserEntry | undefined
}

export interface Entries {
  current: string | undefined
  contexts: Map<string, ContextEntry>
  clusters: Map<string, ClusterEntry>
  users: Map<string, UserEntry>
}

/** Where a kubeconfig is: faults name the file, and paths in it are relative to its folder. */
export interface Place {
  file: string
  folder: string
}

/** Reads one file's content into typed entries: the edge, where the shape of what others wrote is checked. */
export function readEntries(content: unknown, place: Place): Entries {
  if (!isFields(content))
    throw configInvalid(place.file, 'it is not a kubeconfig (a map with clusters, users and contexts)')
  const read = <T>(list: string, item: string, make: (entry: Entry, name: string) => T): Map<string, T> => {
    const entries = content[list] ?? []
    if (!Array.isArray(entries)) throw configInvalid(place.file, `${list} is not a list`)
    const found = new Map<string, T>()
    entries.forEach((each: unknown, index) => {
      const where = `${list}[${index}]`
      if (!isFields(each) || typeof each.name !== 'string' || each.name === '')
        throw configInvalid(place.file, `${where}.name is missing`)
      const fields = each[item] ?? {}
      if (!isFields(fields)) throw configInvalid(place.file, `${where}.${item} is not a map`)
      if (!found.has(each.name)) found.set(each.name, make(new Entry(fields, `${where}.${item}.`, place), each.name))
    })
    return found
  }
  return {
    current: new Entry(content, '', place).text('current-context'),
    contexts: read('contexts', 'context', entry => ({
      cluster: entry.required('cluster'),
      user: entry.text('user'),
      namespace: entry.text('namespace'),
    })),
    clusters: read('clusters', 'cluster', readCluster),
    users: read('users', 'user', readUser),
  }
}

function readCluster(entry: Entry, name: string): ClusterEntry {
  const server = URL.parse(entry.required('server'))
  if (server === null || !/^https?:$/.test(server.protocol))
    throw entry.wrong('server', 'is not an http or https address')
  return {
    name,
    server,
    insecure: entry.fields['insecure-skip-tls-verify'] === true,
    disableCompression: entry.fields['disable-compression'] === true,
    caFile: entry.path('certificate-authority'),
    caData: entry.text('certificate-authority-data'),
    tlsServerName: entry.text('tls-server-name'),
    proxyUrl: entry.text('proxy-url'),
  }
}

function readUser(entry: Entry, name: string): UserEntry {
  const username = entry.text('username')
  const exec = entry.below('exec')
  const provider = entry.below('auth-provider')
  return {
    name,
    impersonate: readImpersonation(entry.fields),
    token: entry.text('token'),
    tokenFile: entry.path('tokenFile'),
    certFile: entry.path('client-certificate'),
    certData: entry.text('client-certificate-data'),
    keyFile: entry.path('client-key'),
    keyData: entry.text('client-key-data'),
    basic: username === undefined ? undefined : {username, password: entry.text('password') ?? ''},
    exec: exec && readExec(exec),
    authProvider: provider && {name: provider.required('name'), config: provider.below('config')?.fields ?? {}},
  }
}

function readExec(entry: Entry): ExecEntry {
  const {args, env, provideClusterInfo} = entry.fields
  const command = entry.required('command')
  return {
    // Without a slash it comes from PATH.
    command: /[\\/]/.test(command) ? entry.absolute(command) : command,
    args: Array.isArray(args) ? args.map(String) : [],
    env: Object.fromEntries(
      (Array.isArray(env) ? env.filter(isFields) : []).map(each => [String(each.name), String(each.value ?? '')]),
    ),
    apiVersion: entry.required('apiVersion'),
    provideClusterInfo: provideClusterInfo === true,
    installHint: entry.text('installHint'),
  }
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function readImpersonation(fields: Fields): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  if (typeof fields.as === 'string') headers['Impersonate-User'] = fields.as
  if (typeof fields['as-uid'] === 'string') headers['Impersonate-Uid'] = fields['as-uid']
  if (Array.isArray(fields['as-groups'])) headers['Impersonate-Group'] = fields['as-groups'].map(String)
  const extra = isFields(fields['as-user-extra']) ? fields['as-user-extra'] : {}
  for (const [key, values] of Object.entries(extra))
    headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = [values].flat().map(String)
  return headers
}

type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A map of the file, and where it stands. Faults name the place and never quote the value, which may be a token. */
class Entry {
  readonly fields: Fields
  readonly #where: string
  readonly #place: Place

  constructor(fields: Fields, where: string, place: Place) {
    this.fields = fields
    this.#where = where
    this.#place = place
  }

  text(key: string): string | undefined {
    const value = this.fields[key]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value === 'object') throw this.wrong(key, 'is not a string')
    return String(value)
  }

  required(key: string): string {
    const value = this.text(key)
    if (value === undefined) throw this.wrong(key, 'is missing')
    return value
  }

  path(key: string): string | undefined {
    const value = this.text(key)
    return value === undefined ? undefined : this.absolute(value)
  }

  below(key: string): Entry | undefined {
    const value = this.fields[key]
    return isFields(value) ? new Entry(value, `${this.#where}${key}.`, this.#place) : undefined
  }

  absolute(path: string): string {
    return isAbsolute(path) ? path : join(this.#place.folder, path)
  }

  wrong(key: string, what: string): Error {
    return configInvalid(this.#place.file, `${this.#where}${key} ${what}`)
  }
}
