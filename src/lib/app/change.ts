import type {
  Binding,
  Granted,
  HistoryEntry,
  Lock,
  Member,
  OnDrift,
  OperationKind,
  PendingChange,
  Revision,
} from '../anchor/index.ts'
import {
  changeOf,
  clearAway,
  formatRef,
  writeOutputsSecret,
  writePackageSecret,
  writeRevisionSecret,
} from '../anchor/index.ts'
import {
  type AppBinding,
  mayProvision,
  type Outputs,
  printedOutputs,
  provision,
  release,
  secretsOf,
  takeOutputs,
  untold,
} from '../binding/index.ts'
import {UserError} from '../errors.ts'
import {renderShown} from '../package/index.ts'
import {resolveFrozen} from './answers.ts'
import {droppedBindings, makersOf, openBindings, unsettledBindings} from './bindings.ts'
import type {Change} from './carry-out.ts'
import {carryOut} from './carry-out.ts'
import {staleUsers} from './certificates.ts'
import type {Target} from './desired.ts'
import {renderDesired, scopeOf, secretNamesOf} from './desired.ts'
import {endInFailure, historyEntry} from './ending.ts'
import {bindingRequested, unsettledFor} from './errors.ts'
import {isClaim, isCrd, objectId, toMember} from './identity.ts'
import {Observer, type Verdict} from './observer.ts'
import {recordEnd} from './record.ts'
import {withAnew} from './recreate.ts'
import {seal} from './seal.ts'
import {requireSecrets} from './secrets.ts'
import {step} from './step.ts'
import type {Lib, Outcome} from './types.ts'

/**
 * Everything that the rest of the operation needs goes into the cluster before its first step; the journal itself with the swap that
 * begins that step.
 */
export async function journal(lib: Lib, lock: Lock, change: Change, onDrift: OnDrift | undefined): Promise<Change> {
  const {target, secrets} = change
  const {ref, pkg} = target
  lib.signal.throwIfAborted()
  lock.assertHeld()
  const open = openBindings(target.revision, change.current).length > 0
  if (!open) requireSecrets(ref, target.revision.secret, secretNamesOf(target), secrets.values)
  const ready = open ? withAdopted(change) : freeze(change)
  await Promise.all([
    writePackageSecret(lib.kube, ref, pkg),
    writeRevisionSecret(lib.kube, ref, target.revision, secrets),
  ])
  const pending: PendingChange = {
    kind: change.kind,
    operation: lock.operation.id,
    stage: open ? 'provisioning' : 'applying',
    target: ready.target.revision,
    leaving: change.leaving,
    ...(onDrift !== undefined && {onDrift}),
    tasks: Object.fromEntries(change.tasks.map(name => [name, 'planned'])),
    ...(Object.keys(change.scales).length > 0 && {scales: change.scales}),
  }
  lock.stage(anchor => ({...anchor, pending: withAnew(pending, change.ways), package: target.revision.package}))
  return ready
}

/** To what the app was before the change that is taken back. */
const goesBack = ({target, current}: Change): boolean => target.revision.number === current?.number

/** While not all is known, only what was somebody else's must be. */
function withAdopted(change: Change): Change {
  const {target, sealed, ways} = change
  const inventory = sealed
    .filter(({id}) => ways.get(id)?.adopted)
    .map(({object}): Member => ({...toMember(object), adopted: true}))
  return {...change, target: {...target, revision: {...target.revision, inventory}}}
}

/** Fixes what every object is: from here a resume renders the very same, or refuses. */
function freeze(change: Change): Change {
  const {target, sealed, ways, current} = change
  const wanted = new Set(sealed.map(({id}) => id))
  const members = sealed.flatMap(({id, object, task}): Member[] =>
    task === undefined && !isCrd(object)
      ? [{...toMember(object), ...(ways.get(id)?.adopted === true && {adopted: true})}]
      : [],
  )
  // Data stays with the app, whatever its templates say now.
  const data = (current?.inventory ?? []).filter(member => isClaim(member) && !wanted.has(objectId(member)))
  const objects = Object.fromEntries(sealed.map(({id, hash}) => [id, hash]))
  return {...change, target: {...target, revision: {...target.revision, objects, inventory: [...members, ...data]}}}
}

