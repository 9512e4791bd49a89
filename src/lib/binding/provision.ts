import type {Anchor, AppRef, Grant, Granted, ProvidedEndpoint} from '../anchor/index.ts'
import {changeOf, findAnchor} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import type {Kube} from '../kube/index.ts'
import type {InterfaceSchema} from '../params/index.ts'
import {mayProvision, mayRecord} from './access.ts'
import {providerNotFound, scriptFailed} from './errors.ts'
import type {GrantRequest, Use} from './grants.ts'
import {dropGrant, grantKey, idAt, recordGrant, settleGrant} from './grants.ts'
import type {Outputs} from './outputs.ts'
import {bindingOutputs} from './outputs.ts'
import {runScript, type ScriptInput} from './script.ts'

export interface ProvisionOptions {
  /** The binding's own generated secrets, by output name. */
  secrets: Record<string, string>
  /** What it gave before, where it did. */
  outputs: Record<string, unknown>
  /** `rotate`: another credential beside the present one, which goes with the next `ensure`. */
  verb: 'ensure' | 'rotate'
  /** Throws where the lock is lost: asked right before the provider is touched. */
  assertHeld(): void
  signal: AbortSignal
  now: Date
}

/**
 * Makes what a consumer uses: the grant is recorded at the provider first, then its script runs (where the endpoint has one), then what
 * it printed is handed to `take`, then the grant is marked as done. Repeating it changes nothing.
 * @throws UserError `binding.refused`, `binding.failed`; a grant recorded here for the first time is taken back
 */
export async function provision<T>(
  kube: Kube,
  grant: GrantRequest,
  options: ProvisionOptions,
  take: (told: Pick<Granted, 'endpoint' | 'printed' | 'trust'>) => T | Promise<T>,
): Promise<T> {
  options.assertHeld()
  const before = await recordGrant(kube, grant, options.now)
  try {
    const provider = await findAnchor(kube, grant.provider, options.signal)
    const endpoint = provider?.current?.provides[grant.endpoint]
    if (provider === undefined || endpoint === undefined)
      throw providerNotFound(grant.parameter, grant.provider, grant.interface)
    options.assertHeld()
    const printed = endpoint.grant
      ? await runScript(
          kube,
          provider,
          grant.endpoint,
          options.verb,
          scriptInput(provider, grant, endpoint, options),
          options.signal,
          () => options.assertHeld(),
        )
      : {}
    const trust = trustOf(provider)
    const taken = await take({endpoint, printed, ...(trust !== undefined && {trust})})
    options.assertHeld()
    await settleGrant(kube, grant.provider, grant, 'granted')
    return taken
  } catch (error) {
    // Taken back only where nothing was there before us and the script said no: what it half made, a later ensure or remove mends.
    if (before === undefined && error instanceof UserError && error.code === 'binding.failed')
      await undo(kube, grant, error)
    throw error
  }
}

/** While it gets another certificate it may have told of either: that is as good as neither, and asked for again afterwards. */
function trustOf(provider: Anchor): string | undefined {
  const now = provider.current?.trust
  const next = changeOf(provider)?.target.trust
  return next === undefined || next === now ? now : 'changing'
}

/**
 * A binding's outputs of what its provider's script printed: what the consumer's templates were checked with holds for that, too.
 * @throws UserError `binding.failed`
 */
export function takeOutputs(
  {provider, interface: kind}: Pick<GrantRequest, 'provider' | 'interface'>,
  {schema, secrets, verb}: Pick<ProvisionOptions, 'secrets' | 'verb'> & {schema: InterfaceSchema},
  {endpoint, printed}: Pick<Granted, 'endpoint' | 'printed'>,
): Outputs {
  const misfits = Object.entries(schema.outputs).filter(([name, {type = 'string'}]) => {
    const value = printed[name] ?? null
    return value !== null && !(type === 'integer' ? Number.isInteger(value) : typeOf(value) === type)
  })
  const wrong = misfits.map(([name, {type = 'string'}]) => `${name} is no ${type}`)
  if (wrong.length > 0) throw scriptFailed(provider, verb, `of what it printed ${wrong.join(', ')}`, '')
  const outputs = bindingOutputs(schema, endpoint, secrets, printed)
  const {missing} = outputs
  if (missing.length === 0) return outputs
  throw scriptFailed(provider, verb, `it did not print ${missing.join(', ')}, which interface ${kind} promises`, '')
}

const typeOf = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value)

async function undo(kube: Kube, grant: GrantRequest, reason: UserError): Promise<void> {
  try {
    await release(kube, grant.provider, grant, {
      deleteData: true,
      assertHeld: () => undefined,
      signal: AbortSignal.timeout(60_000),
    })
  } catch (error) {
    // The grant stays, so the provider still knows of it, and resume or abort comes by here again.
    reason.hint.push(`undoing it failed as well: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export interface ReleaseOptions {
  /** Drop what was made for the consumer; otherwise it is kept and the grant marked so. */
  deleteData: boolean
  assertHeld(): void
  signal: AbortSignal
}

/**
 * What became of a use: `gone` means that the provider is no longer there to be asked, `untold` that we may not touch it, so that what
 * it made stays until somebody who may runs `binding revoke`.
 */
export type Released = 'deleted' | 'kept' | 'gone' | 'untold'

/**
 * Ends a use of a provider. With `deleteData` its `remove` script drops what was made, then the grant goes.
 * @throws UserError `binding.failed`
 */
export async function release(kube: Kube, ref: AppRef, use: Use, options: ReleaseOptions): Promise<Released> {
  if (!(await mayRecord(kube, ref, options.signal))) return 'untold'
  const provider = await findAnchor(kube, ref, options.signal)
  if (provider === undefined) return 'gone'
  const grant = provider.grants[grantKey(use)]
  if (grant === undefined) return 'gone'
  const endpoint = provider.current?.provides[grant.endpoint]
  options.assertHeld()
  if (endpoint?.grant !== true) {
    await dropGrant(kube, ref, use)
    return 'deleted'
  }
  if (!options.deleteData) {
    await settleGrant(kube, ref, use, 'retained')
    return 'kept'
  }
  if (!(await mayProvision(kube, {app: ref, endpoint: grant.endpoint}, options.signal))) return 'untold'
  await runScript(
    kube,
    provider,
    grant.endpoint,
    'remove',
    scriptInput(provider, grant, endpoint, {}),
    options.signal,
    () => options.assertHeld(),
  )
  options.assertHeld()
  await dropGrant(kube, ref, use)
  return 'deleted'
}

export function scriptInput(
  provider: Anchor,
  {request, ...use}: Pick<Grant, 'consumer' | 'parameter' | 'request'>,
  {host, port}: ProvidedEndpoint,
  {secrets = {}, outputs = {}}: {secrets?: Record<string, string>; outputs?: Record<string, unknown>},
): ScriptInput {
  const {namespace, name} = use.consumer
  return {
    consumer: {namespace, name, parameter: use.parameter, id: idAt(provider, use)},
    request,
    secrets,
    outputs,
    endpoint: {host, port},
  }
}
