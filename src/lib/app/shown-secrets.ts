import type {Anchor, AppRef, Revision, RevisionSecrets} from '../anchor/index.ts'
import {
  changeOf,
  formatRef,
  readAnchor,
  readPackageSecret,
  readRevisionSecret,
  recordRevealed,
} from '../anchor/index.ts'
import {renderShown} from '../package/index.ts'
import {type RotationRule, secretFields, valueAt} from '../params/index.ts'
import {scopeOf} from './desired.ts'
import {noSuchSecret, notInstalled} from './errors.ts'
import {readBack} from './journaled.ts'
import type {Lib} from './types.ts'

/** A secret that an app has; never its value. */
export interface SecretRow {
  /** `password`, `database.url`: also its key in the Secret that pods read. */
  name: string
  title: string
  /** `binding`: its provider made it. `derived`: of another one, as its hash or another form of a key. */
  from: 'generated' | 'given' | 'binding' | 'derived'
  /** Null where that is another's business. */
  rotate: RotationRule | null
}

/** Every secret of an app, by name. @throws UserError `app.not-found`, `app.corrupt` */
export async function listSecrets(lib: Lib, ref: AppRef): Promise<SecretRow[]> {
  const {revision, secrets} = await readSecrets(lib, ref)
  const {answers, bindings} = revision
  const {manifest, interfaces} = await readPackageSecret(lib.kube, ref, revision.package.digest)
  const fields = secretFields(manifest.parameters, interfaces)
  return Object.keys(secrets.values)
    .sort()
    .map(name => {
      const field = fields.find(each => each.name === name)
      if (field !== undefined) {
        const from = valueAt(answers, name.split('.')) === undefined ? 'generated' : 'given'
        return {name, title: field.title, from, rotate: field.rotate}
      }
      const bound = Object.keys(bindings).some(parameter => name.startsWith(`${parameter}.`))
      return {name, title: name, from: bound ? 'binding' : 'derived', rotate: null}
    })
}

/** A secret, with its value where that was asked for. */
export interface ShownSecret {
  app: AppRef
  name: string
  /** Null unless it is revealed. */
  value: string | null
}

/**
 * One secret of an app. To reveal it is recorded first, as an Event of the app's anchor that says who did; where that cannot be written,
 * nothing is revealed.
 * @throws UserError `secret.not-found`; RemoteError `cluster.forbidden`
 */
export async function getSecret(lib: Lib, ref: AppRef, name: string, reveal: boolean): Promise<ShownSecret> {
  const {anchor, secrets} = await readSecrets(lib, ref)
  const {[name]: value} = secrets.values
  if (value === undefined) throw noSuchSecret(ref, name, Object.keys(secrets.values))
  if (!reveal) return {app: ref, name, value: null}
  await recordReading(lib, anchor, [name])
  return {app: ref, name, value}
}

/** A secret that was just made, if it is to be shown: recorded as {@link getSecret} does. */
export async function revealMade(
  lib: Lib,
  ref: AppRef,
  {name, value}: {name: string; value: string},
  reveal: boolean,
): Promise<string | null> {
  if (!reveal) return null
  await recordReading(lib, await readAnchor(lib.kube, ref, lib.signal), [name])
  return value
}

/** What the package tells about a running app: addresses, a first login. */
export interface AppOutput {
  name: string
  title: string
  value: unknown
  /** The secret that belongs to it. */
  secret: ShownSecret | null
}

/** The outputs of an app. Their secrets are revealed as {@link getSecret} does. @throws UserError `package.untrusted`, `app.corrupt` */
export async function appOutputs(lib: Lib, ref: AppRef, reveal: boolean): Promise<AppOutput[]> {
  const anchor = await readAnchor(lib.kube, ref, lib.signal)
  if (anchor.current === undefined) throw notInstalled(ref)
  const {target, secrets} = await readBack(lib, ref, anchor.current)
  const {outputs} = renderShown(target.pkg, scopeOf(target))
  const named = Object.values(outputs).flatMap(({secret}) => (secret === undefined ? [] : [secret]))
  if (reveal && named.length > 0) await recordReading(lib, anchor, named)
  return Object.entries(outputs).map(([name, {title, value, secret}]) => ({
    name,
    title,
    value: value ?? null,
    secret:
      secret === undefined ? null : {app: ref, name: secret, value: reveal ? (secrets.values[secret] ?? null) : null},
  }))
}

async function readSecrets(
  {kube, signal}: Lib,
  ref: AppRef,
): Promise<{anchor: Anchor; revision: Revision; secrets: RevisionSecrets}> {
  const anchor = await readAnchor(kube, ref, signal)
  const revision = anchor.current ?? changeOf(anchor)?.target
  if (revision === undefined) throw notInstalled(ref)
  return {anchor, revision, secrets: await readRevisionSecret(kube, ref, revision.secret)}
}

const recordReading = (lib: Lib, {ref, raw}: Anchor, names: string[]): Promise<void> =>
  recordRevealed(
    lib.kube,
    {identity: lib.holder.identity, now: lib.now()},
    raw,
    `${names.join(', ')} of ${formatRef(ref)}`,
  )