/** Provisions what is open, carries out, prunes, commits. On failure the journal stays. */
export async function finishChange(lib: Lib, lock: Lock, change: Change): Promise<Outcome> {
  const {started, current} = change
  try {
    const stage = changeOf(lock.anchor)?.stage
    const open = stage === 'applying' ? [] : openBindings(change.target.revision, current)
    const frozen = stage === 'provisioning' || open.length > 0 ? await provisionAll(lib, lock, change, open) : change
    const {target, kind} = frozen
    // A former credential may go only when nothing runs with it any more.
    const wait = frozen.wait || unsettledBindings(target.revision).length > 0
    const inventory = await carryOut(lib, lock, {...frozen, wait})
    await releaseDropped(lib, lock, droppedBindings(target.revision, current))
    const bindings = await settle(lib, lock, frozen)
    const revision: Revision = {...target.revision, bindings, inventory}
    const entry = historyEntry(lib, revision, kind, started, goesBack(change) ? 'aborted' : 'done')
    await lock.update(before => ({
      ...before,
      current: revision,
      pending: undefined,
      phase: before.desired,
      history: [entry, ...before.history].slice(0, 10),
    }))
    for (const {user, refresh} of staleUsers(lock.anchor, current, revision))
      lib.report({
        type: 'warning',
        message: `what vouches for ${formatRef(target.ref)} is another now, and ${user} may not get in before ${refresh}`,
      })
    await afterCommit(lib, lock, entry)
    return outcomeOf(lib, kind, target, started)
  } catch (error) {
    throw await endInFailure(lib, lock, change.kind, change.target.revision, error, started)
  }
}

/**
 * What nothing names any more goes while the lock is still held: whoever finds it after a holder that died right here clears it away. The
 * change is done, whatever becomes of this.
 */
async function afterCommit(lib: Lib, lock: Lock, entry: HistoryEntry): Promise<void> {
  try {
    lock.assertHeld()
    await Promise.all([clearAway(lib.kube, lock.anchor), recordEnd(lib, lock.anchor, entry)])
    await lock.release(before => before)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    lib.report({type: 'warning', message: `it is done, but what was before could not be cleared away: ${why}`})
    await lock.stop()
  }
}

export const outcomeOf = (lib: Lib, operation: OperationKind, target: Target, started: Date): Outcome => ({
  app: target.ref,
  operation,
  package: target.revision.package,
  revision: target.revision.number,
  notes: renderShown(target.pkg, scopeOf(target)).notes ?? null,
  urls: Object.values(target.revision.provides).flatMap(({url}) => url ?? []),
  retained: [],
  orphans: [],
  warnings: [],
  seconds: (lib.now().getTime() - started.getTime()) / 1000,
})

/** Has every open binding provisioned; with their outputs everything is known. */
async function provisionAll(lib: Lib, lock: Lock, change: Change, open: [string, AppBinding][]): Promise<Change> {
  const {target, secrets} = change
  const {ref, pkg, revision} = target
  const bindings = {...revision.bindings}
  const learned: Record<string, string> = {}
  const makers = await makersOf(lib, ref, open, {operation: lock.operation.id, target: revision})
  const waiting = open.filter(([parameter]) => makers.get(parameter)?.by === 'nobody')
  if (waiting.length > 0) throw bindingRequested(ref, waiting)
  for (const [parameter, binding] of open) {
    const maker = makers.get(parameter)
    const granted = maker?.by === 'grant' ? maker.granted : undefined
    const made = await provisionOne(lib, lock, target, [parameter, binding], secrets.values, granted)
    const {trust} = made
    const told = {outputs: made.plain, secrets: Object.keys(made.secret), ...(trust !== undefined && {trust})}
    const {asks, ...known} = {...binding, ...told}
    const provider = {...binding.provider, ...(granted !== undefined && {endpoint: granted.name})}
    bindings[parameter] = asks === 'rotate' ? {...known, asks: 'settle'} : {...known, provider}
    for (const [name, value] of Object.entries(made.secret)) learned[`${parameter}.${name}`] = value
  }
  const all = {...secrets, values: {...secrets.values, ...learned}}
  const bound = {...revision, bindings}
  const known: Target = {...target, revision: bound, resolution: await resolveFrozen(ref, pkg, bound, secrets)}
  const frozen = freeze({...change, target: known, secrets: all, sealed: seal(renderDesired(known), all)})
  // What only the provider could tell, and what is computed of it, goes beside the revision's own.
  lock.assertHeld()
  await writeOutputsSecret(lib.kube, ref, frozen.target.revision, learned)
  lock.stage(anchor => {
    const pending = changeOf(anchor)
    return pending === undefined
      ? anchor
      : {...anchor, pending: {...pending, stage: 'applying', target: frozen.target.revision}}
  })
  return frozen
}

