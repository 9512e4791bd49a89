import type {Anchor, AppRef, Grant, Revision} from '../anchor/index.ts'
import {
  changeOf,
  findAnchor,
  grantedSecretName,
  isUnreadable,
  readAnchors,
  readPackageSecret,
  sameApp,
} from '../anchor/index.ts'
import {generateSecret} from '../keys/index.ts'
import {deleteObject, isForbidden, type Kube} from '../kube/index.ts'
import type {Report} from '../progress.ts'
import {mayProvision} from './access.ts'
import {inUse, notGranted, onlyWithData, provisionForbidden} from './errors.ts'
import {grantKey, settleGrant, type Use} from './grants.ts'
import {release, scriptInput} from './provision.ts'
import {runScript} from './script.ts'

/** What taking a grant away does. */
export interface Revocation {
  consumer: AppRef
  parameter: string
  interface: string
  provider: AppRef
  /** `kept`: nobody gets in any more, what is there stays. `none`: the provider had made nothing. */
  data: 'kept' | 'deleted' | 'none'
  /** The consumer runs with it; null where its namespace may not be read. */
  inUse: boolean | null
}

export interface RevokeOptions {
  deleteData: boolean
  /** Although the consumer runs with it. */
  force: boolean
  signal: AbortSignal
}

/** A revocation with what carrying it out needs. */
interface Planned {
  revocation: Revocation
  provider: Anchor
  grant: Grant
  consumer: Anchor | undefined
}

/**
 * What revoking would do. The provider is one of `namespace`, else the one that the consumer names: what stands at the consumer may be
 * forged, gone or unreadable, and is in nobody's way.
 * @throws UserError `binding.not-found`, `app.in-use`
 */
export async function planRevocation(
  kube: Kube,
  use: Use,
  namespace: string,
  {deleteData, force, signal, report}: RevokeOptions & {report: Report},
): Promise<Planned> {
  const seen = await lookAt(kube, use.consumer, signal)
  const named = (revision: Revision | undefined): AppRef[] => {
    const provider = revision?.bindings[use.parameter]?.provider
    return provider !== undefined && 'app' in provider ? [provider.app] : []
  }
  const holds = (anchor: Anchor | undefined) => anchor?.grants[grantKey(use)] !== undefined
  const near = await readAnchors(kube, {namespace, signal}, report).catch(error => {
    if (isForbidden(error)) return []
    throw error
  })
  let provider = near.find(holds)
  for (const app of [...named(seen.anchor?.current), ...named(seen.anchor && changeOf(seen.anchor)?.target)]) {
    const there = provider ?? (await findAnchor(kube, app, signal))
    if (holds(there)) provider = there
  }
  const grant = provider?.grants[grantKey(use)]
  if (provider === undefined || grant === undefined) throw notGranted(use, namespace)
  const {ref} = provider
  const runs = named(seen.anchor?.current).some(app => sameApp(app, ref))
  const uses = grant.state === 'retained' ? false : seen.readable ? runs : null
  if (uses !== false && !force) throw inUse(provider.ref, use, uses)
  const makes = provider.current?.provides[grant.endpoint]?.grant === true
  const data = makes ? (deleteData ? 'deleted' : 'kept') : 'none'
  const revocation: Revocation = {...use, interface: grant.interface, provider: provider.ref, data, inUse: uses}
  return {revocation, provider, grant, consumer: seen.anchor}
}

async function lookAt(
  kube: Kube,
  consumer: AppRef,
  signal: AbortSignal,
): Promise<{anchor: Anchor | undefined; readable: boolean}> {
  try {
    return {anchor: await findAnchor(kube, consumer, signal), readable: true}
  } catch (error) {
    if (isUnreadable(error)) return {anchor: undefined, readable: false}
    throw error
  }
}

/**
 * Takes a grant away: what was made is removed, or, where data is to stay, brought by `ensure` to a credential that nobody has, after
 * which no other one is good. What was handed over and not yet taken goes first. Repeating it changes nothing.
 * @throws UserError `binding.failed`, `binding.refused` where the package makes credentials by itself
 */
export async function revoke(
  kube: Kube,
  {revocation: {data, ...use}, provider, grant, consumer}: Planned,
  signal: AbortSignal,
): Promise<void> {
  const at = {app: provider.ref, endpoint: grant.endpoint}
  if (!(await mayProvision(kube, at, signal))) throw provisionForbidden(provider.ref)
  const pending = consumer && changeOf(consumer)
  if (pending !== undefined) {
    const name = grantedSecretName(pending.target.secret, use.parameter)
    const secret = {apiVersion: 'v1', kind: 'Secret', namespace: use.consumer.namespace, name}
    await deleteObject(kube, secret, {}).catch(error => {
      if (!isForbidden(error)) throw error // what stands in it opens nothing any more
    })
  }
  if (data === 'kept') await shut(kube, provider, grant, signal)
  else await release(kube, provider.ref, use, {deleteData: true, assertHeld: () => undefined, signal})
}

async function shut(kube: Kube, provider: Anchor, grant: Grant, signal: AbortSignal): Promise<void> {
  const {ref, current} = provider
  const endpoint = current?.provides[grant.endpoint]
  if (current === undefined || endpoint === undefined) return
  const {interfaces} = await readPackageSecret(kube, ref, current.package.digest)
  const secrets = Object.entries(interfaces[grant.interface]?.outputs ?? {}).flatMap(([name, {generate}]) =>
    generate === undefined ? [] : [[name, generateSecret(generate)]],
  )
  if (secrets.length === 0) throw onlyWithData(ref, grant)
  const input = scriptInput(provider, grant, endpoint, {secrets: Object.fromEntries(secrets)})
  await runScript(kube, provider, grant.endpoint, 'ensure', input, signal)
  await settleGrant(kube, ref, grant, 'retained')
}
