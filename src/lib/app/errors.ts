import type {AppRef, OperationKind, PackageRef, RetainedData} from '../anchor/index.ts'
import {formatRef} from '../anchor/index.ts'
import type {AppBinding} from '../binding/index.ts'
import {type BerthError, UserError} from '../errors.ts'
import {nearest} from '../nearest.ts'
import type {Check, Plan} from './types.ts'
import type {AppUse} from './users.ts'

const at = (ref: AppRef): string => `${ref.name} -n ${ref.namespace}`

/** What an interrupted operation leaves to choose from: a removal is not taken back. */
const waysOn = (ref: AppRef, operation: string, say: string): string[] => [
  `berth app resume ${at(ref)}   ${say}`,
  ...(operation === 'uninstall' ? [] : [`berth app abort ${at(ref)}    take it back`]),
]

export const badName = (name: string) =>
  new UserError('usage.invalid', {
    message: `"${name}" cannot be the name of an app: small letters, digits and dashes, beginning with a letter, 40 characters at most`,
    details: {name},
  })

export const wouldLoseData = (parameter: string, from: string, to: string) =>
  new UserError('binding.would-lose-data', {
    message: `parameter ${parameter}: its data is at ${from}, and would not be found at ${to}`,
    details: {parameter, from, to},
    hint: [
      'install a second app at the other provider and move the data by the means of the application, or',
      `take the answer back first (--unset ${parameter}), where the app can do without it: then it starts empty`,
    ],
  })

/** `{$new}` of a package that cannot be installed for the parameter. */
export const newProviderRefused = (parameter: string, pkg: string, why: string) =>
  new UserError('binding.refused', {
    message: `parameter ${parameter}: ${pkg} cannot be installed for it: ${why}`,
    details: {parameter, package: pkg, why},
    hint: `--set ${parameter}=app:NAMESPACE/NAME   name one that is there`,
  })

/** `{$new}` where an app has the name that was not installed for this one. */
export const newProviderExists = (parameter: string, ref: AppRef, pkg: PackageRef | undefined) =>
  new UserError('app.exists', {
    message: `parameter ${parameter}: ${formatRef(ref)} is there already${pkg === undefined ? '' : ` (${pkg.name} ${pkg.version})`}, and was not installed for this`,
    details: {app: formatRef(ref), parameter, package: pkg ?? null},
    hint: [
      `--set ${parameter}=app:${formatRef(ref)}   use it`,
      `--set-json '${parameter}={"$new":"${pkg?.name ?? 'PACKAGE'}","name":"NAME"}'   install another`,
    ],
  })

export const noSuchEndpoint = (ref: AppRef, name: string | undefined, known: string[]) => {
  const meant = name === undefined ? undefined : nearest(name, known)
  return new UserError('endpoint.not-found', {
    message: `${formatRef(ref)} has no endpoint${name === undefined ? '' : ` ${name}`}`,
    details: {app: formatRef(ref), endpoint: name ?? null, known},
    hint: [
      ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
      known.length === 0 ? 'its package provides none' : `it has: ${known.join(', ')}`,
    ],
  })
}

export const whichEndpoint = (ref: AppRef, verb: 'open' | 'connect', known: string[]) =>
  new UserError('usage.invalid', {
    message: `${formatRef(ref)} has several endpoints: name one of ${known.join(', ')}`,
    details: {app: formatRef(ref), known},
    hint: known.map(name => `berth app ${verb} ${ref.name} ${name} -n ${ref.namespace}`),
  })

export const notPublished = (ref: AppRef, name: string) =>
  new UserError('endpoint.not-published', {
    message: `the endpoint ${name} of ${formatRef(ref)} has no address outside the cluster that a browser opens`,
    details: {app: formatRef(ref), endpoint: name},
    hint: `berth app connect ${ref.name} ${name} -n ${ref.namespace}   reach it from this machine`,
  })

export const portTaken = (port: number, {code, message}: NodeJS.ErrnoException) =>
  new UserError('usage.invalid', {
    message: `port ${port} of this machine cannot be listened at: ${code === 'EADDRINUSE' ? 'something else does' : message}`,
    details: {port},
    hint: '--port 0   any that is free',
  })

