import type {RequestOptions} from 'node:https'
import type {Authenticate} from './credential.ts'
import {authProviderUnknown, pluginFailed} from './errors.ts'
import type {UserEntry} from './kubeconfig-entries.ts'

interface Authenticator {
  applyAuthentication(user: never, options: RequestOptions): Promise<void>
}

/**
 * The legacy `auth-provider` of a kubeconfig, by client-node's own modules, loaded only for those who have one (OpenID Connect pulls in
 * 1.2 MB). A refreshed OIDC token lives in memory, it is not written back to the file.
 */
export function providerHeaders(
  user: UserEntry,
  provider: {name: string; config: Record<string, unknown>},
): Authenticate {
  let loading: Promise<Authenticator> | undefined
  return async () => {
    loading ??= load(provider.name)
    const authenticator = await loading
    const options: RequestOptions = {headers: {}}
    try {
      await authenticator.applyAuthentication({name: user.name, authProvider: provider} as never, options)
    } catch (error) {
      throw pluginFailed(`auth-provider ${provider.name}`, (error as Error).message, undefined)
    }
    return {headers: options.headers as Record<string, string>}
  }
}

async function load(name: string): Promise<Authenticator> {
  if (name === 'oidc') return new (await import('@kubernetes/client-node/dist/oidc_auth.js')).OpenIDConnectAuth()
  if (name === 'gcp') return new (await import('@kubernetes/client-node/dist/gcp_auth.js')).GoogleCloudPlatformAuth()
  if (name === 'azure') return new (await import('@kubernetes/client-node/dist/azure_auth.js')).AzureAuth()
  throw authProviderUnknown(name)
}
