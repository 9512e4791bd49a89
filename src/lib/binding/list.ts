import type {Anchor, AppRef, Grant} from '../anchor/index.ts'
import {changeOf, findAnchor, formatRef, grantedSecretName, label, managedBy, readAnchors} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
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
   * waits for it. `revoked`: the provider has no record of it. `gone`: there is no such provider. `unseen`: it may not be looked at.
   */
  state: Grant['state'] | 'requested' | 'revoked' | 'gone' | 'unseen'
  /** RFC 3339; null where only the consumer says so. */
  since: string | null
}

/** Every use that the apps of a namespace, or all, make of others or others of them; providers elsewhere are asked each, as far as allowed. */
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
  const seen = new Map<string, Promise<Anchor | BindingRow['state']>>(
    anchors.map(anchor => [formatRef(anchor.ref), Promise.resolve(anchor)]),
  )
  const all = [...rows.values()].map(async row => {
    if (row.state !== 'unseen') return row
    const name = formatRef(row.provider)
    const looked = seen.get(name) ?? lookAt(kube, row.provider, where.signal, report)
    seen.set(name, looked)
    const provider = await looked
    if (typeof provider === 'string') return {...row, state: provider}
    const {state = 'revoked' as const, since = null} = provider.grants[grantKey(row)] ?? {}
    return {...row, state, since}
  })
  return (await Promise.all(all)).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

/** A provider of another namespace. */
async function lookAt(
  kube: Kube,
  provider: AppRef,
  signal: AbortSignal,
  report: Report,
): Promise<Anchor | 'gone' | 'unseen'> {
  try {
    return (await findAnchor(kube, provider, signal)) ?? 'gone'
  } catch (error) {
    if (error instanceof UserError) report({type: 'warning', message: error.message})
    else if (!isForbidden(error)) throw error
    return 'unseen'
  }
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
