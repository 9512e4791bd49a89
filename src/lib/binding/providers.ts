import {coerce, satisfies} from 'semver'
import type {Anchor, AppRef, ProvidedEndpoint} from '../anchor/index.ts'
import {findAnchor, formatRef, listAnchors} from '../anchor/index.ts'
import type {Kube} from '../kube/index.ts'
import {isForbidden} from '../kube/index.ts'
import type {BindingNeed} from '../params/index.ts'
import {providerNotFound, providerRefuses} from './errors.ts'

/** A provider that was found fit for a need: its anchor as it stood, and which endpoint. */
export interface Offer {
  app: AppRef
  name: string
  endpoint: ProvidedEndpoint
  anchor: Anchor
}

/** `db/pg` or, in the consumer's own namespace, `pg`. */
export function parseProvider(text: string, consumer: AppRef): AppRef {
  const [first = '', second] = text.split('/')
  return second === undefined ? {namespace: consumer.namespace, name: first} : {namespace: first, name: second}
}

/**
 * Finds the provider that an answer names and checks that it can serve: interface, version, who may use it, not being removed.
 * Nothing is changed.
 * @param upcoming providers that are going to be installed before it is used, as they will be
 * @throws UserError `binding.provider-not-found`, `binding.refused`
 */
export async function findOffer(
  kube: Kube,
  need: BindingNeed & {provider: {$app: string; endpoint?: string}},
  consumer: AppRef,
  upcoming?: ReadonlyMap<string, Anchor>,
): Promise<Offer> {
  const app = parseProvider(need.provider.$app, consumer)
  const refuse = (why: string, hint?: string | string[]) => providerRefuses(need.parameter, app, why, hint)
  const anchor = upcoming?.get(formatRef(app)) ?? (await findAnchor(kube, app))
  if (anchor === undefined) throw providerNotFound(need.parameter, app, need.interface)
  if (anchor.operation?.kind === 'uninstall' || anchor.pending?.kind === 'uninstall')
    throw refuse('it is being removed')
  if (anchor.current === undefined)
    throw refuse('its installation is not finished', `berth app resume ${app.name} -n ${app.namespace}`)
  const offers = Object.entries(anchor.current.provides)
  const fitting = offers.filter(
    ([name, offer]) => offer.interface === need.interface && (need.provider.endpoint ?? name) === name,
  )
  const [chosen] = fitting
  if (chosen === undefined)
    throw refuse(
      `it provides ${offers.length === 0 ? 'nothing' : offers.map(([name, {interface: kind}]) => `${name} (${kind})`).join(', ')}, not ${need.interface}`,
    )
  if (fitting.length > 1)
    throw refuse(
      `it has several endpoints that speak ${need.interface}`,
      fitting.map(([name]) => `--set-json '${need.parameter}={"$app":"${formatRef(app)}","endpoint":"${name}"}'`),
    )
  const [name, endpoint] = chosen
  if (!allows(endpoint, app, consumer))
    throw refuse(`its endpoint ${name} is not open to namespace ${consumer.namespace}`)
  const wanted = need.request.version
  const offered = coerce(endpoint.version)
  if (typeof wanted === 'string' && offered !== null && !satisfies(offered, wanted))
    throw refuse(`it is version ${endpoint.version}, but ${wanted} is needed`)
  return {app, name, endpoint, anchor}
}

/** May apps of the consumer's namespace use this endpoint? */
export function allows(endpoint: ProvidedEndpoint, provider: AppRef, consumer: AppRef): boolean {
  const {namespaces} = endpoint.allow
  if (provider.namespace === consumer.namespace || namespaces === 'all') return true
  return Array.isArray(namespaces) && namespaces.includes(consumer.namespace)
}

/** Apps that provide an interface, as far as we may look: all namespaces, else the one given. For choices in forms. */
export async function listProviders(
  kube: Kube,
  interfaceName: string,
  namespace: string,
): Promise<{ref: string; title: string; endpoint: string}[]> {
  const apps = await listAnchors(kube, {}).catch(error => {
    if (isForbidden(error)) return listAnchors(kube, {namespace})
    throw error
  })
  return apps.flatMap(app =>
    Object.entries(app.provides)
      .filter(([, kind]) => kind === interfaceName)
      .map(([endpoint]) => ({
        ref: formatRef(app.ref),
        title: `${app.package?.name ?? 'unknown'} ${app.package?.appVersion ?? app.package?.version ?? ''}`.trim(),
        endpoint,
      })),
  )
}
