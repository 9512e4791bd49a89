import {createHash} from 'node:crypto'
import {isLabel} from '../dns-label.ts'
import type {Digest} from '../package/index.ts'
import {shortHash} from '../short-hash.ts'

/** What names an app: one installation of a package. */
export interface AppRef {
  namespace: string
  /** DNS label, 40 characters at most: names of its objects are built on it. */
  name: string
}

export const formatRef = (ref: AppRef): string => `${ref.namespace}/${ref.name}`
/** What {@link formatRef} writes; undefined for anything else. */
export function parseRef(text: string): AppRef | undefined {
  const [namespace = '', name = '', ...more] = text.split('/')
  return more.length === 0 && isLabel(namespace) && isAppName(name) ? {namespace, name} : undefined
}
export const sameApp = (a: AppRef, b: AppRef): boolean => a.name === b.name && a.namespace === b.namespace

export const label = {
  managedBy: 'app.kubernetes.io/managed-by',
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  component: 'app.kubernetes.io/component',
  app: 'berth.dev/app',
  package: 'berth.dev/package',
  phase: 'berth.dev/phase',
  kind: 'berth.dev/kind',
  revision: 'berth.dev/revision',
  /** The set that an app was declared in: what `apply --prune` may remove. */
  set: 'berth.dev/set',
  retained: 'berth.dev/retained',
  /** What no node has: the selector of a stopped DaemonSet. */
  stopped: 'berth.dev/stopped',
  /** ApplySet's convention (KEP-3659): who else prunes by it can see that these are ours. */
  applySet: 'applyset.kubernetes.io/id',
  partOf: 'applyset.kubernetes.io/part-of',
} as const

export const annotation = {
  package: 'berth.dev/package',
  desired: 'berth.dev/desired',
  bindings: 'berth.dev/bindings',
  values: 'berth.dev/values',
  provides: 'berth.dev/provides',
  owner: 'berth.dev/owner',
  /** `namespace/name` of the app that this one was installed for. */
  installedFor: 'berth.dev/installed-for',
  operation: 'berth.dev/operation',
  epoch: 'berth.dev/epoch',
  retained: 'berth.dev/retained',
  /** A member's own identity: controllers copy labels, but not with another object's name in them. */
  member: 'berth.dev/member',
  content: 'berth.dev/content',
  inputs: 'berth.dev/inputs',
  /** Of a Certificate: the parameter that it is for. */
  parameter: 'berth.dev/parameter',
  login: 'berth.dev/login',
  task: 'berth.dev/task',
  /** On pod templates: when their pods were last made anew by wish. */
  restarted: 'berth.dev/restarted',
  /** Of an Event: what was done, as history has it. */
  deed: 'berth.dev/deed',
  /** Of a definition of a kind: the apps that brought it, `namespace/name`, with commas. */
  users: 'berth.dev/users',
  applySetTooling: 'applyset.kubernetes.io/tooling',
  applySetKinds: 'applyset.kubernetes.io/contains-group-kinds',
} as const

export const managedBy = 'berth'

/** Pods of an app, and their ReplicaSets: another tool's release may have its name. */
export const podsOf = (app: string): string => `${label.instance}=${app},${label.managedBy}=${managedBy}`

const outside = 'service.'
/** A service outside, as what apps are provided by: no app's name has a dot. What is recorded of it stands with what is said of it. */
export const serviceProvider = ({namespace, name}: AppRef): AppRef => ({namespace, name: `${outside}${name}`})
/** The service that a provider is; undefined for an app. */
export const serviceOf = ({namespace, name}: AppRef): AppRef | undefined =>
  name.startsWith(outside) ? {namespace, name: name.slice(outside.length)} : undefined

const serviceAnchor = 'berth-service.'
export const anchorName = (app: string): string =>
  app.startsWith(outside) ? `${serviceAnchor}${app.slice(outside.length)}` : `berth.${app}`
export const appOfAnchorName = (name: string): string =>
  name.startsWith(serviceAnchor) ? `${outside}${name.slice(serviceAnchor.length)}` : name.slice('berth.'.length)
export const leaseName = (app: string): string => `berth.${app}`
export const packageSecretName = (app: string, digest: Digest): string => `berth.${app}.pkg.${digest.slice(7, 19)}`
export const revisionSecretName = (app: string, revision: number): string => `berth.${app}.s.${revision}`
/** A parameter may have any letters; the name of an object may not. */
export const grantedSecretName = (revisionSecret: string, parameter: string): string =>
  `${revisionSecret}.g.${shortHash(parameter, 8)}`
/** What every server takes without quotes, and no object's name is too short for. */
export const isLoginName = (name: string): boolean => /^[a-z]([a-z0-9_]{0,29}[a-z0-9])?$/.test(name)
/** An object's name has no underscores, and a login's no dashes. */
export const loginSecretName = (app: string, login: string): string =>
  `berth.${app}.login.${login.replaceAll('_', '-')}`
/** The member Secret that pods of the app read: its name is the same in every revision, so that only contents roll pods. */
export const memberSecretName = (app: string): string => `${app}-secrets`

const sha256 = (text: string) => createHash('sha256').update(text).digest()

/** Constant per app, whatever the binary is called; one per app makes the server refuse what would take another app's object. */
export const fieldManager = (ref: AppRef): string => `berth.${shortHash(formatRef(ref), 16)}`
/** Owns `spec.replicas` and `suspend` and nothing else: dropping a field once applied would reset it to its default. */
export const scaleManager = (ref: AppRef): string => `${fieldManager(ref)}.scale`
/** Owns what it set over the app's own fields to stop it. */
export const stopManager = (ref: AppRef): string => `${fieldManager(ref)}.stop`
/** Owns the mark on pod templates that has pods made anew: no apply takes it back. */
export const restartManager = (ref: AppRef): string => `${fieldManager(ref)}.restart`
/** Writes what is berth's own: anchors, leases, revision Secrets. */
export const stateManager = 'berth.state'

/** The ApplySet id: `applyset-` + unpadded base64url(sha256(`name.namespace.kind.group`)) + `-v1`; ConfigMap's group is empty, hence the dot. */
export const applySetId = (ref: AppRef): string =>
  `applyset-${sha256(`${anchorName(ref.name)}.${ref.namespace}.ConfigMap.`).toString('base64url')}-v1`

const appName = /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/

export const isAppName = (name: string): boolean => appName.test(name)
/** Of an app, or of a service outside. */
export const isProviderName = (name: string): boolean =>
  isAppName(name) || /^service\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)
