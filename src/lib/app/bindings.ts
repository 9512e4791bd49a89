import type {Anchor, AppRef, Granted, Revision} from '../anchor/index.ts'
import {changeOf, readGranted, sameApp} from '../anchor/index.ts'
import {type AppBinding, mayProvision} from '../binding/index.ts'
import {canonical} from '../params/index.ts'
import type {Lib} from './types.ts'

const appBindings = (revision: Revision | undefined): [string, AppBinding][] =>
  Object.entries(revision?.bindings ?? {}).filter((entry): entry is [string, AppBinding] => 'app' in entry[1].provider)

/** Bindings for which a provider has something to make before anything else can happen. */
export const openBindings = (target: Revision, current: Revision | undefined): [string, AppBinding][] =>
  appBindings(target).filter(([parameter, binding]) => {
    const {asks} = binding
    // A forged journal may say that nothing has to be asked: then there would be no grant.
    if (asks === undefined) return canonical(binding) !== canonical(current?.bindings[parameter] ?? null)
    return asks !== 'settle'
  })

/** Bindings whose providers are told at the end which credential counts. */
export const unsettledBindings = (target: Revision): [string, AppBinding][] =>
  appBindings(target).filter(([, {asks}]) => asks === 'settle')

/** Bindings to providers that the app no longer uses for them. */
export const droppedBindings = (target: Revision, current: Revision | undefined): [string, AppBinding][] =>
  appBindings(current).filter(([parameter, {provider}]) => {
    const now = target.bindings[parameter]?.provider
    return now === undefined || !('app' in now) || !sameApp(now.app, provider.app)
  })

/** Who has a binding made: we do, somebody with rights at its provider has done it, or nobody yet. */
export type Maker = {by: 'us'} | {by: 'grant'; granted: Granted} | {by: 'nobody'}

/** Where what was granted to a change is handed over. */
interface Journal {
  operation: string
  target: {secret: string}
}

/** @param journal undefined while nothing is journaled: then nobody can have granted it */
export async function makersOf(
  {kube, signal}: Pick<Lib, 'kube' | 'signal'>,
  ref: AppRef,
  open: [string, AppBinding][],
  journal: Journal | undefined,
): Promise<Map<string, Maker>> {
  const makers = open.map(async ([parameter, {provider}]): Promise<[string, Maker]> => {
    if (await mayProvision(kube, provider, signal)) return [parameter, {by: 'us'}]
    if (journal === undefined) return [parameter, {by: 'nobody'}]
    const {operation, target} = journal
    const granted = await readGranted(kube, ref, {revisionSecret: target.secret, parameter, operation})
    return [parameter, granted === undefined ? {by: 'nobody'} : {by: 'grant', granted}]
  })
  return new Map(await Promise.all(makers))
}

/** Bindings of a change that was journaled, and of which no provider can have heard. */
export async function unheardOf(lib: Lib, anchor: Anchor): Promise<Set<string>> {
  const pending = changeOf(anchor)
  if (pending?.stage !== 'provisioning') return new Set()
  const makers = await makersOf(lib, anchor.ref, openBindings(pending.target, anchor.current), pending)
  return new Set([...makers].flatMap(([parameter, {by}]) => (by === 'nobody' ? [parameter] : [])))
}
