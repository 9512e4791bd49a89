import type {Anchor, AppRef, Autoscaler, Binding, Member, Revision, RevisionSecrets} from '../anchor/index.ts'
import {
  findAnchor,
  formatRef,
  isAppName,
  listRevisionSecrets,
  newAnchor,
  newHashKey,
  readPackageSecret,
  readRevisionSecret,
  revisionSecretName,
} from '../anchor/index.ts'
import type {Offer} from '../binding/index.ts'
import {describeEndpoints} from '../binding/index.ts'
import type {FieldError} from '../errors.ts'
import {UserError} from '../errors.ts'
import {isForbidden, isNotFound} from '../kube/index.ts'
import type {Manifest, Package} from '../package/index.ts'
import {defaultScale, resolveEndpoints} from '../package/index.ts'
import type {Answers, BindingNeed, Resolution, Shared} from '../params/index.ts'
import {edited, migrateAnswers, publishedOf} from '../params/index.ts'
import {foundShared, lookUpShared} from '../shared/index.ts'
import {refuseFaults, resolveAnswers, resolveFrozen, type Surroundings} from './answers.ts'
import {bind} from './bind.ts'
import {endsOf, staleUsers, trustIn} from './certificates.ts'
import {checkAgainstCluster} from './choices.ts'
import type {Target} from './desired.ts'
import {renderDesired, scopeOf, secretNamesOf} from './desired.ts'
import {appExists, badName, recordLost, retainedData, tasksOfStopped, unfinished, unstoppable} from './errors.ts'
import {restOf, stopsOf} from './halt.ts'
import {isClaim, isCrd, objectId} from './identity.ts'
import {atProvider, findWanted, isNew, refuseTwice, type Wanted} from './new-provider.ts'
import type {Intent, Scales, Ways} from './plan.ts'
import {planChange, sameAnswers, withOperations} from './plan.ts'
import {checkConsent} from './preflight.ts'
import {checkScaling} from './scaling.ts'
import type {SealedObject} from './seal.ts'
import {seal, withUnknown} from './seal.ts'
import {makeSecrets} from './secrets.ts'
import {chooseTasks} from './tasks.ts'
import type {ChangeOptions, ChangeRequest, DesiredObject, InstallOptions, InstallRequest, Lib, Plan} from './types.ts'

/** A change thought through: what will be shown, and what carrying it out needs. */
export interface Prepared extends Pick<Intent, 'target' | 'sealed' | 'current' | 'leaving' | 'tasks' | 'onDrift'> {
  plan: Plan
  /** Without what is installed first. */
  own: Plan
  /** Providers that the answers have installed first, in order. */
  needed: Needed[]
  secrets: RevisionSecrets
  ways: Ways
  scales: Scales
  /** Makes the keys that the plan has words for; what they are is known only then. */
  complete(): Promise<Pick<Prepared, 'target' | 'sealed' | 'secrets'>>
}

/** An app that is installed before another can use it. */
export interface Needed {
  request: InstallRequest
  plan: Plan
}

/** What an app has already, that a change goes on from. */
interface Past {
  /** Of the revision to make. */
  number: number
  secrets: RevisionSecrets
  current: Revision | undefined
  /** The package that it is made of now. */
  pkg: Package | undefined
}

/**
 * Plans a change, from nothing or from what the app is: answers, providers, objects, dry runs, permissions, quota. Changes nothing.
 * @param anchor the app as it stands; under its lock where it is going to be carried out
 * @throws UserError for everything that is wrong, `preflight.failed` with all failed checks at once
 */
