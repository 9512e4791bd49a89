import satisfies from 'semver/functions/satisfies.js'
import type {AppRef} from '../anchor/index.ts'
import {formatRef} from '../anchor/index.ts'
import type {FieldError} from '../errors.ts'
import type {Access, Kube, KubeObject} from '../kube/index.ts'
import {grantCommands, ifAllowed, isForbidden, isNotFound, listObjects, missingIn, withGroup} from '../kube/index.ts'
import type {Manifest} from '../package/index.ts'
import {findReaches} from '../package/index.ts'
import type {VolumeNeed} from '../params/index.ts'
import {parseQuantity} from '../params/index.ts'
import {podTemplateOf} from './desired.ts'
import {consentMissing} from './errors.ts'
import type {Check, DesiredObject, FailedCheck, Lack} from './types.ts'

/** What berth itself needs in the namespace of an app, besides the right to apply each of its objects (the dry runs ask for that). */
const own: [group: string, resource: string, verbs: string[]][] = [
  ['', 'configmaps', ['get', 'list', 'create', 'update', 'patch', 'delete']],
  ['', 'secrets', ['get', 'list', 'create', 'patch', 'delete']],
  ['', 'pods', ['list', 'watch']],
  ['coordination.k8s.io', 'leases', ['get', 'create', 'update', 'delete', 'list', 'watch']],
]

/** Asks the server, once, what of berth's own needs we may not do. */
export async function lackingRights(kube: Kube, {namespace}: AppRef): Promise<Lack[]> {
  const needed: Access[] = own.flatMap(([group, resource, verbs]) =>
    verbs.map(verb => ({verb, group, resource, namespace})),
  )
  const missing = await missingIn(kube, namespace, needed)
  return missing.map(({verb, group, resource}) => ({verb, resource: withGroup(resource, group), namespace}))
}

const everyVerb = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']

/**
 * All rights that are missing, and what gives all of them. A dry run tells of `patch` alone, so who lacks that gets what berth does with
 * objects besides: otherwise the next try would find the next one missing.
 */
export function checkRights(user: string, lacks: Lack[]): (Check | FailedCheck)[] {
  if (lacks.length === 0)
    return [{name: 'permissions', status: 'passed', message: 'berth may keep its state in the namespace'}]
  return [...Map.groupBy(lacks, ({namespace}) => namespace)].flatMap(([namespace, all]) => {
    const byResource = Map.groupBy(all, ({resource}) => resource)
    const verbs = [...new Set(all.map(({verb}) => verb))]
    const granted = verbs.includes('patch') ? everyVerb : verbs
    const remedy = grantCommands({verbs: granted, resources: [...byResource.keys()], namespace, user})
    return [...byResource].map(([resource, missing]) => ({
      name: 'permissions',
      status: 'failed' as const,
      code: 'cluster.forbidden',
      message: `you may not ${[...new Set(missing.map(({verb}) => verb))].join(', ')} ${resource} in ${namespace === undefined ? 'the whole cluster' : `namespace ${namespace}`}`,
      remedy: `${remedy.join(' && ')}   an administrator runs this`,
    }))
  })
}

/** Does the package run on this version of Kubernetes? */
export function checkVersion(manifest: Manifest, kubernetes: string): (Check | FailedCheck)[] {
  const range = manifest.compatibility?.kubernetes
  if (range === undefined) return []
  const fits = satisfies(kubernetes.replace(/^v/, ''), range, {includePrerelease: true})
  const message = `${manifest.name} ${manifest.version} wants Kubernetes ${range}, this is ${kubernetes}`
  return [
    fits
      ? {name: 'kubernetes', status: 'passed', message}
      : {name: 'kubernetes', status: 'failed', code: 'preflight.failed', message},
  ]
}

/**
 * Will the claims find a class that makes their volumes? A claim of an unknown class waits for ever.
 * @returns wrong fields, each naming the classes that there are; nothing where classes may not be listed
 */
