import {kindPath} from './paths.ts'
import {isGone} from './status.ts'
import type {KindRef, Kube, KubeObject, List, ListOptions, ObjectMeta, Table} from './types.ts'

/** A page of what the server lists: items, or the rows of a table. */
interface Page {
  metadata?: {resourceVersion?: string; continue?: string}
  items?: Partial<KubeObject>[]
  columnDefinitions?: {name: string}[]
  rows?: {cells: unknown[]; object: {metadata: ObjectMeta}}[]
}

const pageSize = 500

/** Whole objects of a kind, all pages of one consistent state. Items carry the kind, which a list's items lack. */
export async function listObjects(kube: Kube, kind: KindRef, options: ListOptions = {}): Promise<List<KubeObject>> {
  const pages = await readPages(kube, kind, options, 'application/json')
  const items = pages.flatMap(page => page.items ?? [])
  return {items: items.map(item => withKind(item, kind)), resourceVersion: versionOf(pages)}
}

/** Only the metadata: what a list of anchors or an inventory needs, at a tenth of the bytes. */
export async function listMetadata(kube: Kube, kind: KindRef, options: ListOptions = {}): Promise<List<KubeObject>> {
  // An aggregated API server that knows no partial objects sends whole ones.
  const pages = await readPages(
    kube,
    kind,
    options,
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
  )
  const items = pages.flatMap(page => page.items ?? [])
  return {
    items: items.map(({metadata}) => withKind({metadata: metadata as ObjectMeta}, kind)),
    resourceVersion: versionOf(pages),
  }
}

/** What `kubectl get` prints, made by the server, with each row's metadata. */
export async function listTable(kube: Kube, kind: KindRef, options: ListOptions = {}): Promise<Table> {
  const pages = await readPages(kube, kind, options, 'application/json;as=Table;g=meta.k8s.io;v=v1', {
    includeObject: 'Metadata',
  })
  return {
    columns: pages[0]?.columnDefinitions?.map(column => column.name) ?? [],
    rows: pages.flatMap(page => page.rows ?? []).map(row => ({cells: row.cells, metadata: row.object.metadata})),
  }
}

/**
 * Follows `continue`. Where etcd has compacted the state in the meantime (410), the list starts again; the third time in one piece, which
 * cannot expire.
 */
async function readPages(
  kube: Kube,
  kind: KindRef,
  options: ListOptions,
  accept: string,
  more: Record<string, string> = {},
): Promise<Page[]> {
  const path = await kindPath(kube, kind, options.namespace)
  const {labelSelector, fieldSelector, cached} = options
  for (let tries = 1; ; tries++) {
    try {
      const pages: Page[] = []
      let next: string | undefined
      do {
        const query = {
          ...more,
          labelSelector,
          fieldSelector,
          limit: tries > 2 || cached ? undefined : pageSize,
          // Only the first page: a continuation has its version already.
          resourceVersion: cached && next === undefined ? 0 : undefined,
          continue: next,
        }
        const {body} = await kube.request({method: 'GET', path, query, accept, signal: options.signal})
        const page = body as Page
        pages.push(page)
        next = page.metadata?.continue || undefined
      } while (next !== undefined)
      return pages
    } catch (error) {
      if (!isGone(error) || tries > 2) throw error
    }
  }
}

const versionOf = (pages: Page[]) => pages.at(-1)?.metadata?.resourceVersion ?? ''

const withKind = (item: Partial<KubeObject>, {apiVersion, kind}: KindRef) => ({...item, apiVersion, kind}) as KubeObject
