import type {FieldError} from '../errors.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
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
  formFields,
  invalidAnswers,
  locateErrors,
  outputParameters,
  resolveParameters,
} from '../params/index.ts'
import {badName, notFound, serviceExists, unknownInterface} from './errors.ts'
import type {SharedRef, SharedUser} from './scope.ts'
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
import {listUsers, refuseIfUsed, usersIn, usersOf} from './users.ts'

/** A service as lists show it. */
export interface ServiceRow extends SharedRef {
  scope: 'namespace' | 'cluster'
  interface: string
  /** What is no secret of it: address, names. */
  outputs: Record<string, unknown>
  /** Names of what is. */
  secrets: string[]
  /** Null where nobody can tell. */
  users: SharedUser[] | null
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

/**
 * Registers a provider outside the cluster: its address in a ConfigMap, what is secret in a Secret of the same name, written first: the
 * ConfigMap is what makes the service.
 * @throws UserError `params.invalid` with every wrong field, `service.exists`
 */
export async function addService(
  kube: Kube,
  ref: SharedRef,
  {form, answers, replace}: {form: ServiceForm; answers: MergedAnswers; replace: boolean},
  signal: AbortSignal,
): Promise<ServiceRow> {
  const {name} = form.known
  const resolution = await form.resolve(answers.answers)
  const {errors} = resolution
  if (answers.errors.length + errors.length > 0)
    throw invalidAnswers([...answers.errors, ...locateErrors(errors, answers.positions)], name)
  if (!replace && (await findService(kube, ref)) !== undefined) throw serviceExists(ref)
  const secrets = Object.fromEntries(
    resolution.secrets.flatMap(({name, source}) => (source.from === 'given' ? [[name, base64(source.value)]] : [])),
  )
  const outputs = Object.fromEntries(Object.entries(resolution.answers).filter(([name]) => secrets[name] === undefined))
  const data = {interface: name, outputs: JSON.stringify(outputs), secrets: Object.keys(secrets).join(' ')}
  await writePart(kube, 'Secret', 'service', ref, secrets, signal)
  await writePart(kube, 'ConfigMap', 'service', ref, data, signal)
  return showService(kube, ref, signal)
}

/** As an app of a namespace sees it. @throws UserError `service.not-found` */
export async function showService(kube: Kube, {namespace, name}: SharedRef, signal: AbortSignal): Promise<ServiceRow> {
  const found = await nearestShared(namespace, name, ref => findService(kube, ref))
  if (found === undefined) throw notFound('service', {namespace, name})
  const ref = {namespace: found.namespace, name}
  return rowOf(ref, found, await usersOf(kube, 'service', ref, signal))
}

/** Those of a namespace and of the cluster, as far as they may be listed. */
export async function listServices(kube: Kube, namespace: string, signal: AbortSignal): Promise<ServiceRow[]> {
  return fromBothScopes(namespace, async scope => {
    const [objects, users] = await Promise.all([
      listParts(kube, 'ConfigMap', 'service', scope, signal),
      listUsers(kube, 'service', {namespace: scope}, signal),
    ])
    return objects.map(object => {
      const ref = {namespace: scope, name: nameOf('service', object.metadata.name)}
      return rowOf(ref, readService(ref, object), usersIn(users, ref))
    })
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

/** @throws UserError `service.not-found`, `service.in-use` unless forced */
export async function removeService(kube: Kube, ref: SharedRef, force: boolean, signal: AbortSignal): Promise<void> {
  if ((await findService(kube, ref)) === undefined) throw notFound('service', ref)
  if (!force) await refuseIfUsed(kube, 'service', ref, signal)
  for (const part of ['ConfigMap', 'Secret'] as const) await deletePart(kube, part, 'service', ref, signal)
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

const rowOf = (ref: SharedRef, found: SharedService, users: SharedUser[] | null): ServiceRow => ({
  ...ref,
  scope: scopeOf(ref),
  interface: found.interface,
  outputs: found.outputs,
  secrets: found.secrets,
  users,
})

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
