import {configInvalid} from './kubeconfig-errors.ts'

/** A cluster of a kubeconfig, with absolute paths. Keys not known here mean nothing to a client. */
export interface ClusterEntry {
  name: string
  server: URL
  caFile?: string
  /** PEM in base64. */
  caData?: string
  insecure: boolean
  tlsServerName?: string
  proxyUrl?: string
  disableCompression: boolean
}

export interface UserEntry {
  name: string
  token?: string
  tokenFile?: string
  certFile?: string
  certData?: string
  keyFile?: string
  keyData?: string
  basic?: {username: string; password: string}
  exec?: ExecEntry
  authProvider?: {name: string; config: Record<string, unknown>}
  /** `Impersonate-*` headers, from `as`, `as-uid`, `as-groups`, `as-user-extra`. */
  impersonate: Record<string, string | string[]>
}

export interface ExecEntry {
  command: string
  args: string[]
  env: Record<string, string>
  apiVersion: string
  installHint?: string
  provideClusterInfo: boolean
  interactiveMode: 'Never' | 'IfAvailable' | 'Always'
}

export interface ContextEntry {
  cluster: string
  user?: string
  namespace?: string
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

type Fields = Record<string, unknown>

/** Reads one file's content into typed entries: the edge, where the shape of what others wrote is checked. */
export function readEntries(content: unknown, file: string, absolute: (path: string) => string): Entries {
  if (!isFields(content)) throw configInvalid(file, 'it is not a kubeconfig (a map with clusters, users and contexts)')
  const read = <T>(
    list: string,
    item: string,
    make: (fields: Fields, name: string, where: string) => T,
  ): Map<string, T> => {
    const entries = content[list] ?? []
    if (!Array.isArray(entries)) throw configInvalid(file, `${list} is not a list`)
    const found = new Map<string, T>()
    entries.forEach((entry: unknown, index) => {
      const where = `${list}[${index}]`
      if (!isFields(entry) || typeof entry.name !== 'string' || entry.name === '')
        throw configInvalid(file, `${where}.name is missing`)
      const fields = entry[item] ?? {}
      if (!isFields(fields)) throw configInvalid(file, `${where}.${item} is not a map`)
      if (!found.has(entry.name)) found.set(entry.name, make(fields, entry.name, `${where}.${item}`))
    })
    return found
  }
  const at = reader(file)
  return {
    current: at.optional(content, 'current-context', ''),
    contexts: read('contexts', 'context', (fields, _name, where) => ({
      cluster: at.required(fields, 'cluster', where),
      ...given('user', at.optional(fields, 'user', where)),
      ...given('namespace', at.optional(fields, 'namespace', where)),
    })),
    clusters: read('clusters', 'cluster', (fields, name, where) => readCluster(fields, name, where, file, absolute)),
    users: read('users', 'user', (fields, name, where) => readUser(fields, name, where, file, absolute)),
  }
}

function readCluster(
  fields: Fields,
  name: string,
  where: string,
  file: string,
  absolute: (path: string) => string,
): ClusterEntry {
  const at = reader(file)
  const address = at.required(fields, 'server', where)
  const server = URL.canParse(address) ? new URL(address) : undefined
  if (server === undefined || !/^https?:$/.test(server.protocol)) {
    throw configInvalid(file, `${where}.server is not an http or https address`)
  }
  return {
    name,
    server,
    insecure: fields['insecure-skip-tls-verify'] === true,
    disableCompression: fields['disable-compression'] === true,
    ...given('caFile', mapped(at.optional(fields, 'certificate-authority', where), absolute)),
    ...given('caData', at.optional(fields, 'certificate-authority-data', where)),
    ...given('tlsServerName', at.optional(fields, 'tls-server-name', where)),
    ...given('proxyUrl', at.optional(fields, 'proxy-url', where)),
  }
}

function readUser(
  fields: Fields,
  name: string,
  where: string,
  file: string,
  absolute: (path: string) => string,
): UserEntry {
  const at = reader(file)
  const username = at.optional(fields, 'username', where)
  const provider = fields['auth-provider']
  return {
    name,
    impersonate: readImpersonation(fields),
    ...given('token', at.optional(fields, 'token', where)),
    ...given('tokenFile', mapped(at.optional(fields, 'tokenFile', where), absolute)),
    ...given('certFile', mapped(at.optional(fields, 'client-certificate', where), absolute)),
    ...given('certData', at.optional(fields, 'client-certificate-data', where)),
    ...given('keyFile', mapped(at.optional(fields, 'client-key', where), absolute)),
    ...given('keyData', at.optional(fields, 'client-key-data', where)),
    ...given(
      'basic',
      username === undefined ? undefined : {username, password: at.optional(fields, 'password', where) ?? ''},
    ),
    ...given('exec', isFields(fields.exec) ? readExec(fields.exec, `${where}.exec`, file, absolute) : undefined),
    ...given('authProvider', isFields(provider) ? readProvider(provider, where, file) : undefined),
  }
}

function readExec(fields: Fields, where: string, file: string, absolute: (path: string) => string): ExecEntry {
  const at = reader(file)
  const command = at.required(fields, 'command', where)
  const env = Array.isArray(fields.env) ? fields.env.filter(isFields) : []
  const mode = fields.interactiveMode
  return {
    command: /[\\/]/.test(command) ? absolute(command) : command,
    args: Array.isArray(fields.args) ? fields.args.map(String) : [],
    env: Object.fromEntries(env.map(each => [String(each.name), String(each.value ?? '')])),
    apiVersion: at.required(fields, 'apiVersion', where),
    provideClusterInfo: fields.provideClusterInfo === true,
    interactiveMode: mode === 'Never' || mode === 'Always' ? mode : 'IfAvailable',
    ...given('installHint', at.optional(fields, 'installHint', where)),
  }
}

function readProvider(fields: Fields, where: string, file: string): {name: string; config: Fields} {
  return {
    name: reader(file).required(fields, 'name', `${where}.auth-provider`),
    config: isFields(fields.config) ? fields.config : {},
  }
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function readImpersonation(fields: Fields): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  if (typeof fields.as === 'string') headers['Impersonate-User'] = fields.as
  if (typeof fields['as-uid'] === 'string') headers['Impersonate-Uid'] = fields['as-uid']
  if (Array.isArray(fields['as-groups'])) headers['Impersonate-Group'] = fields['as-groups'].map(String)
  const extra = fields['as-user-extra']
  if (isFields(extra)) {
    for (const [key, values] of Object.entries(extra)) {
      headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = [values].flat().map(String)
    }
  }
  return headers
}

function reader(file: string) {
  const optional = (fields: Fields, key: string, where: string): string | undefined => {
    const value = fields[key]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value === 'object')
      throw configInvalid(file, `${where === '' ? key : `${where}.${key}`} is not a string`)
    return String(value)
  }
  const required = (fields: Fields, key: string, where: string): string => {
    const value = optional(fields, key, where)
    if (value === undefined) throw configInvalid(file, `${where}.${key} is missing`)
    return value
  }
  return {optional, required}
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const mapped = (value: string | undefined, map: (value: string) => string) =>
  value === undefined ? undefined : map(value)

/** `{key: value}`, or nothing where there is no value: exactOptionalPropertyTypes keeps undefined out. */
function given<K extends string, V>(key: K, value: V | undefined): {[P in K]?: V} {
  return (value === undefined ? {} : {[key]: value}) as {[P in K]?: V}
}
