import {readFile} from 'node:fs/promises'
import {type Authenticate, bearer, type Credentials, type Environment, pemOf} from './credential.ts'
import type {Choice, UserEntry} from './kubeconfig-entries.ts'
import {configInvalid} from './kubeconfig-errors.ts'

/**
 * kubectl's order: client certificates always; then a token file over a token, exec plugin, auth provider, name and password.
 * Certificates, tokens and exec plugins are ours (client-node's exec never sets KUBERNETES_EXEC_INFO, hides the plugin's terminal, and
 * its config module costs 130 ms bundled); the legacy providers go through client-node.
 */
export function authenticator(choice: Choice, env: Environment): Authenticate {
  const user = choice.user
  if (user === undefined) return async () => ({headers: {}})
  const sources = [certificates(user), headerSource(user, choice, env)]
  return async options => {
    const parts = await Promise.all(sources.map(source => source(options)))
    const headers = Object.assign({}, user.impersonate, ...parts.map(part => part.headers))
    return Object.assign({}, ...parts, {headers})
  }
}

function headerSource(user: UserEntry, choice: Choice, env: Environment): Authenticate {
  if (user.tokenFile !== undefined) return tokenFromFile(user.tokenFile, user.token)
  if (user.token !== undefined) return fixed({headers: bearer(user.token)})
  if (user.exec !== undefined) {
    const {exec} = user
    return later(async () => (await import('./exec-plugin.ts')).pluginCredentials(exec, choice.cluster, env))
  }
  if (user.authProvider !== undefined) {
    const {authProvider} = user
    return later(async () => (await import('./auth-provider.ts')).providerHeaders(user, authProvider))
  }
  if (user.basic !== undefined) {
    const {username, password} = user.basic
    return fixed({headers: {Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`}})
  }
  return fixed({headers: {}})
}

function certificates(user: UserEntry): Authenticate {
  let loaded: Promise<Credentials> | undefined
  const load = async (): Promise<Credentials> => {
    const cert = await pemOf(user.certFile, user.certData)
    const key = await pemOf(user.keyFile, user.keyData)
    return {headers: {}, ...(cert !== undefined && {cert}), ...(key !== undefined && {key})}
  }
  return ({renew}) => {
    if (loaded === undefined || renew) loaded = load()
    return loaded
  }
}

/** Projected tokens rotate: read again every minute (client-go's interval), or at once after a 401. */
function tokenFromFile(file: string, fallback: string | undefined, now = () => performance.now()): Authenticate {
  let held: {token: string; readAt: number} | undefined
  return async ({renew}) => {
    if (held === undefined || renew || now() - held.readAt > 60_000) {
      try {
        held = {token: (await readFile(file, 'utf8')).trim(), readAt: now()}
      } catch (error) {
        // The last token that could be read is good until it expires.
        if (held === undefined && fallback === undefined) throw configInvalid(file, (error as Error).message, error)
        held ??= {token: fallback ?? '', readAt: now()}
      }
    }
    return {headers: bearer(held.token)}
  }
}

/** A source that most users do not have is loaded when it is asked. */
function later(load: () => Promise<Authenticate>): Authenticate {
  let loaded: Promise<Authenticate> | undefined
  return async options => {
    loaded ??= load()
    return (await loaded)(options)
  }
}

const fixed =
  (credentials: Credentials): Authenticate =>
  async () =>
    credentials
