import type {Anchor, AppRef} from '../anchor/index.ts'
import {changeOf, formatRef, readAnchors} from '../anchor/index.ts'
import type {Kube} from '../kube/index.ts'
import type {Report} from '../progress.ts'
import {grantKey} from './grants.ts'

/** One use of a provider. */
export interface BindingRow {
  consumer: AppRef
  parameter: string
  interface: string
  provider: AppRef
  endpoint: string
  /**
   * What the provider's record says; `retained`: the consumer is gone and its data kept. `requested`: the consumer's operation waits for
   * it. `unseen`: the provider is not among what was looked at.
   */
  state: 'granting' | 'granted' | 'retained' | 'requested' | 'unseen'
  /** RFC 3339; null where only the consumer says so. */
  since: string | null
}

/** Every use that the apps of a namespace, or all, make of others or others of them. */
export async function listBindings(
  kube: Kube,
  where: {namespace?: string; signal: AbortSignal},
  report: Report,
): Promise<BindingRow[]> {
  const anchors = await readAnchors(kube, where, report)
  const rows = new Map(anchors.flatMap(anchor => [...wishes(anchor)].map(row => [keyOf(row), row] as const)))
  for (const anchor of anchors) for (const row of grantsOf(anchor)) rows.set(keyOf(row), row)
  return [...rows.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

const keyOf = (row: BindingRow): string => `${grantKey(row)} ${formatRef(row.provider)}`

function* wishes(anchor: Anchor): Generator<BindingRow> {
  const target = changeOf(anchor)?.target
  for (const [revision, state] of [
    [target, 'requested'],
    [anchor.current, 'unseen'],
  ] as const)
    for (const [parameter, {interface: kind, provider}] of Object.entries(revision?.bindings ?? {}))
      if ('app' in provider) {
        const {app, endpoint} = provider
        yield {consumer: anchor.ref, parameter, interface: kind, provider: app, endpoint, state, since: null}
      }
}

const grantsOf = ({ref: provider, grants}: Anchor): BindingRow[] =>
  Object.values(grants).map(({consumer, parameter, interface: kind, endpoint, state, since}) => ({
    consumer,
    parameter,
    interface: kind,
    provider,
    endpoint,
    state,
    since,
  }))