export const appExists = (ref: AppRef, pkg: PackageRef | undefined, locked: boolean) =>
  new UserError('app.exists', {
    message: `${formatRef(ref)} is installed already${pkg === undefined ? '' : ` (${pkg.name} ${pkg.version})`}`,
    details: {app: formatRef(ref), package: pkg ?? null},
    hint: [
      ...(locked ? [`berth app abort ${at(ref)}   where its operation was cut off: free its lock`] : []),
      'give the new one another name: berth app install PACKAGE NAME',
      `berth app show ${at(ref)}   see what is there`,
    ],
  })

/** @param id an object of it that is there */
export const recordLost = (ref: AppRef, id: string) =>
  new UserError('app.exists', {
    message: `${formatRef(ref)} is there (${id}), and only what berth recorded of it was deleted`,
    details: {app: formatRef(ref)},
    hint: [`berth app recover ${at(ref)}`, 'or give the new one another name: berth app install PACKAGE NAME'],
  })

export const notInstalled = (ref: AppRef) =>
  new UserError('app.not-found', {
    message: `${formatRef(ref)} is not installed: an install of it was cut off`,
    details: {app: formatRef(ref)},
    hint: `berth app abort ${at(ref)}   clear it away`,
  })

export const unfinished = (ref: AppRef, operation: string) =>
  new UserError('app.unfinished', {
    message: `${operation} of ${formatRef(ref)} was interrupted and not finished`,
    details: {app: formatRef(ref), operation},
    hint: waysOn(ref, operation, 'go on with it'),
  })

/** @param locked a process that is gone holds it still: then it is named how it comes free */
export const nothingPending = (ref: AppRef, verb: 'resume' | 'abort', locked = false) =>
  new UserError('app.nothing-pending', {
    message: `${formatRef(ref)} has no interrupted operation to ${verb}`,
    details: {app: formatRef(ref)},
    hint: locked ? `berth app abort ${at(ref)}   only its lock is left: free it` : `berth app status ${at(ref)}`,
  })

export const noReturn = (ref: AppRef, why: string) =>
  new UserError('app.no-return', {
    message: `${formatRef(ref)}: ${why}`,
    details: {app: formatRef(ref)},
    hint: `berth app resume ${at(ref)}   finish it`,
  })

export const inUse = (ref: AppRef, users: AppUse[], verb: 'stop' | 'uninstall') => {
  const words = users.map(
    ({ref: user, parameter, unseen}) =>
      `${user} (${parameter}${unseen ? ', of which nobody can tell whether it runs' : ''})`,
  )
  return new UserError('app.in-use', {
    message: `${formatRef(ref)} is used by ${words.join(', ')}`,
    details: users,
    hint: [
      ...[...new Set(users.map(user => user.ref))].map(user => `berth app ${verb} ${user}   first`),
      `berth app ${verb} ${at(ref)} --cascade   ${verb} them too, in order`,
      `berth app ${verb} ${at(ref)} --force   leave them without it`,
    ],
  })
}

export const stoppedProviders = (ref: AppRef, providers: AppUse[]) =>
  new UserError('app.stopped', {
    message: `${formatRef(ref)} needs ${providers.map(each => `${each.ref} (${each.parameter})`).join(', ')}, which is stopped`,
    details: providers,
    hint: [
      `berth app start ${at(ref)} --cascade   start what it uses first`,
      `berth app start ${at(ref)} --force   start it all the same`,
    ],
  })

/** Their scripts drop what an app has there. */
export const keepersStopped = (ref: AppRef, providers: AppUse[]) =>
  new UserError('app.stopped', {
    message: `${formatRef(ref)} has data at ${providers.map(each => `${each.ref} (${each.parameter})`).join(', ')}, which is stopped and cannot delete it`,
    details: providers,
    hint: [
      ...[...new Set(providers.map(each => each.ref))].map(provider => `berth app start ${provider}   first`),
      `berth app uninstall ${at(ref)}   keeps the data there`,
    ],
  })

export const isStopped = (ref: AppRef, verb: string) =>
  new UserError('app.stopped', {
    message: `${formatRef(ref)} is stopped: there is nothing to ${verb}`,
    details: {app: formatRef(ref)},
    hint: `berth app start ${at(ref)}`,
  })

