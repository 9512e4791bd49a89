import {randomBytes} from 'node:crypto'
import type {Anchor, Deed} from '../anchor/index.ts'
import {anchorName, annotation, formatRef, label, managedBy, stateManager} from '../anchor/index.ts'
import {createObject} from '../kube/index.ts'
import type {Lib} from './types.ts'

/** CamelCase, as `kubectl get events` shows them. */
const reasons: Record<string, string> = {reveal: 'SecretRevealed'}
const reasonOf = ({kind, outcome}: Deed): string =>
  reasons[kind] ?? `${kind[0]?.toUpperCase()}${kind.slice(1)}${outcome[0]?.toUpperCase()}${outcome.slice(1)}`

/**
 * Records what was done to an app, as an Event of its anchor that outlives it: for as long as the cluster keeps Events (an hour, mostly).
 * @throws RemoteError `cluster.forbidden`
 */
export async function recordDeed(lib: Lib, {ref, uid, resourceVersion}: Anchor, deed: Deed): Promise<void> {
  const {host} = lib.holder.identity
  const now = lib.now().toISOString()
  const name = anchorName(ref.name)
  const said = deed.message === undefined ? '' : `: ${deed.message}`
  await createObject(
    lib.kube,
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: `${name}.${randomBytes(8).toString('hex')}`,
        namespace: ref.namespace,
        labels: {[label.managedBy]: managedBy, [label.kind]: 'deed', [label.app]: ref.name},
        annotations: {[annotation.deed]: JSON.stringify(deed)},
      },
      involvedObject: {apiVersion: 'v1', kind: 'ConfigMap', name, namespace: ref.namespace, uid, resourceVersion},
      type: deed.outcome === 'failed' ? 'Warning' : 'Normal',
      reason: reasonOf(deed),
      action: deed.kind,
      message: `${deed.kind} of ${formatRef(ref)} by ${deed.who} on ${host}: ${deed.outcome}${said}`.slice(0, 1000),
      source: {component: 'berth', host},
      reportingComponent: 'berth.dev/cli',
      reportingInstance: host,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    },
    {fieldManager: stateManager},
  )
}

/** The same at the end of an operation, which it does not make fail. */
export async function recordEnd(lib: Lib, anchor: Anchor, deed: Deed): Promise<void> {
  try {
    await recordDeed(lib, anchor, deed)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    lib.report({type: 'warning', message: `berth log will not show this ${deed.kind} once the app is gone: ${why}`})
  }
}
