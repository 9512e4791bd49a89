import type {AppRef, Lock, Member} from '../anchor/index.ts'
import {label, stateManager} from '../anchor/index.ts'
import type {KindRef, Kube, KubeObject} from '../kube/index.ts'
import {deleteObject, findObject, isConflict, listObjects, mergePatch} from '../kube/index.ts'
import {parseQuantity} from '../params/index.ts'
import {isMember, toMember} from './identity.ts'
import type {Observer} from './observer.ts'
import {describeLeft} from './ready.ts'
import {step} from './step.ts'
import type {Lib} from './types.ts'

const claimKind: KindRef = {apiVersion: 'v1', kind: 'PersistentVolumeClaim'}
const setKind: KindRef = {apiVersion: 'apps/v1', kind: 'StatefulSet'}

const claimsOfApp = async (kube: Kube, ref: AppRef): Promise<KubeObject[]> =>
  (await listObjects(kube, claimKind, {namespace: ref.namespace, labelSelector: `${label.instance}=${ref.name}`})).items

interface Templates {
  volumeClaimTemplates?: {metadata: {name: string}; spec: Sized}[]
}

/** Is it named as a set's controller names what it makes from its templates, `<template>-<set>-<ordinal>`? */
const isMadeBy = (set: KubeObject, claim: KubeObject): boolean =>
  ((set.spec as Templates).volumeClaimTemplates ?? []).some(
    ({metadata}) => claim.metadata.name.replace(/\d+$/, '') === `${metadata.name}-${set.metadata.name}-`,
  )

/** A set's controller gives claims the labels of its selector: ours have no name of a package in it, those of charts do. */
const hasOwnLabels = ({metadata: {labels = {}}}: KubeObject): boolean =>
  labels[label.partOf] === undefined && labels[label.name] === undefined && labels[label.managedBy] === undefined

/**
 * Claims that a StatefulSet's controller made from its templates, with the set's pod labels. Where no set says so any more (it, or its
 * template, is gone), they are known by name and labels. A release of another tool may be called like the app: what its sets made stays.
 */
export async function claimsOfSets(kube: Kube, ref: AppRef, members: Member[]): Promise<Member[]> {
  const sets = members.filter(member => member.kind === 'StatefulSet')
  if (sets.length === 0) return []
  const {namespace} = ref
  const [claims, {items}] = await Promise.all([claimsOfApp(kube, ref), listObjects(kube, setKind, {namespace})])
  const isOurs = (set: KubeObject) =>
    sets.some(member => member.name === set.metadata.name && isMember(ref, member, {...setKind, ...set}))
  return claims
    .filter(claim => {
      if (claim.metadata.labels?.[label.partOf] !== undefined) return false
      const makers = items.filter(set => isMadeBy(set, claim))
      if (makers.length > 0) return makers.some(isOurs)
      return hasOwnLabels(claim) && sets.some(({name}) => claim.metadata.name.replace(/\d+$/, '').endsWith(`-${name}-`))
    })
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
  const {volumeClaimTemplates = []} = set.spec as Templates
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
 * A StatefulSet told to delete its claims with itself is told otherwise first, and has heard it before it goes. Its controller takes the
 * owner references off the claims of pods that there are; the others' are taken off here.
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
    const told = await mergePatch(lib.kube, set, patch, {fieldManager: stateManager})
    const deaf = async () => {
      const seen = ((await findObject(lib.kube, set))?.status as {observedGeneration?: number} | undefined)
        ?.observedGeneration
      return seen === undefined || seen < (told.metadata.generation ?? 0)
    }
    await untilNot(observer, deaf, `StatefulSet ${set.name} to hear that its volumes stay`, {timeout: 60_000})
    const owned = async () => {
      lock.assertHeld()
      const claims = await claimsOfApp(lib.kube, ref)
      return (await Promise.all(claims.map(claim => disown(lib.kube, claim, live.metadata.uid)))).includes(true)
    }
    await untilNot(observer, owned, `StatefulSet ${set.name} to let go of its volumes`, {timeout: 60_000})
  }
}

/** Takes an owner off a claim. True where its controller was faster, and it has to be looked at again. */
async function disown(kube: Kube, claim: KubeObject, owner: string | undefined): Promise<boolean> {
  const {ownerReferences = [], resourceVersion} = claim.metadata
  const others = ownerReferences.filter(({uid}) => uid !== owner)
  if (others.length === ownerReferences.length) return false
  const patch = {metadata: {resourceVersion, ownerReferences: others}}
  try {
    await mergePatch(kube, toMember({...claim, ...claimKind}), patch, {fieldManager: stateManager})
    return false
  } catch (error) {
    if (isConflict(error)) return true
    throw error
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