/** What a change would have to run needs an app that runs. */
export const tasksOfStopped = (ref: AppRef, tasks: string[]) =>
  new UserError('app.stopped', {
    message: `${formatRef(ref)} is stopped, and this change runs ${tasks.join(', ')}`,
    details: {app: formatRef(ref), tasks},
    hint: `berth app start ${at(ref)}   first`,
  })

export const unstoppable = (ref: AppRef, objects: string[]) =>
  new UserError('stop.refused', {
    message: `${formatRef(ref)} cannot be stopped: its package does not say how ${objects.join(', ')} ${objects.length === 1 ? 'is' : 'are'} stopped`,
    details: {app: formatRef(ref), objects},
    hint: 'components: {NAME: {stop: {KIND: {spec: …}}}} in its package.yaml says it, {} of a kind that runs nothing',
  })

export const noComponents = (ref: AppRef, name: string, known: string[]) => {
  const meant = nearest(name, known)
  return new UserError('usage.invalid', {
    message: `${formatRef(ref)} has no component ${name}`,
    details: {app: formatRef(ref), name, known},
    hint: meant === undefined ? `it has ${known.join(', ') || 'none'}` : `did you mean ${meant}?`,
  })
}

export const scaleRefused = (ref: AppRef, component: string, why: string, hint: string[] = []) =>
  new UserError('scale.refused', {
    message: `component ${component} of ${formatRef(ref)}: ${why}`,
    details: {app: formatRef(ref), component},
    hint,
  })

export const unseenUsers = (ref: AppRef, count: number) =>
  new UserError('app.in-use', {
    message: `${formatRef(ref)} still keeps data of ${count} app${count === 1 ? '' : 's'} that ${count === 1 ? 'is' : 'are'} gone; removing its data removes theirs`,
    details: {app: formatRef(ref), count},
    hint: `berth app uninstall ${at(ref)} --delete-data --force`,
  })

export const untrusted = (ref: AppRef, pkg: PackageRef) =>
  new UserError('package.untrusted', {
    message: `${formatRef(ref)} was made from ${pkg.name} ${pkg.version} (${pkg.digest}), which is in no repository of yours and was not installed by you. Whoever may edit the namespace could have put it there, so its templates are not carried out with your rights`,
    details: {app: formatRef(ref), package: pkg},
    hint: [
      `berth repo add NAME LOCATION   if a repository you trust has it`,
      `berth app uninstall ${at(ref)}   removing needs no trust`,
    ],
  })

export const retainedData = (ref: AppRef, data: RetainedData) =>
  new UserError('data.retained', {
    message: `data of an earlier ${formatRef(ref)} was kept when it was uninstalled on ${data.since.slice(0, 10)}: ${[...data.claims.map(claim => `volume ${claim}`), ...data.bindings.map(name => `data of its ${name}`), 'its secrets'].join(', ')}`,
    details: {app: formatRef(ref), ...data},
    hint: ['--adopt-data   go on with that data', `berth app uninstall ${at(ref)} --delete-data   delete it first`],
  })

export const noSuchSecret = (ref: AppRef, name: string, known: string[]) => {
  const meant = nearest(name, known)
  return new UserError('secret.not-found', {
    message: `${formatRef(ref)} has no secret ${name}`,
    details: {app: formatRef(ref), name, known},
    hint: [...(meant === undefined ? [] : [`did you mean ${meant}?`]), `berth app secret list ${at(ref)}`],
  })
}

export const rotationRefused = (ref: AppRef, name: string, why: string, hint: string[]) =>
  new UserError('rotation.refused', {
    message: `${name} of ${formatRef(ref)} is not rotated: ${why}`,
    details: {app: formatRef(ref), name},
    hint,
  })

/** @param what what it is a plan for */
export const planChanged = (what: string, details: object) =>
  new UserError('plan.changed', {
    message: `the plan for ${what} is no longer the one that was approved: the cluster or what was asked for changed`,
    details,
    hint: '--dry-run instead   the same command shows the plan as it is now, with the hash that --plan takes',
  })

/**
 * @param found what stands for the plan, be it one of several
 * @throws UserError `plan.changed` where the plan is not the approved one
 */
export function insistOn(hash: string, plan: Plan, found = plan.hash): void {
  if (found !== hash) throw planChanged(formatRef(plan.app), {hash: found, plan: {...plan, hash: found}})
}

