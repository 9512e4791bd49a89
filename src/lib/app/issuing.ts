import type {Lock} from '../anchor/index.ts'
import {stateManager} from '../anchor/index.ts'
import {mergePatch} from '../kube/index.ts'
import type {Observer} from './observer.ts'
import type {SealedObject} from './seal.ts'
import {step} from './step.ts'
import type {Lib} from './types.ts'

/**
 * Waits until cert-manager has made what pods are going to mount, and has the Secret go with its Certificate: cert-manager would leave it.
 * @throws UserError `operation.failed` where it gave up, `wait.timeout`
 */
export async function awaitIssued(
  lib: Lib,
  lock: Lock,
  observer: Observer,
  batch: SealedObject[],
  timeout: number,
): Promise<void> {
  const ready = 'ready certificates'
  await step(lib, lock, ready, 'wait for cert-manager', async () => {
    const targets = batch.map(({id, object}) => ({id, kind: object}))
    const onWaiting = (on: string) => lib.report({type: 'step-waiting', step: ready, on})
    await observer.untilReady(targets, {timeout, failFast: {components: [undefined]}, onWaiting})
    for (const {apiVersion, kind, metadata, spec} of batch.flatMap(({id}) => observer.find(id) ?? [])) {
      const {name, namespace = '', uid} = metadata
      const {secretName} = spec as {secretName: string}
      const secret = {apiVersion: 'v1', kind: 'Secret', namespace, name: secretName}
      const owner = {apiVersion, kind, name, uid}
      lock.assertHeld()
      await mergePatch(lib.kube, secret, {metadata: {ownerReferences: [owner]}}, {fieldManager: stateManager})
    }
  })
}
