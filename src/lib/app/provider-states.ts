import type {AppRef, Binding, Phase} from '../anchor/index.ts'
import {findAnchor} from '../anchor/index.ts'
import {grantKey} from '../binding/index.ts'
import {UserError} from '../errors.ts'
import type {Kube} from '../kube/index.ts'
import {isForbidden} from '../kube/index.ts'
import {findService} from '../shared/index.ts'

/**
 * How what an app uses stands: an app's phase; `registered` for a service, `given` for an address that was just said; `gone`; `revoked`
 * where the provider has no record of the use any more; `unknown` where it may not be read.
 */
export type ProviderState = Phase | 'registered' | 'given' | 'gone' | 'revoked' | 'corrupt' | 'unknown'

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
    return grant === undefined ? 'revoked' : anchor.phase
  } catch (error) {
    if (isForbidden(error)) return 'unknown'
    if (error instanceof UserError && error.code === 'app.corrupt') return 'corrupt'
    throw error
  }
}
