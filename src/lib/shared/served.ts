import type {Grant, PackageRef, ProvidedEndpoint, Revision} from '../anchor/index.ts'
import {findAnchor, formatRef, serviceProvider} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import type {Kube} from '../kube/index.ts'
import type {Package} from '../package/index.ts'
import {type InterfaceSchema, literalOutputs, outputAt} from '../params/index.ts'
import {shortHash} from '../short-hash.ts'
import {cannotServe} from './errors.ts'
import {type SharedRef, type SharedUser, scopeOf} from './scope.ts'

/** A package whose scripts make something for each app, as an installed one of it would. */
export interface ServedBy {
  pkg: Package
  origin: PackageRef
}

/** An endpoint of such a package. */
export interface Provided {
  name: string
  endpoint: Package['manifest']['provides'][string]
}

/** @throws UserError `usage.invalid` where no script of the package runs for a service outside */
export function endpointOf({manifest}: Package, kind: string): Provided {
  const [found] = Object.entries(manifest.provides).filter(
    ([, {interface: speaks, grant}]) => speaks === kind && grant?.run.outside !== undefined,
  )
  if (found === undefined) throw cannotServe(manifest.name, kind)
  return {name: found[0], endpoint: found[1]}
}

/** What an app that provides the same would have in its anchor. */
export function revisionOf(
  ref: SharedRef,
  {origin}: ServedBy,
  {name, endpoint: {interface: kind}}: Provided,
  outputs: Record<string, unknown>,
  known: InterfaceSchema,
): Revision {
  const address = literalOutputs(known, outputs)
  const at = (part: 'host' | 'port') => address[outputAt(part, known) ?? part]
  const endpoint: ProvidedEndpoint = {
    interface: kind,
    component: '',
    host: String(at('host')),
    port: Number(at('port')),
    allow: {namespaces: scopeOf(ref) === 'cluster' ? 'all' : 'own'},
    grant: true,
  }
  return {
    number: 1,
    package: origin,
    answers: {},
    patches: {},
    ignore: [],
    secret: '',
    cluster: {domain: '', kubernetes: '', ingressClass: null, storageClass: null},
    scale: {},
    autoscalers: {},
    certificates: {},
    trust: shortHash(String(outputs.ca ?? ''), 16),
    bindings: {},
    provides: {[name]: endpoint},
    values: {},
    services: {},
    inventory: [],
    objects: {},
  }
}

/** Whose scripts make something there, and for whom. */
export interface ServedRecord {
  /** Null where all use what was said. */
  by: {package: string; version: string} | null
  /** Null where nobody can tell. */
  users: SharedUser[] | null
}

/** What the record of a service that makes something for each app says; nothing where it was forged. */
export async function recordOf(kube: Kube, ref: SharedRef): Promise<ServedRecord> {
  try {
    const {current, grants = {}} = (await findAnchor(kube, serviceProvider(ref))) ?? {}
    const {name = '', version = ''} = current?.package ?? {}
    return {by: {package: name, version}, users: usersAt(Object.values(grants))}
  } catch (error) {
    if (error instanceof UserError) return {by: {package: 'unknown', version: ''}, users: null}
    throw error
  }
}

/** What is recorded there of consumers. @throws UserError `app.corrupt` */
export const grantsAt = async (kube: Kube, ref: SharedRef): Promise<Grant[]> =>
  Object.values((await findAnchor(kube, serviceProvider(ref)))?.grants ?? {})

/** Consumers that are gone and left data there count, too: only this record knows whose it is. */
export const usersAt = (grants: Grant[]): SharedUser[] =>
  [...Map.groupBy(grants, ({consumer}) => formatRef(consumer)).values()].map(of => ({
    app: of[0]?.consumer ?? {namespace: '', name: ''},
    parameters: of.map(({parameter}) => parameter),
    ...(of.every(({state}) => state === 'retained') && {kept: true as const}),
  }))
