import {type AppRef, formatRef, label, managedBy, watchAnchors} from '../anchor/index.ts'
import {workloads} from '../app/index.ts'
import type {KindRef, Kube, WatchOptions} from '../kube/index.ts'
import {isForbidden, isNotFound, watchObjects} from '../kube/index.ts'
import type {Report} from '../progress.ts'
import {merge} from './merge.ts'
import {type Heard, Tracker} from './tracker.ts'
import type {AppChange, AppSnapshot} from './types.ts'

export interface WatchAppsOptions {
  /** Only these; all that the rest selects when empty. */
  apps: AppRef[]
  /** All namespaces without. */
  namespace?: string
  /** Of anchors, as in `app list`. */
  labelSelector?: string
  signal: AbortSignal
  report: Report
  now(): Date
}

type Where = Pick<WatchOptions, 'namespace' | 'signal' | 'patience'>

/**
 * How the apps stand, and every change of it, until `signal` aborts; through lost connections, and through whatever time without the API
 * server: a front end stands behind it.
 * @throws RemoteError `cluster.forbidden`, and where the API server cannot be reached at first
 */
export async function* watchApps(kube: Kube, options: WatchAppsOptions): AsyncGenerator<AppSnapshot | AppChange> {
  const {apps, namespace, labelSelector, signal, report, now} = options
  const stop = new AbortController()
  const names = new Set(apps.map(formatRef))
  const spaces = [...new Set(apps.map(app => app.namespace))]
  const where = {
    signal: AbortSignal.any([signal, stop.signal]),
    namespace: spaces.length === 1 ? spaces[0] : namespace,
    patience: Number.POSITIVE_INFINITY,
  }
  const of = (key: string) => (apps.length === 0 ? [] : [`${key} in (${apps.map(({name}) => name).join(',')})`])
  const selectors = {
    anchors: [labelSelector, ...of(label.app)].filter(Boolean).join(','),
    workloads: [`${label.managedBy}=${managedBy}`, ...of(label.instance)].join(','),
  }
  const kinds = workloads.map(({kind}) => kind)
  const tracker = new Tracker(kinds, app => names.size === 0 || names.has(app), now)
  try {
    const sources = [
      anchors(kube, {...where, labelSelector: selectors.anchors}),
      ...workloads.map(kind => workloadsOf(kube, kind, {...where, labelSelector: selectors.workloads}, report)),
    ]
    for await (const heard of merge<Heard>(sources)) yield* tracker.hear(heard)
  } finally {
    stop.abort()
  }
}

async function* anchors(kube: Kube, where: Where & {labelSelector: string}): AsyncGenerator<Heard> {
  for await (const event of watchAnchors(kube, where)) yield {of: 'anchors', event}
}

async function* workloadsOf(
  kube: Kube,
  ref: KindRef,
  where: Where & {labelSelector: string},
  report: Report,
): AsyncGenerator<Heard> {
  const {kind} = ref
  try {
    for await (const event of watchObjects(kube, ref, where)) yield {of: 'workloads', kind, event}
  } catch (error) {
    if (!isForbidden(error) && !isNotFound(error)) throw error
    report({type: 'warning', message: `readiness is told without what may not be seen: ${error.message}`})
    yield {of: 'workloads', kind, event: {type: 'unreadable'}}
  }
}
