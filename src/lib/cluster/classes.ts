import {isForbidden, isNotFound, type Kube, type ObjectMeta} from '../kube/index.ts'

const PATHS = {
  IngressClass: '/apis/networking.k8s.io/v1/ingressclasses',
  StorageClass: '/apis/storage.k8s.io/v1/storageclasses',
}

const MARKS = {
  IngressClass: ['ingressclass.kubernetes.io/is-default-class'],
  // The second is what it was called before 1.6, and still honoured.
  StorageClass: ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'],
}

export type FoundClass = {known: true; name: string | null; names: string[]; marked: boolean} | {known: false}

/**
 * The class that counts where none is named: the one that is marked as default (of several, the youngest, as Kubernetes takes it), or
 * the only one there is. `known: false` where we may not look.
 */
export async function defaultClass(kube: Kube, kind: keyof typeof PATHS, signal: AbortSignal): Promise<FoundClass> {
  try {
    const {body} = await kube.request({
      method: 'GET',
      path: PATHS[kind],
      signal,
      accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
    })
    const found = ((body as {items?: {metadata: ObjectMeta}[]}).items ?? []).map(({metadata}) => metadata)
    const marked = found
      .filter(({annotations}) => MARKS[kind].some(mark => annotations?.[mark] === 'true'))
      .sort(
        (a, b) => (b.creationTimestamp ?? '').localeCompare(a.creationTimestamp ?? '') || a.name.localeCompare(b.name),
      )
    const only = found.length === 1 ? found[0]?.name : undefined
    return {
      known: true,
      name: marked[0]?.name ?? only ?? null,
      names: found.map(({name}) => name),
      marked: marked.length > 0,
    }
  } catch (error) {
    if (isForbidden(error)) return {known: false}
    if (isNotFound(error)) return {known: true, name: null, names: [], marked: false}
    throw error
  }
}
