import type {AppRef, Lock, Member} from '../anchor/index.ts'
import {label, stateManager} from '../anchor/index.ts'
import type {KindRef, Kube, KubeObject} from '../kube/index.ts'
import {deleteObject, findObject, listObjects, mergePatch} from '../kube/index.ts'
import {parseQuantity} from '../params/index.ts'
import {isMember, toMember} from './identity.ts'
import type {Observer} from './observer.ts'
import {describeLeft} from './ready.ts'
import {step} from './step.ts'
import type {Lib} from './types.ts'

const claimKind: KindRef = {apiVersion: 'v1', kind: 'PersistentVolumeClaim'}

const claimsOfApp = async (kube: Kube, ref: AppRef): Promise<KubeObject[]> =>
  (await listObjects(kube, claimKind, {namespace: ref.namespace, labelSelector: `${label.instance}=${ref.name}`})).items

/** Claims that a StatefulSet's controller made from its templates: named `<template>-<set>-<ordinal>`, with the set's pod labels. */
export async function claimsOfSets(kube: Kube, ref: AppRef, members: Member[]): Promise<Member[]> {
  const sets = members.filter(member => member.kind === 'StatefulSet').map(({name}) => name)
  if (sets.length === 0) return []
  return (await claimsOfApp(kube, ref))
    .filter(
      ({metadata}) =>
        metadata.labels?.[label.partOf] === undefined &&
        sets.some(set => metadata.name.replace(/\d+$/, '').endsWith(`-${set}-`) && /\d$/.test(metadata.name)),
    )
    .map(claim => toMember({...claim, ...claimKind}))
}

/** A claim, and the size that it shall have. */
export interface Growth {
  claim: Member
  storage: string
}

interface Sized {
  resources?: {requests?: {storage?: string}}
}

const bytesOf = (spec: unknown): number =>
  parseQuantity((spec as Sized | undefined)?.resources?.requests?.storage ?? '') ?? 0

/** Claims of a StatefulSet with a volume smaller than its templates say now: a set makes claims, and never changes them. */
export async function outgrown(kube: Kube, ref: AppRef, set: KubeObject): Promise<Growth[]> {
  const {volumeClaimTemplates = []} = set.spec as {volumeClaimTemplates?: {metadata: {name: string}; spec: Sized}[]}
  const claims = volumeClaimTemplates.length === 0 ? [] : await claimsOfApp(kube, ref)
  return volumeClaimTemplates.flatMap(({metadata, spec}) =>
    claims
      .filter(
        claim =>
          (claim.status as {phase?: string} | undefined)?.phase === 'Bound' &&
          claim.metadata.labels?.[label.partOf] === undefined &&
          claim.metadata.name.replace(/\d+$/, '') === `${metadata.name}-${set.metadata.name}-` &&
          bytesOf(claim.spec) < bytesOf(spec),
      )
      .map(claim => ({claim: toMember({...claim, ...claimKind}), storage: spec.resources?.requests?.storage ?? ''})),
  )
}

/** Asks for more room. @throws RemoteError such as where a storage class does not let its volumes grow */
export async function growClaims(
  kube: Kube,
  claims: Growth[],
  {dryRun = false}: {dryRun?: boolean} = {},
): Promise<void> {
  for (const {claim, storage} of claims) {
    const patch = {metadata: {uid: claim.uid}, spec: {resources: {requests: {storage}}}}
    await mergePatch(kube, claim, patch, {fieldManager: stateManager, dryRun})
  }
}

/** The inventory is hostile input: a claim's data goes only where the claim itself, or the set that made it, says whose it is. */
export function isClaimOf(ref: AppRef, claim: Member, live: KubeObject): boolean {
  if (claim.namespace !== ref.namespace || (claim.uid !== undefined && live.metadata.uid !== claim.uid)) return false
  const made = live.metadata.labels?.[label.partOf] === undefined && live.metadata.labels?.[label.instance] === ref.name
  return made || isMember(ref, claim, live)
}

/**
 * A StatefulSet told to delete its claims with itself is told otherwise first, and has heard it before it goes: its controller takes the
 * owner references off the claims once it has seen the new policy.
 */
export async function keepClaimsOfSets(lib: Lib, lock: Lock, observer: Observer, members: Member[]): Promise<void> {
  const {ref} = lock.anchor
  for (const set of members.filter(({kind}) => kind === 'StatefulSet')) {
    const live = await findObject(lib.kube, set)
    if (live === undefined || !isMember(ref, set, live)) continue
    const spec = live.spec as {persistentVolumeClaimRetentionPolicy?: {whenDeleted?: string}} | undefined
    if (spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted !== 'Delete') continue
    lock.assertHeld()
    const policy = {whenDeleted: 'Retain', whenScaled: 'Retain'}
    const patch = {spec: {persistentVolumeClaimRetentionPolicy: policy}}
    await mergePatch(lib.kube, set, patch, {fieldManager: stateManager})
    const owned = async () =>
      (await claimsOfApp(lib.kube, ref)).filter(({metadata}) =>
        metadata.ownerReferences?.some(owner => owner.kind === 'StatefulSet' && owner.name === set.name),
      ).length > 0
    await untilNot(observer, owned, `StatefulSet ${set.name} to let go of its volumes`, {timeout: 60_000})
  }
}

/** Deletes claims with their data, those that are this app's. */
export async function deleteClaims(
  lib: Lib,
  lock: Lock,
  observer: Observer,
  claims: Member[],
  timeout: number,
): Promise<void> {
  const [name, title] = ['remove volumes', `delete volumes ${claims.map(each => each.name).join(', ')}`]
  await step(lib, lock, name, title, async () => {
    for (const claim of claims) {
      const live = await findObject(lib.kube, claim)
      if (live?.metadata.uid === undefined || !isClaimOf(lock.anchor.ref, claim, live)) continue
      lock.assertHeld()
      await deleteObject(lib.kube, claim, {uid: live.metadata.uid})
    }
    for (const claim of claims) {
      const still = async () => {
        const live = await findObject(lib.kube, claim)
        return (
          live !== undefined &&
          live.metadata.uid === (claim.uid ?? live.metadata.uid) &&
          describeLeft({...live, ...claimKind})
        )
      }
      const onWaiting = (on: string) => lib.report({type: 'step-waiting', step: name, on})
      await untilNot(observer, still, `volume ${claim.name} to go`, {timeout, onWaiting})
    }
  })
}

/** Asked, not watched: claims that a StatefulSet made have no label of ours. */
async function untilNot(
  observer: Observer,
  ask: () => Promise<string | boolean>,
  waiting: string,
  options: {timeout: number; onWaiting?(what: string): void},
): Promise<void> {
  let answer = await ask()
  await observer.until(
    [],
    () => (answer === false ? {done: true} : {done: false, waiting: answer === true ? waiting : answer}),
    {
      ...options,
      failFast: false,
      refresh: async () => {
        answer = await ask()
      },
    },
  )
}