export async function prepareChange(lib: Lib, request: ChangeRequest, anchor: Anchor | undefined): Promise<Prepared> {
  const {ref, pkg, origin, options} = request
  const past = await pastOf(lib, request, anchor?.current)
  const {current} = past
  const {resolution: thought, answers, bindings, offers, around, needed} = await resolve(lib, request, past)
  /** The target with these secrets made: public halves of keys are known once their keys are there. */
  const build = async (made: Record<string, string>) => {
    const secrets = {...past.secrets, values: {...keptOutputs(past, bindings), ...made}}
    const published = publishedOf(made)
    const hasKeys = Object.keys(published).length > 0
    const resolution = hasKeys ? await resolveAnswers(answers, {...around, published}, bindings) : thought
    const draft: Revision = {
      number: past.number,
      package: origin,
      answers: resolution.answers,
      patches: request.patches ?? current?.patches ?? {},
      ignore: request.ignore ?? current?.ignore ?? [],
      secret: revisionSecretName(ref.name, past.number),
      cluster: lib.cluster,
      scale: {...defaultScale(pkg.manifest), ...current?.scale, ...request.scale},
      autoscalers: autoscalersOf(request, current),
      bindings,
      provides: {},
      certificates: endsOf(resolution.certificates, secrets.values),
      trust: trustIn(resolution.certificates, secrets.values),
      ...foundShared(around.shared),
      inventory: [],
      objects: {},
    }
    const provides = describeEndpoints(resolveEndpoints(pkg, scopeOf({ref, pkg, revision: draft, resolution})))
    const target: Target = {ref, pkg, revision: {...draft, provides}, resolution}
    return {target, secrets, sealed: seal(renderDesired(target), withUnknown(secrets, secretNamesOf(target)))}
  }
  const make = (known: Record<string, string>, how: {draft?: boolean} = {}) =>
    makeSecrets(lib.kube, thought, pkg.interfaces, known, how)
  const {values: before} = past.secrets
  const made = await make(before, {draft: true})
  const {target, secrets, sealed} = await build(made)
  const lacksKeys = thought.secrets.some(({source}) => source.from === 'generate' && 'algorithm' in source.spec)
  checkConsent(ref, pkg.manifest, sealed, options.allow)
  checkScaling(request, sealed, target.revision)
  const tasks = await tasksOf(request, past, target)
  const stopped = anchor?.desired === 'stopped' ? anchor.stopped : undefined
  if (stopped !== undefined) refuseForStopped(target, sealed, tasks)
  const leaving = leavingOf(current, sealed)
  const {adopt, onDrift, createNamespace = false} = options as ChangeOptions & Partial<InstallOptions>
  const locked = anchor?.operation !== undefined
  const ignore = ignoredBy(target)
  const {scale = {}} = request
  const change = {target, sealed, current, leaving, tasks, onDrift, ignore}
  const intent = {...change, offers, pending: undefined, createNamespace, locked, scale, stopped}
  const operation = current === undefined ? 'install' : 'update'
  const {plan: found, ...ways} = await planChange(lib, operation, {
    ...intent,
    mayAdopt: () => adopt,
    mayRecreate: () => options.allowRecreate === true,
  })
  const renewed = anchor === undefined ? [] : renewalWarnings(anchor, target.revision)
  const own = {...found, warnings: [...found.warnings, ...renewed]}
  if (current === undefined) refuseLost(ref, sealed, ways.ways)
  const complete = async () => (lacksKeys ? build(await make({...before, ...made})) : {target, secrets, sealed})
  const plan = withOperations(own, {first: needed.map(each => each.plan)})
  return {...change, ...ways, secrets, complete, plan, own, needed}
}

/** Who has to be told of another certificate, or will not get in. */
const renewalWarnings = (anchor: Anchor, next: Revision): string[] =>
  staleUsers(anchor, anchor.current, next).map(
    ({user, refresh}) => `what vouches for it becomes another, and ${user} may not get in before ${refresh}`,
  )

/** Objects of an app that nobody knows of: an install would make its secrets anew over those that its data was made with. */
function refuseLost(ref: AppRef, sealed: SealedObject[], ways: Ways): void {
  const lost = sealed.find(({id, object}) => {
    const way = ways.get(id)
    return way !== undefined && !way.isNew && !way.adopted && !isClaim(object) && !isCrd(object)
  })
  if (lost !== undefined) throw recordLost(ref, lost.id)
}

/** A stopped app stays so: what a change would have to run, or could not keep from running, stands in its way. */
function refuseForStopped({ref, pkg}: Target, desired: DesiredObject[], tasks: string[]): void {
  if (tasks.length > 0) throw tasksOfStopped(ref, tasks)
  const unknown = desired.filter(
    ({object, task}) => task === undefined && restOf(object, stopsOf(pkg.manifest)) === 'unknown',
  )
  if (unknown.length > 0)
    throw unstoppable(
      ref,
      unknown.map(({id}) => id),
    )
}

/** Fields that are left to others, by the package's word and the user's. */
export const ignoredBy = ({pkg, revision}: Pick<Target, 'pkg' | 'revision'>): string[] => [
  ...pkg.manifest.drift.ignore,
  ...revision.ignore,
]

