import {createHash} from 'node:crypto'
import type {Anchor, Binding, Revision} from '../anchor/index.ts'
import {
  findAnchor,
  formatRef,
  isAppName,
  listRevisionSecrets,
  memberSecretName,
  readRevisionSecret,
  revisionSecretName,
} from '../anchor/index.ts'
import type {Offer} from '../binding/index.ts'
import {bindingOutputs, consumerId, describeEndpoints, findOffer} from '../binding/index.ts'
import {UserError} from '../errors.ts'
import {isForbidden, isNotFound} from '../kube/index.ts'
import type {Manifest} from '../package/index.ts'
import {defaultScale, resolveEndpoints} from '../package/index.ts'
import type {BindingNeed, BindingValue, Resolution} from '../params/index.ts'
import {builtinInterfaces} from '../params/index.ts'
import {refuseFaults, resolveAnswers} from './answers.ts'
import type {FailedCheck} from './compare.ts'
import {compareObject} from './compare.ts'
import type {Target} from './desired.ts'
import {renderDesired} from './desired.ts'
import {appExists, badName, preflightFailed, providerNotMade, retainedData, unfinished} from './errors.ts'
import {checkConsent, checkPermissions, checkQuota, checkStorageClasses, checkVersion} from './preflight.ts'
import {canonical, unsealed} from './seal.ts'
import type {Check, DesiredObject, InstallRequest, Lib, Plan, Step} from './types.ts'

/** An install thought through: what will be shown, and what carrying it out needs. */
export interface Prepared {
  plan: Plan
  target: Target
  desired: DesiredObject[]
  offers: Record<string, Offer>
  /** Secret values that an earlier app of this name left, by name. */
  kept: Record<string, string>
  /** The revision as the anchor will have it; inventory and hashes come with the journal. */
  revision: Revision
}

/**
 * Plans an install: answers, providers, objects, dry runs, permissions, quota. Changes nothing.
 * @param locked the anchor, when planned again under the lock
 * @throws UserError for everything that is wrong, `preflight.failed` with all failed checks at once
 */
export async function prepareInstall(lib: Lib, request: InstallRequest, locked?: Anchor): Promise<Prepared> {
  const {ref, pkg, origin, options} = request
  if (!isAppName(ref.name)) throw badName(ref.name)
  const anchor = locked ?? (await findAnchor(lib.kube, ref, lib.signal))
  if (anchor?.pending !== undefined) throw unfinished(ref, anchor.pending.kind)
  if (anchor?.current !== undefined) throw appExists(ref, anchor.package)
  const past = await pastOf(lib, request)
  const {resolution, offers, bindings} = await resolve(lib, request, past)
  const scale = defaultScale(pkg.manifest)
  const target: Target = {
    ref,
    pkg,
    revision: past.number,
    cluster: lib.cluster,
    scale,
    resolution,
    secretNames: secretNamesOf(resolution, bindings),
  }
  const desired = renderDesired(target)
  checkConsent(ref, pkg.manifest, desired, options.allow)
  const {steps, checks} = await judge(lib, request, desired, resolution, offers)
  const revision: Revision = {
    number: past.number,
    package: origin,
    answers: resolution.answers,
    secret: revisionSecretName(ref.name, past.number),
    cluster: lib.cluster,
    scale,
    bindings,
    provides: describeEndpoints(resolveEndpoints(pkg, renderScope(target))),
    inventory: [],
    objects: {},
  }
  const plan = finishPlan({
    operation: 'install',
    app: ref,
    package: origin,
    revision: past.number,
    steps,
    checks,
    warnings: [],
  })
  return {plan, target, desired, offers, kept: past.kept, revision}
}

export const renderScope = ({ref, revision, cluster, scale, resolution}: Target) => ({
  params: resolution.params,
  lets: resolution.lets,
  app: {...ref, revision},
  cluster,
  scale,
  secretName: memberSecretName(ref.name),
})

interface Past {
  /** Of the revision to make. */
  number: number
  kept: Record<string, string>
  /** Bindings whose data the provider kept. */
  bindings: Record<string, Binding>
}

/** What an earlier app of this name left behind. @throws UserError `data.retained` where nobody said to adopt it */
async function pastOf(lib: Lib, {ref, options}: InstallRequest): Promise<Past> {
  const secrets = await listRevisionSecrets(lib.kube, ref).catch(error => {
    // Whether we may keep Secrets here at all is told by the preflight, with everything else.
    if (isForbidden(error) || isNotFound(error)) return []
    throw error
  })
  const number = (secrets[0]?.number ?? 0) + 1
  const retained = secrets.find(secret => secret.retained !== undefined)
  if (retained?.retained === undefined) return {number, kept: {}, bindings: {}}
  if (options.retained === 'refuse') throw retainedData(ref, retained.retained)
  const {values, revision} = await readRevisionSecret(lib.kube, ref, retained.name)
  return {number, kept: values, bindings: revision.bindings}
}

interface Resolved {
  resolution: Resolution
  offers: Record<string, Offer>
  bindings: Record<string, Binding>
}

/** Answers to what templates see. Providers are looked up in between: what they say of themselves is known before anything is made. */
async function resolve(lib: Lib, request: InstallRequest, past: Past): Promise<Resolved> {
  const {ref, pkg, answers} = request
  const {manifest} = pkg
  const kept = new Set(Object.keys(past.kept))
  const around = {ref, manifest, cluster: lib.cluster, revision: past.number, kept, read: request.options.read}
  const first = await resolveAnswers(answers.answers, around, {})
  refuseFaults(manifest, [...first.errors, ...(await checkStorageClasses(lib.kube, first.volumes))], answers)
  const offers: Record<string, Offer> = {}
  const bindings: Record<string, Binding> = {}
  await Promise.all(
    first.bindings.map(async need => {
      const binding = await bind(lib, request, need, offers)
      if (binding !== undefined) bindings[need.parameter] = binding
    }),
  )
  const resolution = await resolveAnswers(answers.answers, around, bindings)
  refuseFaults(manifest, resolution.errors, answers)
  return {resolution, offers, bindings}
}

