import {readFile} from 'node:fs/promises'
import {isIPv6} from 'node:net'
import {join} from 'node:path'
import type {Choice} from './kubeconfig-entries.ts'

const account = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The account that every pod has, or undefined outside a cluster. Its token file is read again as it rotates. */
export async function inClusterChoice(
  env: Record<string, string | undefined>,
  folder = account,
): Promise<Choice | undefined> {
  const host = env.KUBERNETES_SERVICE_HOST
  const port = env.KUBERNETES_SERVICE_PORT
  if (!host || !port) return undefined
  const tokenFile = join(folder, 'token')
  if ((await readIfThere(tokenFile)) === undefined) return undefined
  const namespace = await readIfThere(join(folder, 'namespace'))
  return {
    context: undefined,
    namespace: namespace?.trim() || 'default',
    cluster: {
      name: 'in-cluster',
      server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
      caFile: join(folder, 'ca.crt'),
      insecure: false,
      disableCompression: false,
    },
    user: {name: 'in-cluster', tokenFile, impersonate: {}},
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
