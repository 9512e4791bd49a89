import type {Anchor, AppRef} from '../anchor/index.ts'
import {changeOf, formatRef, grantedSecretName, label, managedBy, readAnchors} from '../anchor/index.ts'
import {isForbidden, type Kube, listMetadata} from '../kube/index.ts'
import type {Report} from '../progress.ts'
import {grantKey} from './grants.ts'
import {type AppBinding, requestedBindings} from './requests.ts'

/** One use of a provider. */
export interface BindingRow {
  consumer: AppRef
  parameter: string
  interface: string
  provider: AppRef
  endpoint: string
  /**
   * What the provider's record says; `retained`: nobody has what would open it, and its data is kept. `requested`: the consumer's operation
   * waits for it. `unseen`: the provider is not among what was looked at.
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
  const [anchors, handed] = await Promise.all([readAnchors(kube, where, report), handedOver(kube, where)])
  const rows = new Map(anchors.flatMap(anchor => [...wishes(anchor, handed)].map(row => [keyOf(row), row] as const)))
  // A grant from before says nothing of what is asked for now.
  for (const anchor of anchors)
    for (const row of grantsOf(anchor)) if (rows.get(keyOf(row))?.state !== 'requested') rows.set(keyOf(row), row)
  return [...rows.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

const keyOf = (row: BindingRow): string => `${grantKey(row)} ${formatRef(row.provider)}`

/** Secrets in which grants are handed over, by namespace and name; none where they may not be listed. */
async function handedOver(kube: Kube, where: {namespace?: string; signal: AbortSignal}): Promise<Set<string>> {
  const labelSelector = `${label.managedBy}=${managedBy},${label.kind}=granted`
  try {
    const {items} = await listMetadata(kube, {apiVersion: 'v1', kind: 'Secret'}, {...where, labelSelector})
    return new Set(items.map(({metadata: {namespace, name}}) => `${namespace}/${name}`))
  } catch (error) {
    if (isForbidden(error)) return new Set()
    throw error
  }
}

/** What the consumers say. */
function* wishes(anchor: Anchor, handed: Set<string>): Generator<BindingRow> {
  const {ref: consumer, current} = anchor
  const row = (
    parameter: string,
    kind: string,
    {app, endpoint}: AppBinding['provider'],
    state: BindingRow['state'],
  ) => ({
    consumer,
    parameter,
    interface: kind,
    provider: app,
    endpoint,
    state,
    since: null,
  })
  for (const [parameter, {interface: kind, provider}] of Object.entries(current?.bindings ?? {}))
    if ('app' in provider) yield row(parameter, kind, provider, 'unseen')
  for (const [parameter, {interface: kind, provider}] of requestedBindings(anchor)) {
    const secret = grantedSecretName(changeOf(anchor)?.target.secret ?? '', parameter)
    const granted = handed.has(`${consumer.namespace}/${secret}`)
    yield row(parameter, kind, provider, granted ? 'granted' : 'requested')
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
