import type {Anchor, AppRef, Binding, Phase} from '../anchor/index.ts'
import {findAnchor} from '../anchor/index.ts'
import {grantKey, isOutdated, mayProvision} from '../binding/index.ts'
import {UserError} from '../errors.ts'
import type {Kube} from '../kube/index.ts'
import {ifAllowed, isForbidden} from '../kube/index.ts'
import {findService} from '../shared/index.ts'
import type {Lib} from './types.ts'

/**
 * How what an app uses stands: an app's phase; `registered` for a service, `given` for an address that was just said; `gone`; `revoked`
 * where the provider has no record of the use any more; `renewed`: it has another certificate than the app was told to trust; `unknown`
 * where it may not be read.
 */
export type ProviderState = Phase | 'registered' | 'given' | 'gone' | 'revoked' | 'renewed' | 'corrupt' | 'unknown'

/** By parameter; one request for each provider. */
export async function providerStates(
  kube: Kube,
  app: AppRef,
  bindings: Record<string, Binding>,
  signal: AbortSignal,
): Promise<Map<string, ProviderState>> {
  const states = Object.entries(bindings).map(
    async ([parameter, {provider}]) =>
      [parameter, await stateOf(kube, {consumer: app, parameter}, provider, signal)] as const,
  )
  return new Map(await Promise.all(states))
}

async function stateOf(
  kube: Kube,
  use: {consumer: AppRef; parameter: string},
  provider: Binding['provider'],
  signal: AbortSignal,
): Promise<ProviderState> {
  try {
    if ('literal' in provider) return 'given'
    if ('service' in provider) return (await findService(kube, provider.service)) === undefined ? 'gone' : 'registered'
    const anchor = await findAnchor(kube, provider.app, signal)
    if (anchor === undefined) return 'gone'
    const {[grantKey(use)]: grant} = anchor.grants
    if (grant === undefined) return 'revoked'
    return anchor.phase === 'running' && isOutdated(anchor, grant) ? 'renewed' : anchor.phase
  } catch (error) {
    if (isForbidden(error)) return 'unknown'
    if (error instanceof UserError && error.code === 'app.corrupt') return 'corrupt'
    throw error
  }
}

/** Bindings whose providers have another certificate than was told, and may be asked. */
export async function outdatedBindings({kube, signal}: Lib, {ref, current}: Anchor): Promise<string[]> {
  const found = Object.entries(current?.bindings ?? {}).map(async ([parameter, {provider}]) => {
    if (!('app' in provider)) return []
    const there = await ifAllowed(findAnchor(kube, provider.app, signal))
    const grant = there?.grants[grantKey({consumer: ref, parameter})]
    if (there === undefined || grant === undefined || !isOutdated(there, grant)) return []
    return (await mayProvision(kube, provider, signal)) ? [parameter] : []
  })
  return (await Promise.all(found)).flat()
}
