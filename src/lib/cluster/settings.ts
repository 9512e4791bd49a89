import {type ClusterSettings, readClusterSettings} from '../config/index.ts'
import {isForbidden, isNotFound, type Kube} from '../kube/index.ts'
import {defaultClass} from './classes.ts'
import type {Asking} from './types.ts'

/** Where a cluster's settings stand: whoever installs apps may read it, only an administrator may write it. */
const settingsPath = '/api/v1/namespaces/berth/configmaps/berth'
const settingsName = 'ConfigMap berth/berth, settings.yaml'

/**
 * What is in force on this cluster: the operator's own file (first for the context, then its defaults), then the cluster's ConfigMap, then
 * what the cluster marks as its default classes, then `localhost`. Only what nobody has said is looked for; what may not be read says
 * nothing.
 * @throws UserError `config.invalid` when the ConfigMap has a field of the wrong type
 */
export async function clusterSettings({kube, settings: local, signal, report}: Asking): Promise<ClusterSettings> {
  const {context} = kube.target
  const own = {...local.defaults, ...(context === undefined ? {} : local.clusters[context])}
  if (isComplete(own)) return own
  const shared = await sharedSettings(kube, signal).catch((error: unknown) => {
    if (!isForbidden(error)) throw error
    report({type: 'detail', message: `${settingsName} may not be read: the cluster’s own settings are not known`})
    return undefined
  })
  const said = {...shared, ...own}
  const [ingressClass, storageClass] = await Promise.all([
    said.ingressClass === undefined ? foundClass('IngressClass') : said.ingressClass,
    said.storageClass === undefined ? foundClass('StorageClass') : said.storageClass,
  ])
  return {domain: said.domain ?? 'localhost', ingressClass, storageClass}

  async function foundClass(kind: 'IngressClass' | 'StorageClass'): Promise<string | null> {
    const found = await defaultClass(kube, kind, signal)
    if (found.known) return found.name
    report({type: 'detail', message: `${kind}es may not be listed: the default one is not known`})
    return null
  }
}

/** What the cluster's ConfigMap says; undefined where there is none. @throws RemoteError, among them `cluster.forbidden` */
export async function sharedSettings(kube: Kube, signal: AbortSignal): Promise<Partial<ClusterSettings> | undefined> {
  try {
    const {body} = await kube.request({method: 'GET', path: settingsPath, signal})
    const text = (body as {data?: Record<string, string>}).data?.['settings.yaml']
    return text === undefined ? undefined : await readClusterSettings(text, settingsName)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

const isComplete = (said: Partial<ClusterSettings>): said is ClusterSettings =>
  said.domain !== undefined && said.ingressClass !== undefined && said.storageClass !== undefined
