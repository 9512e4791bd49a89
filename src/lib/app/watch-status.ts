import type {AppRef} from '../anchor/index.ts'
import {anchorName, applySetId, label, podsOf} from '../anchor/index.ts'
import type {KindRef, Kube, WatchOptions} from '../kube/index.ts'
import {orAborted, sleep, watchObjects} from '../kube/index.ts'
import {type AppStatus, appStatus} from './status.ts'

/** Changes come in bursts: so long do we wait for the rest of one. */
const burst = 200
const minute = 60_000

/** The kinds whose state changes by itself. */
const kinds: KindRef[] = [
  {apiVersion: 'apps/v1', kind: 'Deployment'},
  {apiVersion: 'apps/v1', kind: 'StatefulSet'},
  {apiVersion: 'apps/v1', kind: 'DaemonSet'},
  {apiVersion: 'batch/v1', kind: 'Job'},
  {apiVersion: 'v1', kind: 'PersistentVolumeClaim'},
]

/**
 * How an app stands, now and whenever that changes, until the signal. By watching: nothing is asked while nothing happens.
 * @throws UserError `app.not-found` also when it has been uninstalled meanwhile
 */
export async function* watchStatus(kube: Kube, ref: AppRef, signal: AbortSignal): AsyncGenerator<AppStatus> {
  const {namespace, name} = ref
  const stop = new AbortController()
  const until = AbortSignal.any([stop.signal, signal])
  let changed = Promise.withResolvers<void>()
  const follow = async (kind: KindRef, options: WatchOptions) => {
    for await (const event of watchObjects(kube, kind, {...options, namespace, signal: until}))
      if (event.type !== 'synced' || event.objects.length > 0) changed.resolve()
  }
  const watches = [
    follow({apiVersion: 'v1', kind: 'ConfigMap'}, {name: anchorName(name)}),
    follow({apiVersion: 'v1', kind: 'Pod'}, {labelSelector: podsOf(name)}),
    // What a probe got is told in Events alone.
    follow({apiVersion: 'v1', kind: 'Event'}, {fieldSelector: 'type=Warning'}),
    ...kinds.map(kind => follow(kind, {labelSelector: `${label.partOf}=${applySetId(ref)}`})),
  ]
  const broken = Promise.all(watches).then(() => undefined)
  broken.catch(() => undefined) // told where it is waited for
  let last = ''
  try {
    for (;;) {
      changed = Promise.withResolvers()
      const status = await appStatus(kube, ref, signal)
      const text = JSON.stringify(status)
      if (text !== last) yield status
      last = text
      // Who works at it may fall silent, which is no event.
      const overdue = status.operation === null ? [] : [sleep(minute, until)]
      await orAborted(Promise.race([changed.promise, broken, ...overdue]), signal)
      await sleep(burst, signal)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    stop.abort()
  }
}
