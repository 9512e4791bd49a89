import type {AppRef} from '../anchor/index.ts'
import {listProviders} from '../binding/index.ts'
import type {FieldError} from '../errors.ts'
import {isForbidden, isUnknownKind, type Kube, type KubeObject, listMetadata, listObjects} from '../kube/index.ts'
import {type ChoiceLookup, type ChoiceSource, type ClusterItem, checkPicks, type Resolution} from '../params/index.ts'
import {servicesFor} from '../shared/index.ts'
import {checkStorageClasses} from './preflight.ts'

/** Where choices come from. Of those that are marked, only names and labels are read: the rest may be secret, or is large. */
interface Source {
  apiVersion: string
  kind: string
  namespaced?: true
  namesOnly?: true
}

const sources: Readonly<Record<Exclude<ChoiceSource, 'issuers'>, Source>> = {
  storageClasses: {apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass'},
  ingressClasses: {apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass'},
  priorityClasses: {apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass'},
  nodes: {apiVersion: 'v1', kind: 'Node'},
  namespaces: {apiVersion: 'v1', kind: 'Namespace'},
  services: {apiVersion: 'v1', kind: 'Service', namespaced: true},
  persistentVolumeClaims: {apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespaced: true},
  serviceAccounts: {apiVersion: 'v1', kind: 'ServiceAccount', namespaced: true, namesOnly: true},
  configMaps: {apiVersion: 'v1', kind: 'ConfigMap', namespaced: true, namesOnly: true},
  secrets: {apiVersion: 'v1', kind: 'Secret', namespaced: true, namesOnly: true},
}

/** What answers may pick from; what may not be listed is not offered, and can still be typed. */
export function clusterChoices(kube: Kube, {namespace}: AppRef): Omit<ChoiceLookup, 'installable'> {
  const asked = new Map<string, Promise<ClusterItem[] | undefined>>()
  return {
    items(from) {
      const known = asked.get(from) ?? list(from)
      asked.set(from, known)
      return known
    },
    providers: name => listProviders(kube, name, namespace),
    services: name => servicesFor(kube, namespace, name),
  }

  async function list(from: string): Promise<ClusterItem[] | undefined> {
    try {
      if (from === 'issuers') return (await Promise.all(issuers.map(readIssuers))).flat()
      return Object.hasOwn(sources, from) ? await read(sources[from as keyof typeof sources]) : undefined
    } catch (error) {
      if (isForbidden(error)) return undefined
      throw error
    }
  }

  async function read(source: Source): Promise<ClusterItem[]> {
    const where = source.namespaced ? {namespace} : {}
    return (await (source.namesOnly ? listMetadata : listObjects)(kube, source, where)).items.map(itemOf)
  }

  async function readIssuers(source: Source): Promise<ClusterItem[]> {
    const found = await read(source).catch(error => {
      if (isUnknownKind(error)) return [] // no cert-manager
      throw error
    })
    return found.map(item => ({...item, name: `${source.kind}/${item.name}`}))
  }
}

const issuers: Source[] = [
  {apiVersion: 'cert-manager.io/v1', kind: 'Issuer', namespaced: true},
  {apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer'},
]

const defaultClass = 'storageclass.kubernetes.io/is-default-class'

function itemOf({metadata, apiVersion: _version, kind: _kind, ...rest}: KubeObject): ClusterItem {
  const {name, labels = {}, annotations = {}} = metadata
  return {...rest, name, labels, annotations, default: annotations[defaultClass] === 'true'}
}

/** What the cluster has to say to answers: names that are not there, storage classes that volumes cannot have. */
export async function checkAgainstCluster(kube: Kube, ref: AppRef, answered: Resolution): Promise<FieldError[]> {
  const [picks, classes] = await Promise.all([
    checkPicks(answered.picks, clusterChoices(kube, ref)),
    checkStorageClasses(kube, answered.volumes),
  ])
  return [...picks, ...classes]
}
