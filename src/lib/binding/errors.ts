import type {AppRef} from '../anchor/index.ts'
import {formatRef} from '../anchor/index.ts'
import {UserError} from '../errors.ts'

export const providerNotFound = (parameter: string, provider: AppRef, interfaceName: string) =>
  new UserError('binding.provider-not-found', {
    message: `parameter ${parameter}: there is no app ${formatRef(provider)} to provide ${interfaceName}`,
    details: {parameter, provider: formatRef(provider), interface: interfaceName},
    hint: [
      `berth app list -A   shows every app and what it provides`,
      `berth repo search ${interfaceName}   finds packages that provide it`,
    ],
  })

export const providerRefuses = (parameter: string, provider: AppRef, why: string, hint?: string | string[]) =>
  new UserError('binding.refused', {
    message: `parameter ${parameter}: ${formatRef(provider)} cannot be used: ${why}`,
    details: {parameter, provider: formatRef(provider), why},
    ...(hint !== undefined && {hint}),
  })

export const scriptFailed = (provider: AppRef, script: string, why: string, output: string) =>
  new UserError('binding.failed', {
    message: `${script} of ${formatRef(provider)} failed: ${why}${output === '' ? '' : `\n${output}`}`,
    details: {provider: formatRef(provider), script, why, output},
    hint: `berth app status ${provider.name} -n ${provider.namespace}   see whether the provider is well`,
  })
