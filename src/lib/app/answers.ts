import type {AppRef, Revision, RevisionSecrets} from '../anchor/index.ts'
import {memberSecretName} from '../anchor/index.ts'
import {findOffer} from '../binding/index.ts'
import type {FieldError} from '../errors.ts'
import {UserError} from '../errors.ts'
import {isForbidden} from '../kube/index.ts'
import {type Manifest, type Package, providedScope} from '../package/index.ts'
import type {
  Answers,
  BindingNeed,
  BindingValue,
  Choice,
  ClusterScope,
  FormField,
  MergedAnswers,
  NewProvider,
  ParametersSchema,
  ReadSource,
  Resolution,
  ResolveContext,
  Shared,
} from '../params/index.ts'
import {
  exportSchema,
  faultsOf,
  formFields,
  fromPointer,
  invalidAnswers,
  isRecord,
  publishedOf,
  resolveParameters,
  valueAt,
} from '../params/index.ts'
import {lookUpShared} from '../shared/index.ts'
import {checkAgainstCluster, clusterChoices} from './choices.ts'
import {answersAt, atProvider, describeWanted, findWanted, isNew, type NewNeed, type Wanted} from './new-provider.ts'
import type {Consumer, Lib} from './types.ts'

/** What resolving answers needs besides them. */
export interface Surroundings {
  ref: AppRef
  pkg: Package
  cluster: ClusterScope
  revision: number
  /** Names of secrets that are there already. */
  kept: ReadonlySet<string>
  /** Of these, what is no secret. */
  published?: Readonly<Record<string, string>>
  /** What the app has been answered before, and what that referred to. */
  previous?: Answers
  /** What those were answers to. */
  previousParameters?: ParametersSchema
  previousShared?: Shared
  /** What the answers refer to. */
  shared?: Shared
  /** Whom it is made for, where an answer of another app has it made. */
  consumers?: Consumer[]
  read: ReadSource
}

function contextOf(
  {
    ref,
    pkg,
    cluster,
    revision,
    kept,
    published,
    previous,
    previousParameters,
    previousShared,
    shared,
    read,
  }: Surroundings,
  bindings: Record<string, BindingValue>,
): ResolveContext {
  return {
    app: {...ref, revision},
    cluster,
    images: pkg.manifest.images,
    kept,
    ...(published !== undefined && {published}),
    ...(previous !== undefined && {previous}),
    ...(previousParameters !== undefined && {previousParameters}),
    ...(previousShared !== undefined && {previousShared}),
    ...(shared !== undefined && {shared}),
    interfaces: pkg.interfaces,
    provides: providedScope(pkg, {app: {...ref, revision}, cluster}),
    read,
    secretName: memberSecretName(ref.name),
    bindings,
  }
}

/** Answers to what templates see, with all that is wrong in them. */
export const resolveAnswers = (
  answers: Answers,
  around: Surroundings,
  bindings: Record<string, BindingValue>,
): Promise<Resolution> => {
  const {parameters, rules, let: lets} = around.pkg.manifest
  return resolveParameters({parameters, rules, let: lets}, answers, contextOf(around, bindings))
}

/** What templates see of a revision that is journaled: the same in every process, from what was frozen alone. */
export async function resolveFrozen(
  ref: AppRef,
  pkg: Package,
  revision: Revision,
  secrets: RevisionSecrets,
): Promise<Resolution> {
  const read = {file: () => Promise.reject(new Error('frozen answers name no files')), env: () => undefined}
  const kept = new Set(Object.keys(secrets.values))
  const published = publishedOf(secrets.values)
  const shared = {values: revision.values, services: revision.services}
  const around = {ref, pkg, cluster: revision.cluster, revision: revision.number, kept, published, shared, read}
  const resolution = await resolveAnswers(revision.answers, around, revision.bindings)
  refuseFaults(pkg.manifest, resolution.errors)
  return resolution
}

/** @throws UserError `params.invalid` with every wrong field, at its line where it came from a file */
export function refuseFaults(manifest: Manifest, errors: FieldError[], merged?: MergedAnswers): void {
  const all = merged === undefined ? errors : faultsOf(merged, errors)
  if (all.length > 0) throw invalidAnswers(all, manifest.name)
}

/** Everything that is wrong with answers, providers included: what `app validate` tells and what a form shows at its fields. */
export async function checkAnswers(lib: Lib, around: Surroundings, merged: MergedAnswers): Promise<FieldError[]> {
  const {kube} = lib
  const shared = await lookUpShared(kube, around.ref.namespace, merged.answers)
  const answered = await resolveAnswers(merged.answers, {...around, shared}, {})
  const {errors} = answered
  const [wrong, ...providers] = await Promise.all([
    checkAgainstCluster(kube, around.ref, answered),
    ...answered.bindings.map(need => checkProvider(lib, around, need)),
  ])
  return faultsOf(merged, [...errors, ...wrong, ...providers.flat()])
}

