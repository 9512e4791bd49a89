import type {AppRef} from '../anchor/index.ts'
import {anchorName, findAnchor, serviceOf} from '../anchor/index.ts'
import {type Access, type Kube, missingIn} from '../kube/index.ts'

/** A provider, and which of its endpoints, as far as that is known. */
export interface ProviderRef {
  app: AppRef
  endpoint?: string
}

const recording = ({namespace, name}: AppRef): Access[] =>
  ['get', 'update'].map(verb => ({verb, group: '', resource: 'configmaps', name: anchorName(name), namespace}))

/** May we record at a provider who uses it? */
export const mayRecord = async (kube: Kube, app: AppRef, signal: AbortSignal): Promise<boolean> =>
  (await missingIn(kube, app.namespace, recording(app), {signal})).length === 0

/**
 * May we have something made at a provider: record it and, where the endpoint has scripts, read its package and execute in its pods?
 * Whoever may is its superuser, so this is asked before anything is begun, and who may not leaves a request.
 */
export async function mayProvision(kube: Kube, {app, endpoint}: ProviderRef, signal: AbortSignal): Promise<boolean> {
  const {namespace} = app
  const exec = {group: '', resource: 'pods', subresource: 'exec', namespace}
  const executing: Access[] = [
    {group: '', resource: 'secrets', namespace, verb: 'get'},
    {group: '', resource: 'pods', namespace, verb: 'list'},
    // Over a websocket it is a GET; servers that count it as what it does ask for the right to create, too.
    {...exec, verb: 'get'},
    {...exec, verb: 'create'},
    // Of a service outside there is no pod to execute in: one is made.
    ...(serviceOf(app) === undefined
      ? []
      : [
          {verb: 'watch', group: '', resource: 'pods', namespace},
          ...['create', 'delete'].map(verb => ({verb, group: 'batch', resource: 'jobs', namespace})),
        ]),
  ]
  const missing = await missingIn(kube, namespace, [...recording(app), ...executing], {signal})
  if (missing.length === 0) return true
  if (endpoint === undefined || missing.some(({resource}) => resource === 'configmaps')) return false
  return (await findAnchor(kube, app, signal))?.current?.provides[endpoint]?.grant === false
}
