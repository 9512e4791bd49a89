import type {AppRef, Grant} from '../anchor/index.ts'
import {formatRef, serviceOf} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import {didYouMean} from '../nearest.ts'

type Use = Pick<Grant, 'consumer' | 'parameter'>

const whoProvides = 'berth app list -A   shows every app and what it provides'

export const providerNotFound = (parameter: string, provider: AppRef, interfaceName: string) =>
  new UserError('binding.provider-not-found', {
    message: `parameter ${parameter}: there is no app ${formatRef(provider)} to provide ${interfaceName}`,
    details: {parameter, provider: formatRef(provider), interface: interfaceName},
    hint: [whoProvides, `berth repo search ${interfaceName}   finds packages that provide it`],
  })

export const providerRefuses = (
  parameter: string,
  provider: AppRef,
  why: string,
  hint: string | string[] = whoProvides,
) =>
  new UserError('binding.refused', {
    message: `parameter ${parameter}: ${formatRef(provider)} cannot be used: ${why}`,
    details: {parameter, provider: formatRef(provider), why},
    hint,
  })

function seeWhether({namespace, name}: AppRef): string {
  const service = serviceOf({namespace, name})
  if (service === undefined) return `berth app status ${name} -n ${namespace}   see whether the provider is well`
  return `berth service check ${service.name} -n ${namespace}   see whether it can be reached`
}

export const scriptFailed = (provider: AppRef, script: string, why: string, output: string) =>
  new UserError('binding.failed', {
    message: `${script} of ${formatRef(provider)} failed: ${why}${output === '' ? '' : `\n${output}`}`,
    details: {provider: formatRef(provider), script, why, output},
    hint: seeWhether(provider),
  })

const command = ({consumer, parameter}: Use): string => `${formatRef(consumer)} ${parameter}`

export const nothingRequested = (consumer: AppRef, parameter: string | undefined, requested: string[]) =>
  new UserError('binding.not-found', {
    message: `${formatRef(consumer)} requests ${parameter === undefined ? 'nothing' : `no ${parameter}`} of any provider`,
    details: {app: formatRef(consumer), parameter: parameter ?? null, requested},
    hint:
      requested.length === 0
        ? 'berth binding list -A   shows what is requested'
        : `it requests: ${requested.join(', ')}`,
  })

export const provisionForbidden = (provider: AppRef, hint?: string) =>
  new UserError('cluster.forbidden', {
    message: `you may not have anything made at ${formatRef(provider)}: that takes its ConfigMap, Secrets and exec in its pods in namespace ${provider.namespace}`,
    details: {provider: formatRef(provider)},
    hint: hint ?? `berth cluster status -n ${provider.namespace}   shows what you may do there`,
  })

/** A grant came too late. */
export const withdrawn = (use: Use & {provider: AppRef}): string =>
  `${formatRef(use.consumer)} has ended what it waited in; if it has no use for this, berth binding revoke ${command(use)} -n ${use.provider.namespace} takes it away`

/** A consumer that is going could not tell its provider. */
export const untold = (use: Use & {provider: AppRef}): string =>
  `you may not touch ${formatRef(use.provider)}, which keeps what it made for ${use.parameter}: someone who may runs berth binding revoke ${command(use)} -n ${use.provider.namespace}`

export const notGranted = (use: Use, namespace: string) =>
  new UserError('binding.not-found', {
    message: `no provider that ${formatRef(use.consumer)} names, and none in namespace ${namespace}, has a grant for its ${use.parameter}`,
    details: {app: formatRef(use.consumer), parameter: use.parameter},
    hint: [
      'berth binding list -A   shows who uses what',
      `berth binding revoke ${command(use)} -n NAMESPACE   of the provider`,
    ],
  })

export const inUse = (provider: AppRef, use: Use, uses: true | null) =>
  new UserError('app.in-use', {
    message:
      uses === true
        ? `${formatRef(use.consumer)} runs with what ${formatRef(provider)} made for its ${use.parameter}, and would fail without`
        : `${formatRef(use.consumer)} may run with what ${formatRef(provider)} made for its ${use.parameter}: you may not look`,
    details: [{ref: formatRef(use.consumer), parameter: use.parameter}],
    hint: [
      `berth app uninstall ${use.consumer.name} -n ${use.consumer.namespace}   first`,
      `berth binding revoke ${command(use)} -n ${provider.namespace} --force   leave it without`,
    ],
  })

/** Where berth makes no secret of a credential, `ensure` cannot be given another. */
export const onlyWithData = (provider: AppRef, use: Use) =>
  new UserError('binding.refused', {
    message: `${formatRef(provider)} makes the credentials of ${formatRef(use.consumer)} by itself, and its package cannot take them away alone`,
    details: {provider: formatRef(provider), consumer: formatRef(use.consumer), parameter: use.parameter},
    hint: `berth binding revoke ${command(use)} -n ${provider.namespace} --delete-data`,
  })

export const databaseNotFound = (provider: string, database: string, known: string[]) =>
  new UserError('database.not-found', {
    message: `${provider} has no database ${database}`,
    details: {provider, database, known},
    hint: didYouMean(database, known) ?? 'berth database list -A   shows those there are',
  })

/** @param database of the login that `database user create` made; undefined where another made it */
export const userExists = (provider: AppRef, name: string, database: string | undefined) =>
  new UserError('database.user-exists', {
    message:
      database === undefined
        ? `${formatRef(provider)} has a login ${name} that this command did not make, and does not touch`
        : `${name} is a login to database ${database} of ${formatRef(provider)}: a login opens one database`,
    details: {provider: formatRef(provider), name, database: database ?? null},
    hint: 'give the new one another name',
  })

export const notOurUser = (provider: AppRef, name: string, known: string[]) =>
  new UserError('database.user-not-found', {
    message: `berth made no login ${name} for a person at ${formatRef(provider)}`,
    details: {provider: formatRef(provider), name, known},
    hint:
      didYouMean(name, known) ?? `berth database user list ${formatRef(provider)}   shows every login, and who made it`,
  })

export const badUserName = (name: string) =>
  new UserError('usage.invalid', {
    message: `"${name}" cannot be the name of a login: small letters, digits and underscores, beginning with a letter, 31 characters at most`,
    details: {name},
  })
