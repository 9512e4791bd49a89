import {nearest} from '../nearest.ts'
import {unknownKind} from './errors.ts'
import {isNotFound} from './status.ts'
import type {KindRef, KubeRequest, KubeResponse, Resource} from './types.ts'
import {isNamespaced, pluralOf} from './well-known.ts'

interface ApiResource {
  name: string
  kind: string
  namespaced: boolean
}

/**
 * How kinds are served: Kubernetes' own without asking, others by one request per group version that is remembered for the process; a kind that is missing in what we remember
 * is looked for again (a CRD may have come since).
 */
export function discover(ask: (request: KubeRequest) => Promise<KubeResponse>): (kind: KindRef) => Promise<Resource> {
  const remembered = new Map<string, Promise<Resource[]>>()
  const fetch = (apiVersion: string): Promise<Resource[]> => {
    const asked = readGroup(ask, apiVersion)
    remembered.set(apiVersion, asked)
    asked.catch(() => remembered.delete(apiVersion))
    return asked
  }
  return async ({apiVersion, kind}) => {
    const namespaced = isNamespaced({apiVersion, kind})
    if (namespaced !== undefined)
      return {apiVersion, kind, plural: pluralOf(kind), base: baseOf(apiVersion), namespaced}
    const known = remembered.get(apiVersion)
    const found = (await (known ?? fetch(apiVersion))).find(each => each.kind === kind)
    if (found !== undefined) return found
    const fresh = known === undefined ? await known : await fetch(apiVersion)
    const again = fresh?.find(each => each.kind === kind)
    if (again !== undefined) return again
    const kinds = (await remembered.get(apiVersion))?.map(each => each.kind) ?? []
    throw unknownKind({apiVersion, kind}, nearest(kind, kinds))
  }
}

/** Where a group version is served: `/api/v1`, `/apis/apps/v1`. */
const baseOf = (apiVersion: string) => (apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`)

async function readGroup(
  ask: (request: KubeRequest) => Promise<KubeResponse>,
  apiVersion: string,
): Promise<Resource[]> {
  const base = baseOf(apiVersion)
  try {
    const {body} = await ask({method: 'GET', path: base})
    const entries = (body as {resources?: ApiResource[]}).resources ?? []
    return entries
      .filter(entry => !entry.name.includes('/'))
      .map(({name, kind, namespaced}) => ({apiVersion, kind, plural: name, base, namespaced}))
  } catch (error) {
    // No such group or version: no kinds.
    if (isNotFound(error)) return []
    throw error
  }
}
