import type {ClusterSettings} from '../config/index.ts'
import {UserError} from '../errors.ts'
import {isForbidden, isNotFound, type Kube, serverVersion, whoAmI} from '../kube/index.ts'
import {
  checkIngress,
  checkMetrics,
  checkNamespace,
  checkNodes,
  checkPermissions,
  checkSettings,
  checkStorage,
  checkVersion,
} from './checks.ts'
import {clusterSettings} from './settings.ts'
import type {Asking, Check, ClusterStatus} from './types.ts'

/**
 * Looks at everything that berth needs of a cluster, in about ten small requests. Changes nothing.
 * @throws RemoteError `cluster.unreachable`, `cluster.unauthorized`: then there is nothing to look at
 */
export async function clusterStatus(asking: Asking): Promise<ClusterStatus> {
  const {kube, signal} = asking
  const {context, server, namespace} = kube.target
  const version = await serverVersion(kube, {signal})
  const [user, settings] = await Promise.all([userOf(kube, signal), inForce(asking)])
  const checks = [
    checkVersion(version),
    ...(await Promise.all([
      checkNamespace(kube, namespace, signal),
      checkPermissions(kube, namespace, user, signal),
      checkSettings(kube, signal),
      checkStorage(kube, settings, signal),
      checkIngress(kube, settings, signal),
      checkMetrics(kube, signal),
      checkNodes(kube, signal),
    ])),
  ]
  return {
    context: context ?? null,
    server,
    kubernetes: version.gitVersion,
    user,
    namespace,
    settings: settings ?? {domain: 'localhost', ingressClass: null, storageClass: null},
    status: worst(checks),
    checks,
  }
}

/** Servers before 1.28 cannot say. */
async function userOf(kube: Kube, signal: AbortSignal): Promise<string | null> {
  try {
    return (await whoAmI(kube, {signal})).username
  } catch (error) {
    if (isNotFound(error) || isForbidden(error)) return kube.target.user ?? null
    throw error
  }
}

/** Undefined where they are wrong: `checkSettings` says how. */
async function inForce(asking: Asking): Promise<ClusterSettings | undefined> {
  try {
    return await clusterSettings(asking)
  } catch (error) {
    if (error instanceof UserError && error.code === 'config.invalid') return undefined
    throw error
  }
}

function worst(checks: Check[]): ClusterStatus['status'] {
  if (checks.some(({status}) => status === 'failed')) return 'failed'
  return checks.some(({status}) => status === 'warning') ? 'warning' : 'ok'
}