/** An app is made only where none is. */
export function refuseExisting(ref: AppRef, anchor: Anchor | undefined): void {
  if (!isAppName(ref.name)) throw badName(ref.name)
  if (anchor?.pending !== undefined) throw unfinished(ref, anchor.pending.kind)
  if (anchor?.current !== undefined) throw appExists(ref, anchor.package, anchor.operation !== undefined)
}

/** The app as it stands, if there is one: a change is planned against it. */
export const findPresent = (lib: Lib, ref: AppRef): Promise<Anchor | undefined> => findAnchor(lib.kube, ref, lib.signal)

/** Tasks run where something happens to the app: it is made, its version or its answers change, secrets are made anew. */
async function tasksOf({pkg, rotate}: ChangeRequest, past: Past, target: Target): Promise<string[]> {
  const {current} = past
  const scope = scopeOf(target)
  if (current === undefined || past.pkg === undefined) return chooseTasks(pkg, 'install', scope, undefined)
  if (rotate !== undefined) return rotate.tasks
  const upgraded = past.pkg.digest !== pkg.digest
  if (!upgraded && sameAnswers(current, target.revision)) return []
  const resolution = await resolveFrozen(target.ref, past.pkg, current, past.secrets)
  const before = scopeOf({...target, pkg: past.pkg, revision: current, resolution})
  return chooseTasks(pkg, upgraded ? 'upgrade' : 'config', scope, before)
}

/** What this app has, or what an earlier one of its name left. @throws UserError `data.retained` where nobody said to adopt it */
async function pastOf(
  lib: Lib,
  {ref, pkg, options, rotate}: ChangeRequest,
  current: Revision | undefined,
): Promise<Past> {
  const kept = await listRevisionSecrets(lib.kube, ref).catch(error => {
    // Whether we may keep Secrets here at all is told by the preflight, with everything else.
    if (isForbidden(error) || isNotFound(error)) return []
    throw error
  })
  const number = Math.max(kept[0]?.number ?? 0, current?.number ?? 0) + 1
  if (current !== undefined) {
    const {digest} = current.package
    const [secrets, former] = await Promise.all([
      readRevisionSecret(lib.kube, ref, current.secret),
      digest === pkg.digest ? pkg : readPackageSecret(lib.kube, ref, digest),
    ])
    const goes = (name: string) => rotate?.secrets.some(each => name === each || name.startsWith(`${each}.`)) === true
    const stays = Object.entries(secrets.values).filter(([name]) => !goes(name))
    return {number, current, secrets: {...secrets, values: Object.fromEntries(stays)}, pkg: former}
  }
  const retained = kept.find(secret => secret.retained !== undefined)
  if (retained?.retained === undefined)
    return {number, current, pkg: undefined, secrets: {values: {}, hashKey: newHashKey()}}
  if ((options as InstallOptions).retained === 'refuse') throw retainedData(ref, retained.retained)
  return {number, current, pkg: undefined, secrets: await readRevisionSecret(lib.kube, ref, retained.name)}
}

/** What the app was answered, as this version of its package takes it. What cannot be brought over is told with the answers now. */
const answersFor = ({migrations}: Manifest, {package: {version}, answers}: Revision): Answers =>
  migrateAnswers(migrations, version, answers).answers

interface Resolved extends Pick<Settled, 'answers' | 'needed'> {
  resolution: Resolution
  bindings: Record<string, Binding>
  offers: Map<string, Offer>
  around: Surroundings & {shared: Shared}
}

/** Answers to what templates see. Providers are looked up in between: what they say of themselves is known before anything is made. */
async function resolve(
  lib: Lib,
  request: ChangeRequest,
  {number, secrets, current, pkg: former}: Past,
): Promise<Resolved> {
  const {ref, pkg, answers, options} = request
  const {manifest} = pkg
  const around: Resolved['around'] = {
    ref,
    pkg,
    cluster: lib.cluster,
    revision: number,
    kept: new Set(Object.keys(secrets.values)),
    published: publishedOf(secrets.values),
    shared: await lookUpShared(lib.kube, ref.namespace, answers.answers),
    ...(current !== undefined && {
      previous: answersFor(manifest, current),
      previousShared: {values: current.values, services: current.services},
    }),
    ...(former !== undefined && {previousParameters: former.manifest.parameters}),
    read: options.read,
  }
  const first = await resolveAnswers(answers.answers, around, {})
  const [wrong, settled] = await Promise.all([
    checkAgainstCluster(lib.kube, ref, first),
    settle(lib, request, first).catch(error => {
      refuseFaults(manifest, first.errors, answers)
      throw error
    }),
  ])
  refuseFaults(manifest, [...first.errors, ...wrong, ...settled.errors], answers)
  const {needed, needs, upcoming} = settled
  if (needs.length === 0)
    return {resolution: first, answers: answers.answers, bindings: {}, offers: new Map(), around, needed}
  const bound = await Promise.all(
    needs.map(async need => [need.parameter, await bind(lib, request, need, current, upcoming)] as const),
  )
  const bindings = Object.fromEntries(bound.map(([parameter, {binding}]) => [parameter, binding]))
  const offers = new Map(bound.flatMap(([parameter, {offer}]) => (offer === undefined ? [] : [[parameter, offer]])))
  const resolution = await resolveAnswers(settled.answers, around, bindings)
  refuseFaults(manifest, resolution.errors, answers)
  return {resolution, answers: settled.answers, bindings, offers, around, needed}
}

