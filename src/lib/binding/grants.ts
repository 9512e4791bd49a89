import type {Anchor, AppRef, Grant} from '../anchor/index.ts'
import {formatRef, sameApp, swapAnchor} from '../anchor/index.ts'
import type {Kube} from '../kube/index.ts'
import {shortHash} from '../short-hash.ts'
import {providerNotFound, providerRefuses} from './errors.ts'
import {allows} from './providers.ts'

/** One use of a provider: an app's parameter. */
export interface Use {
  consumer: AppRef
  parameter: string
}

export const grantKey = (use: Use): string => `${formatRef(use.consumer)}#${use.parameter}`

/**
 * The name under which a provider makes something for a consumer (database, user, client): readable, safe as an SQL or DNS-like
 * identifier, unique even where namespaces and names would run together (`a-b/c` and `a/b-c`), 49 characters at most.
 * @param salt of a service outside: an app of another cluster that is called the same is another
 */
export function consumerId(use: Use, salt = ''): string {
  const readable = `${use.consumer.namespace}_${use.consumer.name}_${use.parameter}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
  const hash = shortHash(grantKey(use) + salt, 8)
  return `${/^[a-z]/.test(readable) ? '' : 'n'}${readable.slice(0, 39)}_${hash}`
}

/** The same at this very provider: what was made under a name stays under it. */
export function idAt({grants, salt}: Pick<Anchor, 'grants' | 'salt'>, use: Use): string {
  const grant = grants[grantKey(use)]
  return consumerId(use, grant === undefined ? salt : grant.salt)
}

export interface GrantRequest extends Use {
  provider: AppRef
  endpoint: string
  interface: string
  request: Record<string, unknown>
}

/**
 * Records a use in the provider's anchor, before anything is made. A removal of the provider swaps its own mark into the same object
 * first: one of the two fails.
 * @throws UserError `binding.refused` where the provider is going away, `app.not-found`
 */
export async function recordGrant(kube: Kube, grant: GrantRequest, now: Date): Promise<Grant['state'] | undefined> {
  const key = grantKey(grant)
  let before: Grant['state'] | undefined
  let first = true
  await swapAnchor(kube, grant.provider, anchor => {
    // A second try may find what the first one wrote.
    if (first) before = anchor.grants[key]?.state
    first = false
    if (anchor.pending?.kind === 'uninstall' || anchor.operation?.kind === 'uninstall')
      throw providerRefuses(grant.parameter, grant.provider, 'it is being removed')
    const present = anchor.grants[key]
    // The journal that asks may be forged: whoever wrote it does not say who may use this provider, and for what.
    if (present === undefined || present.state === 'retained') refuseUnlessOpen(anchor, grant)
    const {consumer, parameter, endpoint, interface: kind, request} = grant
    const same = present?.endpoint === endpoint && JSON.stringify(present.request) === JSON.stringify(request)
    if (present?.state === 'granting' && same) return anchor
    const {salt} = present ?? anchor
    const record: Grant = {
      consumer,
      parameter,
      endpoint,
      interface: kind,
      request,
      state: 'granting',
      since: now.toISOString(),
      ...(salt !== undefined && {salt}),
    }
    return withGrant(anchor, key, record)
  })
  return before
}

function refuseUnlessOpen(
  anchor: Anchor,
  {parameter, provider, consumer, endpoint: name, interface: kind}: GrantRequest,
): void {
  const endpoint = anchor.current?.provides[name]
  if (endpoint === undefined) throw providerNotFound(parameter, provider, kind)
  if (endpoint.interface !== kind)
    throw providerRefuses(parameter, provider, `its endpoint ${name} is ${endpoint.interface}, not ${kind}`)
  if (!allows(endpoint, provider, consumer))
    throw providerRefuses(parameter, provider, `its endpoint ${name} is not open to namespace ${consumer.namespace}`)
}

/** The script has run, or the consumer is gone and its data kept. Nothing where there is no such grant. */
export async function settleGrant(
  kube: Kube,
  provider: AppRef,
  use: Use,
  state: 'granted' | 'retained',
): Promise<void> {
  const key = grantKey(use)
  await swapAnchor(kube, provider, anchor => {
    const grant = anchor.grants[key]
    return grant === undefined || grant.state === state ? anchor : withGrant(anchor, key, {...grant, state})
  })
}

export async function dropGrant(kube: Kube, provider: AppRef, use: Use): Promise<void> {
  const key = grantKey(use)
  await swapAnchor(kube, provider, anchor => {
    if (anchor.grants[key] === undefined) return anchor
    const {[key]: _dropped, ...grants} = anchor.grants
    return {...anchor, grants}
  })
}

/** Who uses an app right now: consumers that are gone and only left data do not count. */
export function usersOf(anchor: Anchor): Grant[] {
  return Object.values(anchor.grants).filter(
    grant => grant.state !== 'retained' && !sameApp(grant.consumer, anchor.ref),
  )
}

/** Grants whose consumers are gone, with data still at the provider. */
export function retainedGrants(anchor: Anchor): Grant[] {
  return Object.values(anchor.grants).filter(grant => grant.state === 'retained')
}

const withGrant = (anchor: Anchor, key: string, grant: Grant): Anchor => ({
  ...anchor,
  grants: {...anchor.grants, [key]: grant},
})
