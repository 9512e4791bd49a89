import {deleteStateSecrets, packageSecretName, serviceProvider, writePackageSecret} from '../anchor/index.ts'
import type {FieldError} from '../errors.ts'
import {findObject, isConflict, type Kube, type KubeObject} from '../kube/index.ts'
import type {
  Answers,
  FormField,
  InterfaceSchema,
  Interfaces,
  MergedAnswers,
  ReadSource,
  Resolution,
  SharedService,
} from '../params/index.ts'
import {
  builtinInterfaces,
  faultsOf,
  formFields,
  invalidAnswers,
  outputParameters,
  resolveParameters,
} from '../params/index.ts'
import {badName, inUse, longName, notFound, serviceExists, unknownInterface} from './errors.ts'
import type {Listing, SharedRef, SharedUser} from './scope.ts'
import {
  deletePart,
  findPart,
  fromBothScopes,
  isSharedName,
  listParts,
  nameOf,
  nearestShared,
  objectName,
  scopeOf,
  writePart,
} from './scope.ts'
import {endpointOf, grantsAt, recordOf, revisionOf, type ServedBy, type ServedRecord, usersAt} from './served.ts'
import {listUsers, refuseIfUsed, usersIn, usersOf} from './users.ts'

/** A service as lists show it. */
export interface ServiceRow extends SharedRef, ServedRecord {
  scope: 'namespace' | 'cluster'
  interface: string
  /** What is no secret of it: address, names. */
  outputs: Record<string, unknown>
  /** Names of what is. */
  secrets: string[]
}

/** What has to be said of a provider that speaks an interface: its outputs are parameters like any other. */
export interface ServiceForm {
  known: InterfaceSchema
  parameters: ReturnType<typeof outputParameters>
  fields(answers: Answers): Promise<FormField[]>
  /** With all that is wrong, what may not be referred to included. */
  resolve(answers: Answers): Promise<Resolution>
}

/** @param interfaces berth's own, and those of a package where it has some. @throws UserError `usage.invalid` */
export function serviceForm(ref: SharedRef, name: string, interfaces: Interfaces, read: ReadSource): ServiceForm {
  if (!isSharedName(ref.name)) throw badName('service', ref.name)
  const known = Object.hasOwn(interfaces, name) ? interfaces[name] : undefined
  if (known === undefined) throw unknownInterface(name, Object.keys(interfaces))
  const parameters = outputParameters(known)
  const context = contextOf(ref, read)
  return {
    known,
    parameters,
    fields: answers => formFields(parameters, answers, context),
    async resolve(answers) {
      const resolution = await resolveParameters({parameters}, answers, context)
      return {...resolution, errors: [...resolution.errors, ...unread(resolution)]}
    },
  }
}

/** What a service is; undefined where there is none. */
export async function findService(kube: Kube, ref: SharedRef): Promise<SharedService | undefined> {
  if (!isSharedName(ref.name)) return undefined
  const found = await findPart(kube, 'ConfigMap', 'service', ref)
  return found && readService(ref, found)
}

/** As a provider it stands in labels of Secrets, which take 63 characters. */
const longestServed = 63 - serviceProvider({namespace: '', name: ''}).name.length

interface AddOptions {
  form: ServiceForm
  answers: MergedAnswers
  replace: boolean
  by: ServedBy | undefined
}

/**
 * Registers a provider outside the cluster: its address in a ConfigMap, what is secret in a Secret of the same name, written first: the
 * ConfigMap is what makes the service. With a package, who uses it is recorded there as in an app's anchor.
 * @throws UserError `params.invalid` with every wrong field, `service.exists`, `service.in-use` where it makes something for apps and
 * should not any more, `usage.invalid` for a package that cannot
 */
