import {isNotFound, type Kube, serverVersion} from '../kube/index.ts'
import {addShapes, type OpenApi, type Shapes} from './shapes.ts'

/**
 * The kinds that a cluster serves, custom resources with them, by its OpenAPI v3.
 * @param wanted says of which `apiVersion`s; each costs a request of up to a megabyte
 */
export async function clusterShapes(
  kube: Kube,
  wanted: (apiVersion: string) => boolean,
  signal?: AbortSignal,
): Promise<Shapes> {
  const [{gitVersion}, index] = await Promise.all([
    serverVersion(kube, {signal}),
    kube.request({method: 'GET', path: '/openapi/v3', signal}),
  ])
  const shapes: Shapes = {version: gitVersion, kinds: {}, types: {}}
  // The index is JSON, and comes as text/plain.
  const {paths = {}} = JSON.parse(index.text) as {paths?: object}
  for (const path of Object.keys(paths)) {
    const apiVersion = /^(?:api|apis)\/((?:[^/]+\/)?v\d[a-z0-9]*)$/.exec(path)?.[1]
    if (apiVersion === undefined || !wanted(apiVersion)) continue
    const document = await openApiOf(kube, path, signal)
    if (document !== undefined) addShapes(shapes, document)
  }
  return shapes
}

/** Undefined for a group whose own server has no OpenAPI: an aggregated API may not. */
async function openApiOf(kube: Kube, path: string, signal: AbortSignal | undefined): Promise<OpenApi | undefined> {
  try {
    const {text} = await kube.request({method: 'GET', path: `/openapi/v3/${path}`, signal})
    return JSON.parse(text) as OpenApi
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
