import type {Anchor, AppRef, Binding, ProvidedEndpoint, Revision} from '../anchor/index.ts'
import {formatRef, sameApp} from '../anchor/index.ts'
import type {Offer} from '../binding/index.ts'
import {
  bindingOutputs,
  findOffer,
  mayProvision,
  parseProvider,
  printedOutputs,
  provisionForbidden,
  requireScript,
} from '../binding/index.ts'
import {UserError} from '../errors.ts'
import {isForbidden} from '../kube/index.ts'
import {type BindingNeed, canonical, type InterfaceSchema} from '../params/index.ts'
import {wouldLoseData} from './errors.ts'
import type {ChangeRequest, Lib} from './types.ts'

/** How a need is going to be met, and by what offer where its provider has to be asked. */
export interface Bound {
  binding: Binding
  offer?: Offer
}

/**
 * Finds what meets a need. A binding that stays as it was keeps its outputs, and asks nothing of its provider.
 * @param upcoming providers that are going to be installed first
 * @throws UserError `binding.provider-not-found`, `binding.refused`, `binding.would-lose-data`
 */
export async function bind(
  lib: Lib,
  {ref, pkg, renew = {}}: ChangeRequest,
  need: BindingNeed,
  current: Revision | undefined,
  upcoming: ReadonlyMap<string, Anchor>,
): Promise<Bound> {
  const {parameter, provider, request} = need
  const schema = pkg.interfaces[need.interface]
  if (schema === undefined)
    throw new UserError('package.invalid', {message: `parameter ${parameter}: there is no interface ${need.interface}`})
  const before = current?.bindings[parameter]
  const secrets = Object.keys(schema.outputs).filter(name => schema.outputs[name]?.secret === true)
  const common = {interface: need.interface, request, secrets}
  if ('$literal' in provider) {
    if (before !== undefined && 'app' in before.provider) refuseMove(schema, parameter, before, 'an address')
    const {$literal: outputs} = provider
    const from = '$service' in provider && {service: {namespace: provider.namespace, name: provider.$service}}
    return {binding: {...common, provider: from || {literal: true}, outputs}}
  }
  if (!('$app' in provider)) throw new Error(`parameter ${parameter}: its provider was not looked up`)
  const asks = renew[parameter]
  if (before !== undefined && asks === undefined && isSame(before, need, provider, ref)) return {binding: before}
  const named = parseProvider(provider.$app, ref)
  if (asks === 'rotate' && !(await mayProvision(lib.kube, {app: named}, lib.signal)))
    throw provisionForbidden(
      named,
      `berth binding rotate ${ref.name} ${parameter} -n ${ref.namespace}   someone with rights in both namespaces runs this`,
    )
  const offer = await findOffer(lib.kube, {...need, provider}, ref, upcoming).catch(error => {
    if (isForbidden(error)) return undefined
    throw error
  })
  const goesOn = before !== undefined && isAt(before, offer ?? {app: named, name: provider.endpoint})
  if (before !== undefined && !goesOn) refuseMove(schema, parameter, before, formatRef(named))
  if (offer === undefined) {
    const {outputs, provider: at} = goesOn
      ? before
      : {
          outputs: bindingOutputs(schema, unseen, {}, {}).plain,
          provider: {app: named, endpoint: provider.endpoint ?? ''},
        }
    return {binding: {...common, provider: at, outputs, asks: 'ensure'}}
  }
  if (asks === 'rotate') await requireScript(lib.kube, offer, 'rotate')
  const printed = goesOn ? printedOutputs(schema, before.outputs) : {}
  const {plain} = bindingOutputs(schema, offer.endpoint, {}, printed)
  const at = {app: offer.app, endpoint: offer.name}
  return {binding: {...common, provider: at, outputs: plain, asks: asks ?? 'ensure'}, offer}
}

/**
 * A provider that we may not look at: who grants the binding says what it really is. Until then, what a dry run takes for an address
 * (RFC 2606) stands in its place.
 */
const unseen: ProvidedEndpoint = {
  interface: '',
  component: '',
  host: 'known-when-granted.invalid',
  port: 65_535,
  allow: {namespaces: 'own'},
  grant: true,
}

const isAt = ({provider}: Binding, {app, name}: {app: AppRef; name: string | undefined}): boolean =>
  'app' in provider && sameApp(provider.app, app) && (name ?? provider.endpoint) === provider.endpoint

function isSame(
  {provider: bound, interface: kind, request}: Binding,
  need: BindingNeed,
  {$app, endpoint}: {$app: string; endpoint?: string},
  ref: AppRef,
): boolean {
  if (!('app' in bound)) return false
  const named = $app.includes('/') ? $app : `${ref.namespace}/${$app}`
  return (
    named === formatRef(bound.app) &&
    (endpoint ?? bound.endpoint) === bound.endpoint &&
    kind === need.interface &&
    canonical(request) === canonical(need.request)
  )
}

/** What the app has at its present provider would stay behind, and the app would find nothing. */
function refuseMove({stateful}: InterfaceSchema, parameter: string, {provider}: Binding, to: string): void {
  if (stateful !== true) return
  throw wouldLoseData(parameter, 'app' in provider ? formatRef(provider.app) : 'the present address', to)
}