export async function addService(
  kube: Kube,
  ref: SharedRef,
  {form, answers, replace, by}: AddOptions,
  signal: AbortSignal,
): Promise<ServiceRow> {
  const {name} = form.known
  const provider = serviceProvider(ref)
  if (by !== undefined && ref.name.length > longestServed) throw longName(ref.name, longestServed)
  const provided = by && endpointOf(by.pkg, name)
  const resolution = await form.resolve(answers.answers)
  const {errors} = resolution
  if (answers.errors.length + errors.length > 0) {
    const faults = faultsOf(answers, errors)
    const refused = invalidAnswers(faults, name)
    refused.hint.push(...hasToSay(form.known, faults), ...maySay(form.known))
    throw refused
  }
  const present = await findService(kube, ref)
  if (!replace && present !== undefined) throw serviceExists(ref)
  // Who uses what was said would be sent to something of its own.
  if (by !== undefined && present !== undefined && present.grants !== true)
    await refuseIfUsed(kube, 'service', ref, signal)
  const grants = await grantsAt(kube, ref)
  if (grants.some(({endpoint}) => endpoint !== provided?.name)) throw inUse('service', ref, usersAt(grants))
  const secrets = Object.fromEntries(
    resolution.secrets.flatMap(({name, source}) => (source.from === 'given' ? [[name, base64(source.value)]] : [])),
  )
  const outputs = Object.fromEntries(Object.entries(resolution.answers).filter(([name]) => secrets[name] === undefined))
  const data = {interface: name, outputs: JSON.stringify(outputs), secrets: Object.keys(secrets).join(' ')}
  const plain = Object.entries(outputs).map(([output, value]) => [output, base64(String(value))])
  const served = by &&
    provided && {
      current: JSON.stringify(revisionOf(ref, by, provided, outputs, form.known)),
      salt: await saltOf(kube, ref),
    }
  // a pod is told all of it from one Secret
  await writePart(kube, 'Secret', 'service', ref, by ? {...Object.fromEntries(plain), ...secrets} : secrets, signal)
  if (by !== undefined) await writePackageSecret(kube, provider, by.pkg)
  await writePart(kube, 'ConfigMap', 'service', ref, {...data, ...served}, signal)
  const keep = by && packageSecretName(provider.name, by.pkg.digest)
  await deleteStateSecrets(kube, provider, secret => secret === keep)
  return showService(kube, ref, signal)
}

/** How what is missing is said. */
function hasToSay({outputs}: InterfaceSchema, errors: FieldError[]): string[] {
  const flags = Object.entries(outputs)
    .filter(([output]) => errors.some(({field, code}) => field === `/${output}` && code === 'required'))
    .map(([output, {secret}]) => (secret ? `--set-env ${output}=VARIABLE` : `--set ${output}=…`))
  return flags.length === 0 ? [] : [flags.join(' ')]
}

/** What need not be said, and is easily overlooked. */
function maySay({outputs}: InterfaceSchema): string[] {
  const words = Object.entries(outputs).flatMap(([output, {optional, enum: texts}]) =>
    optional ? [`${output}${texts ? ` (${texts.join(', ')})` : ''}`] : [],
  )
  return words.length === 0 ? [] : [`may be said, too: ${words.join(', ')}`]
}

/**
 * Another cluster has another: apps there that are called like ours are others. One that is registered again has the same, and what was
 * made for an app is found again.
 */
const saltOf = async (kube: Kube, {namespace}: SharedRef): Promise<string> =>
  (await findObject(kube, {apiVersion: 'v1', kind: 'Namespace', name: namespace}))?.metadata.uid ?? ''

/** As an app of a namespace sees it. @throws UserError `service.not-found` */
export async function showService(kube: Kube, {namespace, name}: SharedRef, signal: AbortSignal): Promise<ServiceRow> {
  const found = await nearestShared(namespace, name, ref => findService(kube, ref))
  if (found === undefined) throw notFound('service', {namespace, name})
  const ref = {namespace: found.namespace, name}
  return rowOf(kube, ref, found, () => usersOf(kube, 'service', ref, signal))
}

/** Those of a namespace and of the cluster, as far as they may be listed. */
export async function listServices(kube: Kube, listing: Listing): Promise<ServiceRow[]> {
  return fromBothScopes(listing.namespace, async scope => {
    const [objects, users] = await Promise.all([
      listParts(kube, 'ConfigMap', 'service', scope, listing),
      listUsers(kube, 'service', {namespace: scope}, listing.signal),
    ])
    return Promise.all(
      objects.map(object => {
        const ref = {namespace: scope, name: nameOf('service', object.metadata.name)}
        return rowOf(kube, ref, readService(ref, object), () => usersIn(users, ref))
      }),
    )
  })
}

