import type {ClusterSettings} from '../config/index.ts'
import {UserError} from '../errors.ts'
import {isForbidden, isNotFound, isUnavailable, type Kube, type ServerVersion, subjectOf} from '../kube/index.ts'
import {defaultClass} from './classes.ts'
import {missingPermissions} from './permissions.ts'
import {sharedSettings} from './settings.ts'
import type {Check} from './types.ts'

/** The oldest Kubernetes that berth is tried on: who we are cannot be asked before 1.28. */
const OLDEST = 28

export function checkVersion({major, minor, gitVersion}: ServerVersion): Check {
  const supported = major > 1 || minor >= OLDEST
  return {
    name: 'version',
    status: supported ? 'ok' : 'warning',
    message: `Kubernetes ${gitVersion}${supported ? '' : ` is older than 1.${OLDEST}, which berth needs`}`,
    remedy: [],
  }
}

export async function checkNamespace(kube: Kube, namespace: string, signal: AbortSignal): Promise<Check> {
  const name = 'namespace'
  return guarded(name, async () => {
    try {
      await kube.request({method: 'GET', path: `/api/v1/namespaces/${encodeURIComponent(namespace)}`, signal})
      return {name, status: 'ok', message: `the namespace ${namespace} exists`, remedy: []}
    } catch (error) {
      if (!isNotFound(error)) throw error
      return {
        name,
        status: 'failed',
        message: `there is no namespace ${namespace}`,
        remedy: [`kubectl create namespace ${namespace}`],
      }
    }
  })
}

export async function checkPermissions(
  kube: Kube,
  namespace: string,
  user: string | null,
  signal: AbortSignal,
): Promise<Check> {
  const name = 'permissions'
  return guarded(name, async () => {
    const missing = await missingPermissions(kube, namespace, signal)
    const needed = missing.filter(({optional}) => optional === undefined).map(({rule}) => rule)
    if (missing.length === 0)
      return {name, status: 'ok', message: `all that berth needs in the namespace ${namespace}`, remedy: []}
    const without = [...new Set(missing.flatMap(({optional}) => optional ?? []))]
    const message =
      needed.length > 0
        ? `missing in the namespace ${namespace}: ${needed.join('; ')}`
        : `missing in the namespace ${namespace} for ${without.join(', ')}: ${missing.map(({rule}) => rule).join('; ')}`
    return {
      name,
      status: needed.length > 0 ? 'failed' : 'warning',
      message,
      remedy: [
        `kubectl create rolebinding berth --clusterrole=${needed.length > 0 ? 'edit' : 'admin'} -n ${namespace} ${subjectOf(user ?? undefined)}`,
      ],
    }
  })
}

