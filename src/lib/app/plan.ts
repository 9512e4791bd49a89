import type {Anchor, Halt, Member, OnDrift, PendingChange, Revision} from '../anchor/index.ts'
import {formatRef} from '../anchor/index.ts'
import type {AppBinding, Offer} from '../binding/index.ts'
import {idAt} from '../binding/index.ts'
import type {ObjectRef} from '../kube/index.ts'
import {canonical} from '../params/index.ts'
import {shortHash} from '../short-hash.ts'
import {droppedBindings, type Maker, makersOf, openBindings} from './bindings.ts'
import {compareObject} from './compare.ts'
import type {Target} from './desired.ts'
import {preflightFailed} from './errors.ts'
import {checkHosts} from './hosts.ts'
import {isClaim, objectId} from './identity.ts'
import {checkQuota, checkRights, checkVersion, lackingRights, readQuotas} from './preflight.ts'
import type {SealedObject} from './seal.ts'
import type {Check, Compared, FailedCheck, Lib, Plan, Step, Verb, Way} from './types.ts'

/** A change as it is to be planned: new, or read back from its journal. */
export interface Intent {
  target: Target
  sealed: SealedObject[]
  /** What the app was before; undefined for an install. */
  current: Revision | undefined
  /** Members that the target no longer has. */
  leaving: Member[]
  /** Names of the tasks that are run. */
  tasks: string[]
  /** Undefined while nothing is journaled. */
  pending: PendingChange | undefined
  /** What providers were found to offer, by parameter; empty once journaled. */
  offers: ReadonlyMap<string, Offer>
  mayAdopt(id: string): boolean
  mayRecreate(id: string): boolean
  onDrift: OnDrift | undefined
  ignore: readonly string[]
  createNamespace: boolean
  /** Replicas that are asked for, by component. */
  scale: Record<string, number>
  /** Of a stopped app: what a start brings back. */
  stopped: Record<string, Halt> | undefined
  /** The anchor is there, be it only for the lock. */
  locked: boolean
}

/** Counts that change, by the object's id. */
export type Scales = NonNullable<PendingChange['scales']>

/** How each object is to be written, by its id. */
export type Ways = ReadonlyMap<string, Way>

/**
 * A plan with the hash that stands for it: of what will be done, not of the checks that led there.
 * @param more what decides it besides, and is not shown: of what is created only the name is
 */
export function finishPlan(plan: Omit<Plan, 'hash'>, more?: unknown): Plan {
  const {checks: _checks, warnings: _warnings, ...deciding} = plan
  return {...plan, hash: hashOf([deciding, more ?? null])}
}

const hashOf = (deciding: unknown): string => shortHash(canonical(deciding), 16)

/** The same with operations on other apps, before its own steps or after them. */
export function withOperations(plan: Plan, {first = [], last = []}: {first?: Plan[]; last?: Plan[]}): Plan {
  if (first.length + last.length === 0) return plan
  const operation = (of: Plan): Step => ({do: 'operation', plan: of, reversal: 'compensable'})
  const steps = [...first.map(operation), ...plan.steps, ...last.map(operation)]
  return {...plan, changes: true, steps, hash: hashOf([plan, ...first, ...last].map(({hash}) => hash))}
}

/** Also where nothing else is to do: whoever carries it out frees a lock that was left behind, or hears that its holder lives. */
export function withLock(plan: Plan, {operation}: Pick<Anchor, 'operation'>): Plan {
  if (operation === undefined) return plan
  const warning = `its lock is held, for ${operation.kind}: that is under way, or was cut off`
  return {...plan, changes: true, warnings: [...plan.warnings, warning]}
}

/** What stands for several plans; for one, its own. */
export const hashOfPlans = (plans: Plan[]): string =>
  plans.length === 1 && plans[0] !== undefined ? plans[0].hash : shortHash(plans.map(({hash}) => hash).join(), 16)

/** Holds everything against the cluster, and puts the steps in order. @throws UserError with all failed checks */
export async function planChange(
  lib: Lib,
  operation: Verb,
  intent: Intent,
): Promise<{plan: Plan; ways: Ways; scales: Scales}> {
  const {target, sealed} = intent
  const {ref, pkg, revision} = target
  const objects = sealed.filter(entry => entry.task === undefined)
  const open = intent.pending?.stage === 'applying' ? [] : openBindings(revision, intent.current)
  const stopped = intent.stopped !== undefined
  const [compared, rights, quotas, makers] = await Promise.all([
    Promise.all(objects.map(entry => compareObject(lib.kube, ref, entry, {...intent, stopped}))),
    lackingRights(lib.kube, ref),
    readQuotas(lib.kube, ref),
    makersOf(lib, ref, open, intent.pending),
  ])
  const created = objects.filter((_, index) => compared[index]?.step.do === 'create')
  const own = {configmaps: intent.locked ? 0 : 1, secrets: intent.pending === undefined ? 2 : 0}
  const failing = compared.flatMap(({failed}) => failed ?? [])
  const lacks = [...rights, ...compared.flatMap(({lacks: lack}) => lack ?? [])]
  const checks: (Check | FailedCheck)[] = [
    ...checkVersion(pkg.manifest, lib.cluster.kubernetes),
    ...checkRights(lib.holder.identity.who, lacks),
    ...checkQuota(ref, quotas, created, own),
    ...compared.flatMap(({unverified}) => unverified ?? []),
    ...forgiveNamespace(failing, intent.createNamespace),
  ]
  if (failing.length + lacks.length === 0)
    checks.push({name: 'objects', status: 'passed', message: `${objects.length} objects pass a dry run on the server`})
  const failed = checks.filter((check): check is FailedCheck => check.status === 'failed')
  if (failed.length > 0) throw preflightFailed(ref, failed)
  const hosts = await checkHosts(lib, ref, objects, compared)
  const bindings = open.map(entry => bindingStep(intent, entry, makers.get(entry[0])))
  const scales = intent.pending?.scales ?? scalesOf(intent, compared)
  const steps = stepsOf(intent, compared, bindings, scales)
  const {answers, patches, values, services} = revision
  const unhashed = {
    operation,
    app: ref,
    package: revision.package,
    revision: revision.number,
    changes:
      intent.pending !== undefined || steps.some(step => step.do !== 'keep') || !sameSettings(revision, intent.current),
    steps,
    checks: [...checks, ...hosts.checks],
    warnings: hosts.warnings,
  }
  const plan = finishPlan(unhashed, {answers, patches, values, services})
  return {plan, ways: new Map(compared.map(({id, way}) => [id, way])), scales}
}

