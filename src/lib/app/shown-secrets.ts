import type {Anchor, AppRef, Revision, RevisionSecrets} from '../anchor/index.ts'
import {changeOf, readAnchor, readPackageSecret, readRevisionSecret} from '../anchor/index.ts'
import {certificateEnd} from '../keys/index.ts'
import {renderShown} from '../package/index.ts'
import {isRecord, publishedOf, type RotationRule, secretFields, valueAt} from '../params/index.ts'
import {certificatesOf} from './certificates.ts'
import {scopeOf} from './desired.ts'
import {noSuchSecret, notInstalled} from './errors.ts'
import {isIssued} from './identity.ts'
import {readBack} from './journaled.ts'
import {readMembers} from './live.ts'
import {recordDeed} from './record.ts'
import type {Lib} from './types.ts'

/** A secret that an app has; never its value. */
export interface SecretRow {
  /** `password`, `database.url`: also its key in the Secret that pods read. */
  name: string
  title: string
  /** `binding`: its provider made it. `derived`: of another one, as its hash or another form of a key. `cert-manager`: it keeps it. */
  from: 'generated' | 'given' | 'binding' | 'derived' | 'cert-manager'
  /** Null where that is another's business. */
  rotate: RotationRule | null
  /** When its certificate ends, RFC 3339; null where it has none. */
  expires: string | null
}

/** Every secret of an app, by name; public forms of keys are none. @throws UserError `app.not-found`, `app.corrupt` */
export async function listSecrets(lib: Lib, ref: AppRef): Promise<SecretRow[]> {
  const {revision, secrets} = await readSecrets(lib, ref)
  const {answers, bindings} = revision
  const {manifest, interfaces} = await readPackageSecret(lib.kube, ref, revision.package.digest)
  const fields = secretFields(manifest.parameters, interfaces)
  const live = await readMembers(lib.kube, ref, revision.inventory.filter(isIssued), lib.signal)
  const ends = new Map(certificatesOf(ref, undefined, live).map(each => [each.parameter, each.expires]))
  const issued = fields.flatMap(({name, title}): SecretRow[] => {
    const answer = valueAt(answers, name.split('.'))
    if (!isRecord(answer) || !('$issuer' in answer)) return []
    return [{name, title, from: 'cert-manager', rotate: null, expires: ends.get(name) ?? null}]
  })
  const published = publishedOf(secrets.values)
  const own = Object.keys(secrets.values).filter(name => !Object.hasOwn(published, name))
  const kept = own.map((name): SecretRow => {
    const field = fields.find(each => each.name === name)
    const expires = certificateEnd(secrets.values[`${name}.certificate`] ?? secrets.values[name] ?? '') ?? null
    if (field !== undefined) {
      const from = valueAt(answers, name.split('.')) === undefined ? 'generated' : 'given'
      return {name, title: field.title, from, rotate: field.rotate, expires}
    }
    const bound = Object.keys(bindings).some(parameter => name.startsWith(`${parameter}.`))
    return {name, title: name, from: bound ? 'binding' : 'derived', rotate: null, expires}
  })
  return [...kept, ...issued].sort((a, b) => (a.name < b.name ? -1 : 1))
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

/** `kubectl get events` and `berth log` show it; what it was is not said. */
async function recordReading(lib: Lib, anchor: Anchor, names: string[]): Promise<void> {
  const {who} = lib.holder.identity
  await recordDeed(lib, anchor, {
    ...{revision: anchor.current?.number ?? 0, kind: 'reveal', who, when: lib.now().toISOString(), seconds: 0},
    ...{outcome: 'done', message: `was shown ${names.join(', ')}`},
    ...(anchor.package !== undefined && {package: anchor.package}),
  })
}