export async function checkSettings(kube: Kube, signal: AbortSignal): Promise<Check> {
  const name = 'settings'
  return guarded(name, async () => {
    try {
      const shared = await sharedSettings(kube, signal)
      if (shared !== undefined) return {name, status: 'ok', message: 'the cluster has settings for berth', remedy: []}
      return {
        name,
        status: 'ok',
        message: 'the cluster has no settings for berth: defaults and your own file count',
        remedy: [],
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      return {
        name,
        status: 'failed',
        message: error.message,
        remedy: ['kubectl edit configmap berth -n berth', ...error.hint],
      }
    }
  })
}

export async function checkStorage(
  kube: Kube,
  settings: ClusterSettings | undefined,
  signal: AbortSignal,
): Promise<Check> {
  const name = 'storage-class'
  return guarded(name, async () => {
    const found = await defaultClass(kube, 'StorageClass', signal)
    const chosen = settings?.storageClass
    if (!found.known) return unverified(name, 'storage classes may not be listed', 'list storageclasses.storage.k8s.io')
    if (found.names.length === 0)
      return {
        name,
        status: 'failed',
        message: 'there is no storage class: apps with data cannot run',
        remedy: ['install a volume provisioner; ask your administrator or provider which'],
      }
    if (chosen && !found.names.includes(chosen))
      return {
        name,
        status: 'failed',
        message: `there is no storage class ${chosen}, which the settings name; there is ${found.names.join(', ')}`,
        remedy: ['correct storageClass in the settings'],
      }
    if (chosen && (found.marked || found.names.length === 1)) return {name, status: 'ok', message: chosen, remedy: []}
    return {
      name,
      status: 'warning',
      message: `none of the storage classes is the default (${found.names.join(', ')}): each volume must name its class`,
      remedy: [`kubectl annotate storageclass ${found.names[0]} storageclass.kubernetes.io/is-default-class=true`],
    }
  })
}

export async function checkIngress(
  kube: Kube,
  settings: ClusterSettings | undefined,
  signal: AbortSignal,
): Promise<Check> {
  const name = 'ingress-class'
  return guarded(name, async () => {
    const found = await defaultClass(kube, 'IngressClass', signal)
    const chosen = settings?.ingressClass
    if (!found.known)
      return unverified(name, 'ingress classes may not be listed', 'list ingressclasses.networking.k8s.io')
    if (chosen && found.names.includes(chosen))
      return {name, status: 'ok', message: `${chosen}, hosts below ${settings.domain}`, remedy: []}
    // Some proxies serve every Ingress without a class of their own: naming one that is not there is no fault by itself.
    if (chosen)
      return {
        name,
        status: 'warning',
        message: `no class ${chosen} is registered, which the settings name${found.names.length > 0 ? `; there is ${found.names.join(', ')}` : ''}`,
        remedy: ['check ingressClass in the settings'],
      }
    const message =
      found.names.length === 0
        ? 'there is no ingress class: apps cannot be published under a host name'
        : `none of the ingress classes is the default (${found.names.join(', ')})`
    return {
      name,
      status: 'warning',
      message,
      remedy:
        found.names.length === 0
          ? ['install an ingress proxy']
          : [`kubectl annotate ingressclass ${found.names[0]} ingressclass.kubernetes.io/is-default-class=true`],
    }
  })
}

export async function checkMetrics(kube: Kube, signal: AbortSignal): Promise<Check> {
  const name = 'metrics'
  return guarded(name, async () => {
    try {
      await kube.request({method: 'GET', path: '/apis/metrics.k8s.io/v1beta1', signal, repeatable: false})
      return {name, status: 'ok', message: 'CPU and memory of pods are measured', remedy: []}
    } catch (error) {
      if (!isNotFound(error) && !isUnavailable(error)) throw error
      return {
        name,
        status: 'warning',
        message: 'pods are not measured: autoscaling and usage do not work',
        remedy: ['install metrics-server'],
      }
    }
  })
}

interface Node {
  metadata: {name: string}
  spec?: {unschedulable?: boolean}
  status?: {conditions?: {type: string; status: string; message?: string}[]}
}

export async function checkNodes(kube: Kube, signal: AbortSignal): Promise<Check> {
  const name = 'nodes'
  return guarded(name, async () => {
    const {body} = await kube.request({method: 'GET', path: '/api/v1/nodes', signal})
    const nodes = (body as {items?: Node[]}).items ?? []
    const troubles = nodes.flatMap(node => troubleOf(node) ?? [])
    const able = nodes.length - troubles.filter(({usable}) => !usable).length
    if (troubles.length === 0 && nodes.length > 0)
      return {
        name,
        status: 'ok',
        message: nodes.length === 1 ? 'the one node is ready' : `all ${nodes.length} nodes are ready`,
        remedy: [],
      }
    return {
      name,
      status: able === 0 ? 'failed' : 'warning',
      message:
        nodes.length === 0
          ? 'there is no node'
          : `${able} of ${nodes.length} nodes can take pods: ${troubles.map(({node, what}) => `${node} ${what}`).join('; ')}`,
      remedy: troubles.slice(0, 3).map(({node}) => `kubectl describe node ${node}`),
    }
  })
}

function troubleOf({metadata, spec, status}: Node): {node: string; what: string; usable: boolean} | undefined {
  const conditions = status?.conditions ?? []
  const ready = conditions.find(({type}) => type === 'Ready')
  const node = metadata.name
  if (ready?.status !== 'True')
    return {node, what: `is not ready${ready?.message ? ` (${ready.message})` : ''}`, usable: false}
  if (spec?.unschedulable) return {node, what: 'takes no new pods (cordoned)', usable: false}
  const pressure = conditions.filter(({type, status}) => type.endsWith('Pressure') && status === 'True')
  return pressure.length > 0
    ? {node, what: `is under ${pressure.map(({type}) => type).join(', ')}`, usable: true}
    : undefined
}

/** What we may not look at is not known, which is no failure. Everything else that goes wrong ends the command. */
async function guarded(name: string, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check()
  } catch (error) {
    if (!isForbidden(error)) throw error
    return {name, status: 'unverified', message: `may not be looked at: ${error.message}`, remedy: error.hint}
  }
}

const unverified = (name: string, message: string, permission: string): Check => ({
  name,
  status: 'unverified',
  message,
  remedy: [`an administrator can allow: ${permission}`],
})
