import {randomBytes} from 'node:crypto'
import type {Kube, KubeObject} from '../kube/index.ts'
import {createObject} from '../kube/index.ts'
import {stateManager} from './names.ts'
import type {HolderIdentity} from './types.ts'

/** Who is shown a secret, and when. */
export interface Reader {
  identity: Pick<HolderIdentity, 'who' | 'host'>
  now: Date
}

/**
 * Records in an Event of an object that somebody is shown a secret that belongs to it, for `kubectl get events`; what it was is not said.
 * To be called first: where it cannot be written, nothing is to be shown. @throws RemoteError `cluster.forbidden`
 */
export async function recordRevealed(
  kube: Kube,
  {identity: {who, host}, now}: Reader,
  about: KubeObject,
  what: string,
): Promise<void> {
  const {apiVersion, kind, metadata} = about
  const {name, namespace = '', uid, resourceVersion} = metadata
  const time = now.toISOString()
  await createObject(
    kube,
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {name: `${name}.${randomBytes(8).toString('hex')}`, namespace},
      involvedObject: {apiVersion, kind, name, namespace, uid, resourceVersion},
      type: 'Normal',
      reason: 'SecretRevealed',
      action: 'Reveal',
      message: `${who} on ${host} was shown ${what}`,
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
