import type {Anchor, AppRef, Binding, Phase} from '../anchor/index.ts'
import {findAnchor, isCorrupt, isUnreadable} from '../anchor/index.ts'
import {grantKey, mayProvision} from '../binding/index.ts'
import type {Kube} from '../kube/index.ts'
import {isForbidden} from '../kube/index.ts'
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
    async ([parameter, binding]) =>
      [parameter, await stateOf(kube, {consumer: app, parameter}, binding, signal)] as const,
  )
  return new Map(await Promise.all(states))
}

async function stateOf(
  kube: Kube,
  use: {consumer: AppRef; parameter: string},
  binding: Binding,
  signal: AbortSignal,
): Promise<ProviderState> {
  const {provider} = binding
  try {
    if ('literal' in provider) return 'given'
    if ('service' in provider) return (await findService(kube, provider.service)) === undefined ? 'gone' : 'registered'
    const anchor = await findAnchor(kube, provider.app, signal)
    if (anchor === undefined) return 'gone'
    if (anchor.grants[grantKey(use)] === undefined) return 'revoked'
    return anchor.phase === 'running' && isOutdated(binding, anchor) ? 'renewed' : anchor.phase
  } catch (error) {
    if (isForbidden(error)) return 'unknown'
    if (isCorrupt(error)) return 'corrupt'
    throw error
  }
}

/** Whether the app was told what vouches for the provider. */
const wasTold = ({outputs, trust}: Binding): boolean => typeof outputs.ca === 'string' && trust !== undefined

/** Whether something else does than what it was told. */
const isOutdated = (binding: Binding, {current}: Anchor): boolean =>
  wasTold(binding) && current?.trust !== undefined && binding.trust !== current.trust

/** Bindings whose providers have another certificate than was told, and may be asked; all where a start came to no end without. */
export async function outdatedBindings({kube, signal}: Lib, {current, pending}: Anchor): Promise<string[]> {
  const found = Object.entries(current?.bindings ?? {}).map(async ([parameter, binding]) => {
    if (!('app' in binding.provider) || !wasTold(binding)) return []
    const provider = await findAnchor(kube, binding.provider.app, signal).catch((error: unknown) => {
      if (isUnreadable(error)) return undefined
      throw error
    })
    if (provider === undefined || !isOutdated(binding, provider)) return []
    return pending?.kind === 'start' || (await mayProvision(kube, binding.provider, signal)) ? [parameter] : []
  })
  return (await Promise.all(found)).flat()
}
