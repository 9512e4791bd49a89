import type {AppRef, ProvidedEndpoint} from '../anchor/index.ts'
import {readAnchor} from '../anchor/index.ts'
import type {KindRef, Kube} from '../kube/index.ts'
import {ifAllowed, listObjects} from '../kube/index.ts'
import {noSuchEndpoint, notPublished, whichEndpoint} from './errors.ts'

const slice: KindRef = {apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice'}

type SliceEndpoint = {conditions?: {ready?: boolean}}

/** How many ready pods each of these Services has behind it; undefined where that may not be read. */
export async function readyBehind(
  kube: Kube,
  namespace: string,
  services: string[],
  signal?: AbortSignal,
): Promise<Map<string, number> | undefined> {
  const counts = new Map(services.map(name => [name, 0]))
  if (services.length === 0) return counts
  const labelSelector = `kubernetes.io/service-name in (${services.join(',')})`
  const slices = await ifAllowed(listObjects(kube, slice, {namespace, labelSelector, signal}))
  for (const {metadata, endpoints} of slices?.items ?? []) {
    const name = metadata.labels?.['kubernetes.io/service-name'] ?? ''
    // Not said is ready, by the API's own rule.
    const ready = ((endpoints ?? []) as SliceEndpoint[]).filter(({conditions}) => conditions?.ready !== false)
    counts.set(name, (counts.get(name) ?? 0) + ready.length)
  }
  return slices && counts
}

/** The endpoint of this name, or the only one. @throws UserError `endpoint.not-found`, `usage.invalid` where one has to be named */
export function chooseEndpoint(
  ref: AppRef,
  provides: Record<string, ProvidedEndpoint>,
  name: string | undefined,
  verb: 'open' | 'connect',
): [string, ProvidedEndpoint] {
  const known = Object.entries(provides)
  const found = name === undefined ? known[0] : known.find(([each]) => each === name)
  if (found === undefined) throw noSuchEndpoint(ref, name, Object.keys(provides))
  if (name === undefined && known.length > 1) throw whichEndpoint(ref, verb, Object.keys(provides))
  return found
}

/** Where an endpoint of an app is published. */
export interface EndpointUrl {
  app: AppRef
  endpoint: string
  url: string
}

/**
 * The address of an endpoint that a browser opens; of the only one that has such without a name.
 * @throws UserError `app.not-found`, `endpoint.not-found`, `endpoint.not-published`
 */
export async function endpointUrl(
  kube: Kube,
  ref: AppRef,
  name: string | undefined,
  signal: AbortSignal,
): Promise<EndpointUrl> {
  const provides = (await readAnchor(kube, ref, signal)).current?.provides ?? {}
  const published = Object.fromEntries(Object.entries(provides).filter(([, {url}]) => isWeb(url)))
  const some = name === undefined && Object.keys(published).length > 0
  const [endpoint, {url}] = chooseEndpoint(ref, some ? published : provides, name, 'open')
  if (url === undefined || !isWeb(url)) throw notPublished(ref, endpoint)
  return {app: ref, endpoint, url: new URL(url).href}
}

/** An anchor is anyone's words: nothing but the web is handed to a browser. */
const isWeb = (url: string | undefined): boolean =>
  url !== undefined && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
