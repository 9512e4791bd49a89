import type {Anchor, AppRef, Binding} from '../anchor/index.ts'
import {
  changeOf,
  corruptAnchor,
  findAnchor,
  readAnchor,
  readRevisionSecret,
  revisionSecretName,
  writeGranted,
} from '../anchor/index.ts'
import type {Kube} from '../kube/index.ts'
import type {Report} from '../progress.ts'
import {mayProvision} from './access.ts'
import {nothingRequested, provisionForbidden, withdrawn} from './errors.ts'
import {idAt} from './grants.ts'
import {findOffer} from './providers.ts'
import {provision} from './provision.ts'

/** A binding to another app. */
export type AppBinding = Binding & {provider: {app: AppRef; endpoint: string}}

/** What an app asks to be made for it at a provider. */
export interface BindingRequest {
  consumer: AppRef
  parameter: string
  interface: string
  provider: AppRef
  endpoint: string
  request: Record<string, unknown>
  /** What is made is called so; null where the provider makes nothing. */
  makes: string | null
}

/** A request with what answering it needs of the journal that it stands in. */
export interface Asked {
  wanted: BindingRequest
  operation: string
  revisionSecret: string
  outputs: Record<string, unknown>
}

/** Bindings that the change of an app waits for, as its journal says. */
export function requestedBindings(anchor: Anchor): [string, AppBinding][] {
  const pending = changeOf(anchor)
  if (pending?.stage !== 'provisioning') return []
  return Object.entries(pending.target.bindings).filter(
    (entry): entry is [string, AppBinding] => 'app' in entry[1].provider && entry[1].asks === 'ensure',
  )
}

/**
 * What an app waits for at its providers, each held against what its provider offers, and to whom. The journal may be forged: what is
 * made is the named app's own, whatever it says, and the provider must be open to its namespace.
 * @param parameter all without
 * @throws UserError `binding.not-found`, `binding.refused`, `binding.provider-not-found`, `app.corrupt`
 */
export async function findRequests(
  kube: Kube,
  consumer: AppRef,
  parameter: string | undefined,
  signal: AbortSignal,
): Promise<Asked[]> {
  const anchor = await readAnchor(kube, consumer, signal)
  const pending = changeOf(anchor)
  const requested = requestedBindings(anchor)
  const chosen = requested.filter(([name]) => parameter === undefined || name === parameter)
  if (pending === undefined || chosen.length === 0)
    throw nothingRequested(
      consumer,
      parameter,
      requested.map(([name]) => name),
    )
  const {number, secret} = pending.target
  if (secret !== revisionSecretName(consumer.name, number))
    throw corruptAnchor(consumer, 'pending', `${secret} is not the Secret of its revision ${number}`)
  return Promise.all(
    chosen.map(async ([name, {interface: kind, request, outputs, provider}]) => {
      const use = {consumer, parameter: name}
      const need = {parameter: name, interface: kind, request, provider: providerAnswer(provider)}
      if (!(await mayProvision(kube, provider, signal))) throw provisionForbidden(provider.app)
      const offer = await findOffer(kube, need, consumer)
      const makes = offer.endpoint.grant ? idAt(offer.anchor, use) : null
      const wanted = {...use, interface: kind, provider: offer.app, endpoint: offer.name, request, makes}
      return {wanted, operation: pending.operation, revisionSecret: secret, outputs}
    }),
  )
}

/** Who could not read the provider could not say which of its endpoints is meant. */
const providerAnswer = ({app: {namespace, name}, endpoint}: AppBinding['provider']) => ({
  $app: `${namespace}/${name}`,
  ...(endpoint !== '' && {endpoint}),
})

/**
 * Has a request made, and hands over what came of it in a Secret of the app, for the very operation that asked. Repeating it changes
 * nothing.
 * @throws UserError as `provision`; RemoteError `cluster.forbidden` where the app's secrets may not be read or written
 */
export async function grantRequest(
  kube: Kube,
  {wanted, operation, revisionSecret, outputs}: Asked,
  {signal, report, now}: {signal: AbortSignal; report: Report; now: Date},
): Promise<void> {
  const {consumer, parameter, endpoint: name} = wanted
  const {values} = await readRevisionSecret(kube, consumer, revisionSecret)
  const secrets = secretsOf(values, parameter)
  await provision(kube, wanted, {secrets, outputs, verb: 'ensure', assertHeld: () => undefined, signal, now}, told =>
    writeGranted(kube, consumer, revisionSecret, parameter, {operation, name, ...told}),
  )
  const after = await findAnchor(kube, consumer, signal)
  if (after?.pending?.operation !== operation) report({type: 'warning', message: withdrawn(wanted)})
}

/** Of an app's secrets, those of one binding, by output name. */
export function secretsOf(values: Record<string, string>, parameter: string): Record<string, string> {
  const prefix = `${parameter}.`
  const own = Object.entries(values).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]))
}