/** All failed checks in one error: the code of the only one where they agree, so that scripts can tell a full quota from a taken name. */
export const preflightFailed = (ref: AppRef, failed: (Check & {code?: string})[]) => {
  const codes = new Set(failed.map(check => check.code))
  const [code] = codes
  const special = codes.size === 1 && code !== undefined ? (code as 'quota.exceeded') : 'preflight.failed'
  return new UserError(special, {
    message: `${formatRef(ref)} cannot be changed, and nothing was:${failed.length === 1 ? ` ${failed[0]?.message}` : `\n${failed.map(check => `- ${check.message}`).join('\n')}`}`,
    details: failed,
    hint: [...new Set(failed.flatMap(check => check.remedy ?? []))],
  })
}

/** An operation stopped after its journal was written: how the app stands, and the two ways on. */
export const operationFailed = (
  ref: AppRef,
  operation: OperationKind,
  cause: Error & {details?: unknown; hint?: string[]},
) =>
  new UserError('operation.failed', {
    message: `${operation} of ${formatRef(ref)} failed: ${cause.message}`,
    details: cause.details ?? null,
    hint: [...(cause.hint ?? []), ...waysOn(ref, operation, 'go on once it is mended')],
    cause,
  })

export const interrupted = (ref: AppRef, operation: OperationKind) =>
  new UserError('operation.interrupted', {
    message: `${operation} of ${formatRef(ref)} was interrupted; what it had begun is in its journal`,
    details: {app: formatRef(ref), operation},
    hint: waysOn(ref, operation, 'go on'),
  })

/** Everything is journaled; the operation ends here, and goes on by itself once someone has granted it. */
export const bindingRequested = (ref: AppRef, waiting: [string, AppBinding][]) => {
  const what = waiting.map(([parameter, {provider}]) => `${parameter} at ${formatRef(provider.app)}`)
  return new UserError('binding.requested', {
    message: `${formatRef(ref)} waits for ${what.join(', ')}: you may not have that made, and have requested it`,
    details: waiting.map(([parameter, {interface: kind, provider, request}]) => ({
      app: formatRef(ref),
      parameter,
      interface: kind,
      provider: formatRef(provider.app),
      request,
    })),
    hint: [
      ...waiting.map(
        ([parameter, {provider}]) =>
          `berth binding grant ${formatRef(ref)} ${parameter}   an administrator of ${formatRef(provider.app)} runs this`,
      ),
      `berth app resume ${at(ref)}   go on then`,
      `berth app abort ${at(ref)}    take it back`,
    ],
  })
}

/** A warning: what was before is still good. */
export const unsettledFor = (ref: AppRef, parameter: string, provider: AppRef): string =>
  `you may not tell ${formatRef(provider)} which credential of ${parameter} counts now: someone with rights in both namespaces runs berth binding refresh ${ref.name} ${parameter} -n ${ref.namespace}`

export const waitTimeout = (ref: AppRef, seconds: number, what: string, why?: string) =>
  new UserError('wait.timeout', {
    message: `gave up after ${seconds} s waiting for ${what}${why === undefined ? '; nothing says that it cannot still succeed' : `: ${why}`}`,
    details: {app: formatRef(ref), waiting: what},
    hint: `berth app status ${at(ref)}`,
  })

/** A wait of an operation that ran out: the two ways on. */
export const gaveUp = (ref: AppRef, operation: OperationKind, {message, details, hint}: BerthError) =>
  new UserError('wait.timeout', {message, details, hint: [...hint, ...waysOn(ref, operation, 'wait again')]})

export const renderedDifferently = (ref: AppRef, objects: string[]) =>
  new UserError('app.corrupt', {
    message: `${formatRef(ref)}: what its package renders is not what the journal says (${objects.slice(0, 3).join(', ')}${objects.length > 3 ? ', …' : ''}): the journal, a Secret or berth itself changed since`,
    details: {app: formatRef(ref), objects},
    hint: `berth app abort ${at(ref)}   take the operation back`,
  })

export const consentMissing = (ref: AppRef, missing: {what: string; object: string; why: string}[]) =>
  new UserError('needs.consent', {
    message: `${formatRef(ref)} reaches beyond its namespace:\n${missing.map(({what, object, why}) => `- ${what} (${object}): ${why}`).join('\n')}`,
    details: missing,
    hint: [...new Set(missing.map(({what}) => `--allow ${what}`))].join(' '),
  })
