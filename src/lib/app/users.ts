import type {Anchor, AppRef, Revision} from '../anchor/index.ts'
import {changeOf, findAnchor, formatRef, isUnreadable, readAnchor, sameApp} from '../anchor/index.ts'
import {usersOf} from '../binding/index.ts'
import {levelsOf} from '../levels.ts'
import type {Lib} from './types.ts'

/** One use of an app by another, or of another by it. */
export interface AppUse {
  /** `namespace/name` of the other. */
  ref: string
  parameter: string
  /** Its record may not be looked at, or cannot be read, so whether it runs is not known. */
  unseen?: true
}

const isAmong = (ref: AppRef, others: AppRef[]): boolean => others.some(other => sameApp(ref, other))

/** Who uses an app and runs. Its own record names every user; one that may not or cannot be looked at is taken to run. */
export async function runningUsers(lib: Lib, anchor: Anchor, except: AppRef[]): Promise<AppUse[]> {
  const users = usersOf(anchor).filter(({consumer}) => !isAmong(consumer, except))
  const looked = await Promise.all(
    users.map(async ({consumer, parameter}): Promise<AppUse[]> => {
      const use = {ref: formatRef(consumer), parameter}
      const found = await lookAt(lib, consumer)
      if (found === 'unseen') return [{...use, unseen: true}]
      return found === undefined || found.desired === 'stopped' ? [] : [use]
    }),
  )
  return looked.flat()
}

/**
 * Who uses an app, each with the parameters that are bound to it, as both records say: a grant stays where its app went without a right to
 * end it, and may be forged.
 */
export async function consumersOf({kube, signal}: Lib, ref: AppRef): Promise<{ref: AppRef; parameters: string[]}[]> {
  const users = Map.groupBy(usersOf(await readAnchor(kube, ref, signal)), ({consumer}) => formatRef(consumer))
  const looked = [...users.values()].flatMap(grants =>
    grants.slice(0, 1).map(async ({consumer}) => {
      const bound = providersOf((await findAnchor(kube, consumer, signal))?.current).filter(
        ({app, parameter}) => sameApp(app, ref) && grants.some(grant => grant.parameter === parameter),
      )
      return {ref: consumer, parameters: bound.map(({parameter}) => parameter)}
    }),
  )
  return (await Promise.all(looked)).filter(({parameters}) => parameters.length > 0)
}

/** What an app uses that is stopped. What may not or cannot be looked at is taken to run. */
export async function stoppedProvidersOf(
  lib: Lib,
  revision: Revision | undefined,
  except: AppRef[],
): Promise<AppUse[]> {
  const bound = providersOf(revision).filter(({app}) => !isAmong(app, except))
  const looked = await Promise.all(
    bound.map(async ({app, parameter}): Promise<AppUse[]> => {
      const found = await lookAt(lib, app)
      return found !== 'unseen' && found?.desired === 'stopped' ? [{ref: formatRef(app), parameter}] : []
    }),
  )
  return looked.flat()
}

const providersOf = (revision: Revision | undefined): {app: AppRef; parameter: string}[] =>
  Object.entries(revision?.bindings ?? {}).flatMap(([parameter, {provider}]) =>
    'app' in provider ? [{app: provider.app, parameter}] : [],
  )

async function lookAt(lib: Lib, ref: AppRef): Promise<Anchor | undefined | 'unseen'> {
  try {
    return await findAnchor(lib.kube, ref, lib.signal)
  } catch (error) {
    if (isUnreadable(error)) return 'unseen'
    throw error
  }
}

/** Who goes along with an app: those that use it, as long as they run or whether or not; or what it uses that is stopped. */
export type Along = 'running users' | 'users' | 'stopped providers' | 'nobody'

/** An app of one call, and which others of it use it. */
export interface Ordered {
  ref: AppRef
  users: AppRef[]
}

/**
 * The apps of one call with those that go along, users first, in levels: what stands in one level does not wait for anything else in it.
 * Those that use each other in a circle come together.
 * @throws UserError `app.not-found`; RemoteError `cluster.forbidden` for one that may not be looked at
 */
export async function levelsOfApps(lib: Lib, refs: AppRef[], along: Along): Promise<Ordered[][]> {
  const found = new Map<string, Anchor>()
  let next = refs
  for (let named = true; next.length > 0; named = false) {
    const fresh = [...new Map(next.map(ref => [formatRef(ref), ref])).values()].filter(
      ref => !found.has(formatRef(ref)),
    )
    const anchors = await Promise.all(
      fresh.map(ref => (named ? readAnchor(lib.kube, ref, lib.signal) : findAnchor(lib.kube, ref, lib.signal))),
    )
    const taken = anchors.filter(anchor => anchor !== undefined).filter(anchor => named || goesAlong(anchor, along))
    for (const anchor of taken) found.set(formatRef(anchor.ref), anchor)
    next = taken.flatMap(anchor => othersOf(anchor, along))
  }
  return inLevels([...found.values()])
}

const goesAlong = ({desired, pending}: Anchor, along: Along): boolean =>
  along === 'users' || pending !== undefined || desired === (along === 'running users' ? 'running' : 'stopped')

function othersOf(anchor: Anchor, along: Along): AppRef[] {
  if (along === 'nobody') return []
  if (along === 'stopped providers') return providersOf(anchor.current).map(({app}) => app)
  return usersOf(anchor).map(({consumer}) => consumer)
}

function inLevels(anchors: Anchor[]): Ordered[][] {
  const {levels, circle} = levelsOf(anchors, anchor => anchors.filter(other => other !== anchor && uses(other, anchor)))
  return [...levels, ...(circle.length > 0 ? [circle] : [])].map(level =>
    level.map(anchor => ({
      ref: anchor.ref,
      users: anchors.filter(other => !level.includes(other) && uses(other, anchor)).map(({ref}) => ref),
    })),
  )
}

const uses = (consumer: Anchor, provider: Anchor): boolean =>
  [...providersOf(consumer.current), ...providersOf(changeOf(consumer)?.target)].some(({app}) =>
    sameApp(app, provider.ref),
  )
