import type {Readable} from 'node:stream'
import {discover} from './discovery.ts'
import {notJson} from './errors.ts'
import {parseJson} from './json.ts'
import {chooseCluster, type KubeconfigOptions} from './kubeconfig.ts'
import {readBody} from './send.ts'
import {openTransport} from './transport.ts'
import type {Kube, Target} from './types.ts'
import {upgrade} from './upgrade.ts'

export interface ConnectOptions extends KubeconfigOptions {
  /** What the server's audit log calls us; `berth` unless told. */
  userAgent?: string
  signal?: AbortSignal
}

/**
 * Reads the kubeconfig and gives a connection to the cluster. Nothing is asked of the server yet: the first request finds out whether it
 * answers. `env` is where KUBECONFIG, HOME, HTTPS_PROXY, the pod's service and a credential plugin's PATH come from.
 * @throws UserError `cluster.no-config`, `cluster.config-invalid`, `cluster.context-not-found`
 */
export async function connect(options: ConnectOptions): Promise<Kube> {
  options.signal?.throwIfAborted()
  const choice = await chooseCluster(options)
  const target: Target = {
    context: choice.context,
    server: choice.cluster.server.href.replace(/\/$/, ''),
    namespace: choice.namespace,
    user: choice.user?.name,
  }
  const transport = openTransport({choice, target, env: options.env ?? {}, userAgent: options.userAgent ?? 'berth'})
  const kube: Kube = {
    target,
    request: request =>
      transport.perform(request, async (response, timeout) => {
        const text = await readBody(response, timeout, request.signal)
        const status = response.statusCode ?? 0
        const isJson = response.headers['content-type']?.includes('json') ?? false
        return {
          status,
          headers: response.headers,
          text,
          body: isJson ? read(text, target, request.path, status) : undefined,
        }
      }),
    stream: request => transport.perform(request, async response => response as Readable),
    resourceOf: discover(request => kube.request(request)),
    upgrade: (path, query, protocols, signal) => upgrade(transport, path, query, protocols, signal),
    close: () => transport.close(),
  }
  return kube
}

function read(text: string, target: Target, path: string, status: number): unknown {
  try {
    return parseJson(text)
  } catch {
    throw notJson(target, path, status)
  }
}