async function checkProvider(lib: Lib, around: Surroundings, need: BindingNeed): Promise<FieldError[]> {
  const {provider} = need
  try {
    if (isNew(need)) {
      const wanted = await findWanted(lib, around, need)
      if (wanted.isThere) return []
      return atProvider(need.parameter, await checkAnswers(lib, aroundWanted(wanted, around), wanted.answers))
    }
    if ('$app' in provider) await findOffer(lib.kube, {...need, provider}, around.ref)
    return []
  } catch (error) {
    // Whoever grants the binding will look at the provider.
    if (isForbidden(error)) return []
    if (!(error instanceof UserError)) throw error
    const field = `/${need.parameter.replaceAll('.', '/')}`
    return [{field, code: error.code, message: error.message, ...('$app' in provider && {got: provider})}]
  }
}

/** An app that another has installed first, before it is there. */
const aroundWanted = ({ref, pkg, consumers}: Wanted, {cluster, read}: Surroundings): Surroundings => ({
  ...{ref, pkg, consumers, cluster, read},
  revision: 1,
  kept: new Set(),
})

/** What a form for the package of `{$new: package}` is about. @throws UserError as `describeWanted` */
export async function newProvider(
  lib: Lib,
  around: Surroundings,
  need: Omit<NewNeed, 'request'>,
): Promise<{around: Surroundings; answers: MergedAnswers}> {
  const wanted = await describeWanted(lib, around, {...need, request: {}})
  return {around: aroundWanted(wanted, around), answers: wanted.answers}
}

/** What a front end draws a form from: the plain JSON Schema, and the fields in order, each with what is answered; never a secret. */
export interface Form {
  package: {name: string; version: string; appVersion: string | null; title: string; description: string | null}
  app: AppRef
  schema: object
  fields: FormField[]
}

/** The form of a package, for these answers. Choices come from the cluster, as far as it may be asked. */
export async function describeForm(lib: Lib, around: Surroundings, answers: Answers): Promise<Form> {
  const {pkg, ref} = around
  const {manifest, interfaces} = pkg
  const {name, version, appVersion, title, description} = manifest
  return {
    package: {name, version, appVersion: appVersion ?? null, title: title ?? name, description: description ?? null},
    app: ref,
    schema: exportSchema(manifest.parameters, interfaces),
    fields: await fieldsFor(lib, around, answers),
  }
}

/** The fields alone; asked again after each answer. */
export async function fieldsFor(lib: Lib, around: Surroundings, answers: Answers): Promise<FormField[]> {
  const {kube} = lib
  const shared = await lookUpShared(kube, around.ref.namespace, answers)
  const context = contextOf({...around, shared}, {})
  return formFields(around.pkg.manifest.parameters, answers, context, {
    ...clusterChoices(kube, around.ref),
    installable: (reference, field, kind) => describeInstallable(lib, around, {reference, field, kind, answers}),
  })
}

/** A package that a form offers to install, with what it asks. What cannot be installed for the field is not offered. */
async function describeInstallable(
  lib: Lib,
  around: Surroundings,
  {reference, field, kind, answers}: {reference: string; field: string; kind: string; answers: Answers},
): Promise<Omit<Choice, 'value'> | undefined> {
  const parameter = fromPointer(field).join('.')
  const given = valueAt(answers, fromPointer(field))
  const provider = isProvider(given) && given.$new === reference ? given : {$new: reference}
  try {
    const made = await newProvider(lib, around, {parameter, interface: kind, provider})
    const {name, version, title = name} = made.around.pkg.manifest
    const fields = await fieldsFor(lib, made.around, made.answers.answers)
    return {title: `a new ${title} (${name} ${version})`, item: fields.map(each => within(each, answersAt(parameter)))}
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

/** What is given may be anything yet. */
const isProvider = (answer: unknown): answer is NewProvider =>
  isRecord(answer) && '$new' in answer && (answer.answers === undefined || isRecord(answer.answers))

/** A field of another form, as one below a place in this one. */
const within = (field: FormField, at: string): FormField => ({
  ...field,
  field: `${at}${field.field}`,
  ...withItem(field, at),
  ...(field.choices && {choices: field.choices.map(choice => ({...choice, ...withItem(choice, at)}))}),
})

const withItem = ({item}: {item?: FormField[]}, at: string) => item && {item: item.map(each => within(each, at))}
