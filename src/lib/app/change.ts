import type {Anchor, Binding, Lock, Revision, RevisionSecrets} from '../anchor/index.ts'
import {deleteStateSecrets, formatRef, packageSecretName, writeOutputsSecret} from '../anchor/index.ts'
import {provision} from '../binding/index.ts'
import {UserError} from '../errors.ts'
import type {Package} from '../package/index.ts'
import {renderShown} from '../package/index.ts'
import {builtinInterfaces} from '../params/index.ts'
import {resolveFrozen} from './answers.ts'
import type {CarryOutOptions} from './carry-out.ts'
import {carryOut, step} from './carry-out.ts'
import type {Target} from './desired.ts'
import {renderDesired} from './desired.ts'
import {endInFailure, historyEntry} from './ending.ts'
import {toMember} from './identity.ts'
import {renderScope, secretNamesOf} from './prepare.ts'
import {seal} from './seal.ts'
import type {DesiredObject, Lib, Outcome} from './types.ts'

/** A change whose journal is written: what install and resume have in common from there. */
export interface Change extends Pick<CarryOutOptions, 'wait' | 'timeout' | 'expectNew' | 'rerunTasks'> {
  pkg: Package
  target: Target
  revision: Revision
  secrets: RevisionSecrets
  started: Date
}

/** A change in which nothing is open any more: what every object is, secrets and outputs of bindings included. */
interface Frozen {
  target: Target
  revision: Revision
  secrets: RevisionSecrets
  desired: DesiredObject[]
}

/** Provisions and freezes, then carries out and commits. On failure the journal stays. */
export async function finishChange(lib: Lib, lock: Lock, change: Change): Promise<Outcome> {
  return orFail(lib, lock, change, async () => carryOutFrozen(lib, lock, change, await freeze(lib, lock, change)))
}

/** Goes on with what was frozen before: carries out and commits. On failure the journal stays. */
export async function finishFrozen(lib: Lib, lock: Lock, change: Change, desired: DesiredObject[]): Promise<Outcome> {
  return orFail(lib, lock, change, () => carryOutFrozen(lib, lock, change, {...change, desired}))
}

async function orFail<T>(lib: Lib, lock: Lock, {revision, started}: Change, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw await endInFailure(lib, lock, 'install', revision, error, started)
  }
}

async function carryOutFrozen(lib: Lib, lock: Lock, change: Change, frozen: Frozen): Promise<Outcome> {
  const {pkg, started} = change
  const inventory = await carryOut(lib, lock, frozen.desired, frozen.secrets, {
    ...change,
    operation: 'install',
    manifest: pkg.manifest,
  })
  const current: Revision = {...frozen.revision, inventory}
  const entry = historyEntry(lib, current, 'install', started, 'done')
  const anchor = await lock.release(before => ({
    ...before,
    current,
    pending: undefined,
    phase: 'running',
    desired: 'running',
    history: [entry, ...before.history].slice(0, 10),
  }))
  await deleteUnnamedSecrets(lib, anchor)
  return {
    app: anchor.ref,
    operation: 'install',
    package: current.package,
    revision: current.number,
    notes: renderShown(pkg, renderScope(frozen.target)).notes ?? null,
    urls: Object.values(current.provides).flatMap(({url}) => (url === undefined ? [] : [url])),
    retained: [],
    warnings: [],
    seconds: (lib.now().getTime() - started.getTime()) / 1000,
  }
}

/**
 * Provisions the bindings, and with their outputs fixes what every object is: from here a resume renders the very same, or refuses.
 */
async function freeze(lib: Lib, lock: Lock, change: Change): Promise<Frozen> {
  const {pkg, revision} = change
  const bindings = {...revision.bindings}
  const values = {...change.secrets.values}
  for (const [parameter, binding] of Object.entries(revision.bindings)) {
    if (!('app' in binding.provider)) continue
    const made = await provisionBinding(lib, lock, parameter, binding, change.secrets.values)
    bindings[parameter] = {...binding, outputs: made.plain, secrets: Object.keys(made.secret)}
    for (const [name, value] of Object.entries(made.secret)) values[`${parameter}.${name}`] = value
  }
  const secrets = {...change.secrets, values}
  const resolution = await resolveFrozen(lock.anchor.ref, pkg.manifest, {...revision, bindings}, change.secrets)
  const target: Target = {...change.target, resolution, secretNames: secretNamesOf(resolution, bindings)}
  const desired = renderDesired(target)
  const sealed = seal(desired, secrets)
  const frozen: Revision = {
    ...revision,
    bindings,
    objects: Object.fromEntries(sealed.map(({id, hash}) => [id, hash])),
    inventory: sealed.filter(entry => entry.task === undefined).map(({object}) => toMember(object)),
  }
  await keepOutputs(lib, lock, revision, change.secrets.values, values)
  await lock.update(anchor =>
    anchor.pending?.kind === 'install'
      ? {...anchor, pending: {...anchor.pending, stage: 'applying', target: frozen}}
      : anchor,
  )
  return {target, revision: frozen, secrets, desired}
}

async function provisionBinding(
  lib: Lib,
  lock: Lock,
  parameter: string,
  binding: Binding,
  values: Record<string, string>,
) {
  const schema = builtinInterfaces[binding.interface]
  if (!('app' in binding.provider) || schema === undefined)
    throw new UserError('package.invalid', {
      message: `parameter ${parameter}: there is no interface ${binding.interface}`,
    })
  const {app, endpoint} = binding.provider
  const grant = {
    consumer: lock.anchor.ref,
    parameter,
    provider: app,
    endpoint,
    interface: binding.interface,
    request: binding.request,
  }
  const prefix = `${parameter}.`
  const own = Object.entries(values)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value])
  return step(lib, lock, `binding ${parameter}`, `provision ${parameter} at ${formatRef(app)}`, () =>
    provision(lib.kube, grant, {
      secrets: Object.fromEntries(own),
      schema,
      assertHeld: () => lock.assertHeld(),
      signal: lib.signal,
      now: lib.now(),
    }),
  )
}

/** Secrets that only the provider could tell, and what is computed of them, go beside the revision's own. */
async function keepOutputs(
  lib: Lib,
  lock: Lock,
  revision: Revision,
  known: Record<string, string>,
  all: Record<string, string>,
): Promise<void> {
  const learned = Object.fromEntries(Object.entries(all).filter(([name]) => known[name] === undefined))
  if (Object.keys(learned).length === 0) return
  lock.assertHeld()
  await writeOutputsSecret(lib.kube, lock.anchor.ref, revision, learned)
}

async function deleteUnnamedSecrets(lib: Lib, {ref, current}: Anchor): Promise<void> {
  if (current === undefined) return
  const named = [current.secret, packageSecretName(ref.name, current.package.digest)]
  await deleteStateSecrets(lib.kube, ref, name => named.includes(name))
}