export async function checkStorageClasses(kube: Kube, volumes: VolumeNeed[]): Promise<FieldError[]> {
  const asked = volumes.filter(volume => volume.existing === undefined)
  if (asked.length === 0) return []
  const classes = (await ifAllowed(listObjects(kube, {apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass'})))?.items
  if (classes === undefined) return []
  const names = classes.map(({metadata}) => metadata.name)
  const byDefault = classes.some(({metadata}) => metadata.annotations?.[defaultClass] === 'true')
  const there = names.length === 0 ? 'the cluster has none' : `there are ${names.join(', ')}`
  return asked.flatMap(({parameter, class: wanted}): FieldError[] => {
    if (wanted === undefined && byDefault) return []
    if (wanted !== undefined && (wanted === '' || names.includes(wanted))) return []
    const field = `/${parameter.replaceAll('.', '/')}/class`
    const message =
      wanted === undefined
        ? `must be given: the cluster has no default storage class, ${there}`
        : `there is no storage class ${wanted}: ${there}`
    return [{field, code: 'choice', message, expected: names}]
  })
}

const defaultClass = 'storageclass.kubernetes.io/is-default-class'

/** @throws UserError `needs.consent` naming everything that reaches beyond the namespace and was not agreed to */
export function checkConsent(app: AppRef, manifest: Manifest, desired: DesiredObject[], allow: string[]): void {
  const agreed = new Set(allow)
  const missing = findReaches(desired)
    .filter(({what}) => !agreed.has(what) && !agreed.has('all'))
    .map(({what, object}) => ({
      what,
      object,
      why: manifest.needs.find(need => need.what === what)?.why ?? 'the package does not say why',
    }))
  if (missing.length > 0) throw consentMissing(app, missing)
}

/** The quotas of a namespace; undefined where they may not be read. */
export async function readQuotas(kube: Kube, {namespace}: AppRef): Promise<KubeObject[] | undefined> {
  try {
    return (await listObjects(kube, {apiVersion: 'v1', kind: 'ResourceQuota'}, {namespace})).items
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return undefined
    throw error
  }
}

/**
 * Would the namespace's quotas hold what is new? Summed by us: each dry run is judged alone, so that ten objects pass where only one
 * more fits.
 * @param own what berth itself will make
 */
export function checkQuota(
  app: AppRef,
  quotas: KubeObject[] | undefined,
  created: DesiredObject[],
  own: {configmaps: number; secrets: number},
): (Check | FailedCheck)[] {
  if (quotas === undefined) return [{name: 'quota', status: 'unverified', message: 'its quotas may not be read'}]
  const wanted = sumUsage(created, own)
  return quotas.flatMap(quota => {
    const {hard = {}, used = {}} = (quota.status ?? {}) as {
      hard?: Record<string, string>
      used?: Record<string, string>
    }
    const full = Object.keys(hard).filter(resource => {
      const more = wanted.get(resource)
      return more !== undefined && more > 0 && amountOf(used[resource]) + more > amountOf(hard[resource])
    })
    return full.map(resource => ({
      name: 'quota',
      status: 'failed' as const,
      code: 'quota.exceeded',
      message: `quota ${quota.metadata.name} of namespace ${app.namespace} allows ${resource} ${hard[resource]}, ${used[resource] ?? '0'} is used, and ${formatRef(app)} needs ${wanted.get(resource)} more`,
      remedy: `kubectl edit resourcequota ${quota.metadata.name} -n ${app.namespace}   raise it, or remove something`,
    }))
  })
}

/** What cannot be read as an amount is left to the server to judge. */
const amountOf = (text: string | undefined): number => parseQuantity(text ?? '0') ?? 0

const countedAs: Record<string, string> = {
  Secret: 'secrets',
  ConfigMap: 'configmaps',
  Service: 'services',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  Deployment: 'deployments.apps',
  StatefulSet: 'statefulsets.apps',
  Job: 'jobs.batch',
}

function sumUsage(created: DesiredObject[], own: Record<string, number>): Map<string, number> {
  const sums = new Map<string, number>()
  const add = (resource: string, amount: number) => sums.set(resource, (sums.get(resource) ?? 0) + amount)
  for (const [resource, amount] of Object.entries(own)) {
    add(resource, amount)
    add(`count/${resource}`, amount)
  }
  for (const {object, replicas} of created) {
    const plural = countedAs[object.kind]
    if (plural !== undefined) {
      add(plural, 1)
      add(`count/${plural}`, 1)
    }
    const storage = (object.spec as {resources?: {requests?: {storage?: string}}} | undefined)?.resources?.requests
      ?.storage
    if (object.kind === 'PersistentVolumeClaim' && storage !== undefined) add('requests.storage', amountOf(storage))
    addPods(object, replicas ?? 1, add)
  }
  return sums
}

interface Resources {
  requests?: Record<string, string>
  limits?: Record<string, string>
}

function addPods(object: KubeObject, replicas: number, add: (resource: string, amount: number) => void): void {
  const template = podTemplateOf(object)
  if (template === undefined || object.kind === 'CronJob' || object.kind === 'DaemonSet') return
  add('pods', replicas)
  add('count/pods', replicas)
  for (const {resources = {}} of (template.spec?.containers ?? []) as {resources?: Resources}[]) {
    for (const [name, amount] of Object.entries(resources.requests ?? {})) {
      add(`requests.${name}`, replicas * amountOf(amount))
      if (name === 'cpu' || name === 'memory') add(name, replicas * amountOf(amount))
    }
    for (const [name, amount] of Object.entries(resources.limits ?? {}))
      add(`limits.${name}`, replicas * amountOf(amount))
  }
}
