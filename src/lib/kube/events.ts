import {listObjects} from './list.ts'
import type {AskOptions, Kube, KubeObject} from './types.ts'

/** What someone reported about an object. */
export interface ObjectEvent {
  type: 'Normal' | 'Warning'
  /** CamelCase, e.g. `FailedScheduling`. */
  reason: string
  message: string
  count: number
  /** RFC 3339, of the last occurrence. */
  at: string
  /** Who says so: `kubelet`, `default-scheduler`. */
  source: string
}

/** What can be reported about: an object that was read, so that an older one of the same name is not mixed in. */
export interface EventSubject {
  metadata: {uid?: string; namespace?: string}
}

/** The events of one object, oldest first. The cluster forgets them after an hour. */
export async function eventsOf(kube: Kube, subject: EventSubject, {signal}: AskOptions = {}): Promise<ObjectEvent[]> {
  const {uid, namespace} = subject.metadata
  const {items} = await listObjects(
    kube,
    {apiVersion: 'v1', kind: 'Event'},
    {
      // Events of cluster-scoped objects are kept in `default`.
      namespace: namespace ?? 'default',
      fieldSelector: `involvedObject.uid=${uid ?? ''}`,
      signal,
    },
  )
  return items.map(toEvent).sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/** Old reporters fill `lastTimestamp`, those of events.k8s.io `eventTime` and `series` (KEP-383). */
function toEvent(object: KubeObject): ObjectEvent {
  const event = object as KubeObject & {
    type?: string
    reason?: string
    message?: string
    count?: number
    lastTimestamp?: string
    eventTime?: string
    series?: {count?: number; lastObservedTime?: string}
    source?: {component?: string}
    reportingComponent?: string
  }
  return {
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    reason: event.reason ?? '',
    message: event.message ?? '',
    count: event.series?.count ?? event.count ?? 1,
    at:
      event.series?.lastObservedTime ??
      event.lastTimestamp ??
      event.eventTime ??
      event.metadata.creationTimestamp ??
      '',
    source: event.source?.component || event.reportingComponent || '',
  }
}