/** Answers that name every provider, also those that are going to be installed. */
interface Settled {
  answers: Answers
  needs: BindingNeed[]
  needed: Needed[]
  /** As their anchors will be, by `namespace/name`. */
  upcoming: Map<string, Anchor>
  /** What is wrong in the answers to the packages that are installed. */
  errors: FieldError[]
}

/**
 * Prepares what is installed first like the app itself, so that nothing is begun that cannot be ended. From here on the answers name it
 * like any other provider: that is what is kept.
 */
async function settle(lib: Lib, request: ChangeRequest, {bindings}: Resolution): Promise<Settled> {
  const {answers} = request.answers
  const wanted = await Promise.all(bindings.filter(isNew).map(need => findWanted(lib, request, need)))
  refuseTwice(wanted)
  const named = new Map(wanted.map(({parameter, ref}) => [parameter, {$app: formatRef(ref)}]))
  const settled: Settled = {
    answers: [...named].reduce((all, [name, app]) => edited(all, name.split('.'), 0, app) as Answers, answers),
    needs: bindings.map(need => ({...need, provider: named.get(need.parameter) ?? need.provider})),
    needed: [],
    upcoming: new Map(request.upcoming),
    errors: [],
  }
  for (const each of wanted.filter(({isThere}) => !isThere)) {
    const {parameter, ref, origin} = each
    try {
      const first = requestOf(each, request.options)
      const {plan, target} = await prepareChange(lib, first, undefined)
      settled.needed.push({request: first, plan})
      settled.upcoming.set(formatRef(ref), {
        ...newAnchor(ref, lib.holder.identity.who, origin),
        current: target.revision,
      })
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'params.invalid') throw error
      settled.errors.push(...atProvider(parameter, error.details as FieldError[]))
    }
  }
  return settled
}

/** Ready when the other begins: its script has to run in there. */
const requestOf = (
  {ref, pkg, origin, answers, consumers}: Wanted,
  options: ChangeOptions & Partial<InstallOptions>,
): InstallRequest => ({
  ...{ref, pkg, origin, answers, consumers},
  options: {retained: 'refuse', createNamespace: false, ...options, wait: true},
})

/** Secrets of bindings that stay, whoever made them. */
const keptOutputs = ({current, secrets}: Past, bindings: Record<string, Binding>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(secrets.values).filter(([name]) => {
      const parameter = name.slice(0, name.lastIndexOf('.'))
      return (
        current !== undefined &&
        current.bindings[parameter] !== undefined &&
        current.bindings[parameter] === bindings[parameter]
      )
    }),
  )

/** Those that are told, and those that were there, of components that the package has. */
const autoscalersOf = ({pkg, autoscale}: ChangeRequest, current: Revision | undefined): Revision['autoscalers'] =>
  Object.fromEntries(
    Object.entries({...current?.autoscalers, ...autoscale}).filter(
      (entry): entry is [string, Autoscaler] => entry[1] !== null && pkg.manifest.components[entry[0]] !== undefined,
    ),
  )

/** What the app has and shall have no more. Data is not among it: claims stay with the app until it is uninstalled. */
function leavingOf(current: Revision | undefined, sealed: SealedObject[]): Member[] {
  const wanted = new Set(sealed.map(({id}) => id))
  return (current?.inventory ?? [])
    .filter(member => !wanted.has(objectId(member)) && !isClaim(member))
    .map(({adopted: _adopted, ...member}) => member)
}
