import {randomBytes} from 'node:crypto'
import type {Kube, KubeObject} from '../kube/index.ts'
import {createObject} from '../kube/index.ts'
import {stateManager} from './names.ts'
import type {HolderIdentity} from './types.ts'

/** Who does something, and when. */
export interface Actor {
  identity: Pick<HolderIdentity, 'who' | 'host'>
  now: Date
}

export interface EventText {
  type?: 'Normal' | 'Warning'
  /** CamelCase, as `kubectl get events` shows it. */
  reason: string
  action: string
  message: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

/**
 * Says in an Event of an object what is done to it. It outlives the object, for as long as the cluster keeps Events (an hour, mostly).
 * @throws RemoteError `cluster.forbidden`
 */
export async function recordEvent(
  kube: Kube,
  {identity: {host}, now}: Actor,
  about: KubeObject,
  {type = 'Normal', reason, action, message, labels, annotations}: EventText,
): Promise<void> {
  const {apiVersion, kind, metadata} = about
  const {name, namespace = '', uid, resourceVersion} = metadata
  const time = now.toISOString()
  await createObject(
    kube,
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: `${name}.${randomBytes(8).toString('hex')}`,
        namespace,
        ...(labels && {labels}),
        ...(annotations && {annotations}),
      },
      involvedObject: {apiVersion, kind, name, namespace, uid, resourceVersion},
      type,
      reason,
      action,
      message: message.slice(0, 1000),
      source: {component: 'berth', host},
      reportingComponent: 'berth.dev/cli',
      reportingInstance: host,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    },
    {fieldManager: stateManager},
  )
}

/**
 * Records that somebody is shown a secret that belongs to an object; what it was is not said. To be called first: where it cannot be
 * written, nothing is to be shown. @throws RemoteError `cluster.forbidden`
 */
export const recordRevealed = (kube: Kube, actor: Actor, about: KubeObject, what: string): Promise<void> => {
  const {who, host} = actor.identity
  return recordEvent(kube, actor, about, {
    reason: 'SecretRevealed',
    action: 'reveal',
    message: `${who} on ${host} was shown ${what}`,
  })
}