/** Tells providers which credential counts, now that everything runs with it; what was before it goes. */
async function settle(lib: Lib, lock: Lock, {target, secrets, timeout}: Change): Promise<Revision['bindings']> {
  const bindings = {...target.revision.bindings}
  const unsettled = unsettledBindings(target.revision)
  if (unsettled.length > 0) await lastPodsGone(lib, lock, timeout)
  for (const [parameter, binding] of unsettled) {
    if (!(await mayProvision(lib.kube, binding.provider, lib.signal))) {
      lib.report({type: 'warning', message: unsettledFor(target.ref, parameter, binding.provider.app)})
      continue
    }
    await provisionOne(lib, lock, target, [parameter, binding], secrets.values)
    const {asks: _done, ...settled} = binding
    bindings[parameter] = settled
  }
  return bindings
}

/** Pods that are ending still answer what they were asked, with the credential that they have. */
async function lastPodsGone(lib: Lib, lock: Lock, timeout: number): Promise<void> {
  const observer = new Observer(lib.kube, lock.anchor.ref, lib.signal, () => lock.assertHeld())
  const judge = (): Verdict => {
    const ending = observer.pods().find(({metadata}) => metadata.deletionTimestamp !== undefined)
    return ending === undefined ? {done: true} : {done: false, waiting: `Pod ${ending.metadata.name} to end`}
  }
  try {
    await step(lib, lock, 'former pods', 'wait for the former pods to end', () =>
      observer.until([], judge, {timeout, failFast: false}),
    )
  } finally {
    await observer.close()
  }
}

async function provisionOne(
  lib: Lib,
  lock: Lock,
  {ref: consumer, pkg}: Target,
  [
    parameter,
    {
      interface: kind,
      request,
      outputs,
      asks,
      provider: {app, endpoint},
    },
  ]: [string, AppBinding],
  values: Record<string, string>,
  granted?: Granted,
): Promise<Outputs & Pick<Binding, 'trust'>> {
  const schema = pkg.interfaces[kind]
  if (schema === undefined)
    throw new UserError('package.invalid', {message: `parameter ${parameter}: there is no interface ${kind}`})
  const secrets = secretsOf(values, parameter)
  const grant = {consumer, parameter, provider: app, endpoint, interface: kind, request}
  const does = {ensure: 'provision', rotate: 'make another credential for', settle: 'drop the former credential of'}
  const title = `${does[asks ?? 'ensure']} ${parameter} at ${formatRef(app)}`
  const verb = asks === 'rotate' ? 'rotate' : 'ensure'
  const take = (told: Pick<Granted, 'endpoint' | 'printed' | 'trust'>) => ({
    ...takeOutputs(grant, {schema, secrets, verb}, told),
    ...(told.trust !== undefined && {trust: told.trust}),
  })
  if (granted !== undefined)
    return step(
      lib,
      lock,
      `binding ${parameter}`,
      `take what was granted of ${parameter} at ${formatRef(app)}`,
      async () => take(granted),
    )
  const held = {assertHeld: () => lock.assertHeld(), signal: lib.signal}
  return step(lib, lock, `binding ${parameter}`, title, () =>
    provision(
      lib.kube,
      grant,
      {...held, secrets, outputs: printedOutputs(schema, outputs), verb, now: lib.now()},
      take,
    ),
  )
}

/** What the app no longer uses is let go of at the end, once nothing runs that does; its data stays with the provider. */
export async function releaseDropped(lib: Lib, lock: Lock, dropped: [string, AppBinding][]): Promise<void> {
  const {ref: consumer} = lock.anchor
  for (const [parameter, {provider}] of dropped) {
    const title = `let go of ${parameter} at ${formatRef(provider.app)}`
    const released = await step(lib, lock, `release ${parameter}`, title, () =>
      release(
        lib.kube,
        provider.app,
        {consumer, parameter},
        {deleteData: false, assertHeld: () => lock.assertHeld(), signal: lib.signal},
      ),
    )
    if (released === 'untold')
      lib.report({type: 'warning', message: untold({consumer, parameter, provider: provider.app})})
  }
}