/** Names of those that an app of a namespace can use for an interface. */
export async function servicesFor(kube: Kube, namespace: string, interfaceName: string): Promise<string[]> {
  const found = await fromBothScopes(namespace, async scope => {
    const objects = await listParts(kube, 'ConfigMap', 'service', scope)
    return objects.map(object => {
      const name = nameOf('service', object.metadata.name)
      return {...readService({namespace: scope, name}, object), name}
    })
  })
  // the namespace's own stands before the cluster's of the same name
  const nearest = new Map(found.toReversed().map(service => [service.name, service]))
  return [...nearest.values()]
    .filter(service => service.interface === interfaceName)
    .map(({name}) => name)
    .sort()
}

/**
 * Whoever has something made there writes it into the ConfigMap that goes: one of the two fails. Its Secrets go after it, by a second run
 * where the first one was cut off.
 * @throws UserError `service.not-found`, `service.in-use`, `app.corrupt` unless forced
 */
export async function removeService(kube: Kube, ref: SharedRef, force: boolean, signal: AbortSignal): Promise<void> {
  const object = isSharedName(ref.name) ? await findPart(kube, 'ConfigMap', 'service', ref) : undefined
  if (object === undefined) {
    if (isSharedName(ref.name) && (await forgetSecrets(kube, ref, signal))) return
    throw notFound('service', ref)
  }
  const {resourceVersion} = object.metadata
  if (!force && readService(ref, object).grants) {
    const users = usersAt(await grantsAt(kube, ref))
    if (users.length > 0) throw inUse('service', ref, users)
  } else if (!force) await refuseIfUsed(kube, 'service', ref, signal)
  try {
    await deletePart(kube, 'ConfigMap', 'service', ref, {...(resourceVersion && !force && {resourceVersion}), signal})
  } catch (error) {
    if (isConflict(error)) return removeService(kube, ref, force, signal)
    throw error
  }
  await forgetSecrets(kube, ref, signal)
}

/** @returns whether it had any of its own; that goes last, so that what is left is seen by it */
async function forgetSecrets(kube: Kube, ref: SharedRef, signal: AbortSignal): Promise<boolean> {
  await deleteStateSecrets(kube, serviceProvider(ref), () => false)
  return deletePart(kube, 'Secret', 'service', ref, {signal})
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

async function rowOf(
  kube: Kube,
  ref: SharedRef,
  found: SharedService,
  findUsers: () => SharedUser[] | null | Promise<SharedUser[] | null>,
): Promise<ServiceRow> {
  const {interface: kind, outputs, secrets, grants} = found
  const record = grants ? await recordOf(kube, ref) : {by: null, users: await findUsers()}
  return {...ref, scope: scopeOf(ref), interface: kind, outputs, secrets, ...record}
}

/** Whoever may edit the namespace can write it: what is no object of outputs is as if nothing were said. */
function readService({namespace, name}: SharedRef, object: KubeObject): SharedService {
  const data = (object.data ?? {}) as Record<string, string>
  const secrets = (data.secrets ?? '').split(' ').filter(key => key !== '')
  return {
    namespace,
    interface: data.interface ?? '',
    outputs: readOutputs(data.outputs),
    secrets,
    secret: objectName('service', name),
    ...(data.current !== undefined && {grants: true}),
  }
}

function readOutputs(text = '{}'): Record<string, unknown> {
  try {
    const outputs: unknown = JSON.parse(text)
    return typeof outputs === 'object' && outputs !== null && !Array.isArray(outputs) ? {...outputs} : {}
  } catch {
    return {}
  }
}

/** A service keeps its own secrets: there is no app whose rights could read another's. */
const unread = ({secrets}: Resolution): FieldError[] =>
  secrets
    .filter(({source}) => source.from !== 'given')
    .map(({name}) => ({
      field: `/${name}`,
      code: 'reference',
      message: 'must be given: --set-file, --set-env, or a file',
    }))

const contextOf = ({namespace, name}: SharedRef, read: ReadSource) => ({
  app: {namespace, name, revision: 1},
  cluster: {domain: 'localhost', kubernetes: '', ingressClass: null, storageClass: null},
  images: {},
  kept: new Set<string>(),
  bindings: {},
  interfaces: builtinInterfaces,
  read,
  secretName: objectName('service', name),
})