/** Counts that are others than was asked for. A new object comes with its own. */
function scalesOf({sealed, scale, stopped, current}: Intent, compared: Compared[]): Scales {
  const asked = compared.flatMap(({id, replicas}) => {
    const {component = ''} = sealed.find(entry => entry.id === id) ?? {}
    const to = scale[component]
    if (to === undefined || replicas === undefined) return []
    const was = stopped?.[id]
    const before = was !== undefined && 'replicas' in was ? was.replicas : current?.scale[component]
    const from = stopped === undefined ? replicas : (before ?? 1)
    return from === to ? [] : [[id, {from, to}] as const]
  })
  return Object.fromEntries(asked)
}

/** What a revision is made of: to change that makes another, although no object differs. */
const sameSettings = (one: Revision, other: Revision | undefined): boolean =>
  one.package.digest === other?.package.digest &&
  sameAnswers(one, other) &&
  canonical(settingsOf(one)) === canonical(settingsOf(other))

const settingsOf = ({patches, ignore, scale, autoscalers}: Revision) => [patches, ignore, scale, autoscalers]

/** The same was said, and what that refers to is the same. */
export const sameAnswers = (one: Revision, other: Revision): boolean =>
  canonical([one.answers, one.values, one.services]) === canonical([other.answers, other.values, other.services])

/** A namespace that is going to be made is no fault; one fault for it is enough otherwise. */
function forgiveNamespace(failed: FailedCheck[], create: boolean): (Check | FailedCheck)[] {
  const others = failed.filter(check => check.code !== 'namespace.not-found')
  const [missing] = failed.filter(check => check.code === 'namespace.not-found')
  if (missing === undefined) return others
  const message = 'the namespace is not there yet, so nothing could be tried in it'
  return [...others, create ? {name: 'objects', status: 'unverified', message} : missing]
}

/** What is to be done for a binding: by us, or by whoever may. */
function bindingStep(
  {target: {ref: consumer}, offers}: Intent,
  [parameter, {interface: kind, provider, asks}]: [string, AppBinding],
  maker: Maker | undefined,
): Step {
  const about = {parameter, interface: kind, provider: formatRef(provider.app)}
  const offer = offers.get(parameter)
  if (maker?.by === 'nobody') return {do: 'request', ...about, reversal: 'reversible'}
  return {
    do: 'provision',
    ...about,
    ...(asks === 'rotate' && {rotates: true}),
    ...(offer?.endpoint.grant === true && {makes: idAt(offer.anchor, {consumer, parameter})}),
    reversal: 'compensable',
  }
}

function stepsOf(
  {target, current, leaving, tasks, pending}: Intent,
  compared: Compared[],
  bindings: Step[],
  scales: Scales,
): Step[] {
  const {revision, resolution} = target
  const generated = resolution.secrets.filter(({source}) => source.from === 'generate').map(({name}) => name)
  const wanted = new Set(compared.map(({id}) => id))
  const data = (current?.inventory ?? []).filter(member => isClaim(member) && !wanted.has(objectId(member)))
  return [
    ...(generated.length > 0 && pending === undefined
      ? [{do: 'generate' as const, secrets: generated, reversal: 'reversible' as const}]
      : []),
    ...bindings,
    ...compared.map(({step}) => step),
    ...compared.flatMap(({id, step: {object, component}}) => {
      const scale = scales[id]
      if (scale === undefined) return []
      return [{do: 'scale' as const, object, ...(component && {component}), ...scale, reversal: 'reversible' as const}]
    }),
    ...tasks
      .filter(name => pending?.tasks[name] !== 'done')
      .map(task => ({do: 'task' as const, task, reversal: 'final' as const})),
    ...leaving.map(member => ({do: 'delete' as const, object: shown(member), reversal: 'compensable' as const})),
    ...data.map(claim => ({
      do: 'keep' as const,
      object: shown(claim),
      why: 'data is kept',
      reversal: 'reversible' as const,
    })),
    ...droppedBindings(revision, current).map(([parameter, {provider}]) => ({
      do: 'release' as const,
      parameter,
      provider: formatRef(provider.app),
      data: 'kept' as const,
      reversal: 'compensable' as const,
    })),
  ]
}

export const shown = ({uid: _uid, adopted: _adopted, ...object}: Member): ObjectRef => object
