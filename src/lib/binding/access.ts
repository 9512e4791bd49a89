import type {AppRef} from '../anchor/index.ts'
import {anchorName} from '../anchor/index.ts'
import {type Kube, missingIn} from '../kube/index.ts'

/**
 * May we have something made at a provider: record it, read its package, and execute in its pods? Whoever may is its superuser, so this
 * is asked before anything is begun, and who may not leaves a request.
 */
export async function mayProvision(kube: Kube, {namespace, name}: AppRef, signal?: AbortSignal): Promise<boolean> {
  const anchor = {group: '', resource: 'configmaps', name: anchorName(name), namespace}
  const exec = {group: '', resource: 'pods', subresource: 'exec', namespace}
  const needed = [
    {...anchor, verb: 'get'},
    {...anchor, verb: 'update'},
    {group: '', resource: 'secrets', namespace, verb: 'get'},
    {group: '', resource: 'pods', namespace, verb: 'list'},
    // Over a websocket it is a GET; servers that count it as what it does ask for the right to create, too.
    {...exec, verb: 'get'},
    {...exec, verb: 'create'},
  ]
  return (await missingIn(kube, namespace, needed, {...(signal && {signal})})).length === 0
}