async function bind(
  lib: Lib,
  {ref}: InstallRequest,
  need: BindingNeed,
  offers: Record<string, Offer>,
): Promise<Binding | undefined> {
  const {provider} = need
  const schema = builtinInterfaces[need.interface]
  if (schema === undefined)
    throw new UserError('package.invalid', {
      message: `parameter ${need.parameter}: there is no interface ${need.interface}`,
    })
  const secrets = Object.keys(schema.outputs).filter(name => schema.outputs[name]?.secret === true)
  const {request} = need
  if ('$literal' in provider)
    return {interface: need.interface, provider: {literal: true}, request, outputs: provider.$literal, secrets}
  if (!('$app' in provider)) throw providerNotMade(need.parameter, provider)
  const offer = await findOffer(lib.kube, {...need, provider}, ref)
  offers[need.parameter] = offer
  const known = bindingOutputs(schema, offer.endpoint, {}, {})
  return {
    interface: need.interface,
    provider: {app: offer.app, endpoint: offer.name},
    request: need.request,
    outputs: known.plain,
    secrets,
  }
}

/** Every secret that pods may refer to: parameters' and bindings' alike, by the name they have in the app's Secret. */
export function secretNamesOf(resolution: Resolution, bindings: Record<string, BindingValue>): string[] {
  const outputs = Object.entries(bindings).flatMap(([parameter, binding]) =>
    binding.secrets.map(name => `${parameter}.${name}`),
  )
  return [...new Set([...resolution.secrets.map(({name}) => name), ...outputs])]
}

/** Holds everything against the cluster, and puts the steps in order. @throws UserError with all failed checks */
async function judge(
  lib: Lib,
  {ref, pkg, options}: InstallRequest,
  desired: DesiredObject[],
  resolution: Resolution,
  offers: Record<string, Offer>,
): Promise<{steps: Step[]; checks: Check[]}> {
  const objects = unsealed(desired).filter(entry => entry.task === undefined)
  const [compared, permissions] = await Promise.all([
    Promise.all(objects.map(entry => compareObject(lib.kube, ref, entry, {adopt: options.adopt}))),
    checkPermissions(lib.kube, ref),
  ])
  const missingNamespace = compared.some(({failed}) => failed?.code === 'namespace.not-found')
  const created = objects.filter((_, index) => compared[index]?.step.do === 'create')
  const quota = missingNamespace ? [] : await checkQuota(lib.kube, ref, created)
  const failedObjects = compared.flatMap(({failed}) => (failed === undefined ? [] : [failed]))
  const unverified = compared.flatMap(({unverified: check}) => (check === undefined ? [] : [check]))
  const checks: (Check | FailedCheck)[] = [
    ...checkVersion(pkg.manifest, lib.cluster.kubernetes),
    ...permissions,
    ...quota,
    ...unverified,
    ...forgiveNamespace(failedObjects, options.createNamespace),
  ]
  if (failedObjects.length === 0)
    checks.push({name: 'objects', status: 'passed', message: `${objects.length} objects pass a dry run on the server`})
  const failed = checks.filter((check): check is FailedCheck => check.status === 'failed')
  if (failed.length > 0) throw preflightFailed(ref, failed)
  return {
    steps: stepsOf(
      pkg.manifest,
      ref,
      resolution,
      offers,
      compared.map(({step}) => step),
    ),
    checks,
  }
}

/** A namespace that is going to be made is no fault; one fault for it is enough otherwise. */
function forgiveNamespace(failed: FailedCheck[], create: boolean): (Check | FailedCheck)[] {
  const others = failed.filter(check => check.code !== 'namespace.not-found')
  const [missing] = failed.filter(check => check.code === 'namespace.not-found')
  if (missing === undefined) return others
  if (create)
    return [
      ...others,
      {
        name: 'objects',
        status: 'unverified',
        message: 'the namespace is not there yet, so nothing could be tried in it',
      },
    ]
  return [...others, missing]
}

function stepsOf(
  manifest: Manifest,
  ref: InstallRequest['ref'],
  resolution: Resolution,
  offers: Record<string, Offer>,
  objects: Step[],
): Step[] {
  const generated = resolution.secrets.filter(({source}) => source.from === 'generate').map(({name}) => name)
  const provisions: Step[] = Object.entries(offers).map(([parameter, offer]) => ({
    do: 'provision',
    parameter,
    interface: offer.endpoint.interface,
    provider: formatRef(offer.app),
    ...(offer.endpoint.grant && {makes: consumerId({consumer: ref, parameter})}),
    reversal: 'compensable',
  }))
  const tasks: Step[] = Object.entries(manifest.tasks)
    .filter(([, task]) => task.on.includes('install'))
    .map(([task]) => ({do: 'task', task, reversal: 'final'}))
  return [
    ...(generated.length > 0 ? [{do: 'generate' as const, secrets: generated, reversal: 'reversible' as const}] : []),
    ...provisions,
    ...objects,
    ...tasks,
  ]
}

export function finishPlan(plan: Omit<Plan, 'hash'>): Plan {
  const {checks: _checks, warnings: _warnings, ...deciding} = plan
  return {...plan, hash: createHash('sha256').update(canonical(deciding)).digest('hex').slice(0, 16)}
}
