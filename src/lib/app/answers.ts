import type {AppRef, Revision, RevisionSecrets} from '../anchor/index.ts'
import {memberSecretName} from '../anchor/index.ts'
import {findOffer} from '../binding/index.ts'
import type {FieldError} from '../errors.ts'
import {UserError} from '../errors.ts'
import {isForbidden, type Kube} from '../kube/index.ts'
import {type Manifest, type Package, providedScope} from '../package/index.ts'
import type {
  Answers,
  BindingNeed,
  BindingValue,
  ClusterScope,
  FormField,
  MergedAnswers,
  ParametersSchema,
  ReadSource,
  Resolution,
  ResolveContext,
  Shared,
} from '../params/index.ts'
import {
  exportSchema,
  formFields,
  invalidAnswers,
  locateErrors,
  publishedOf,
  resolveParameters,
} from '../params/index.ts'
import {lookUpShared} from '../shared/index.ts'
import {checkAgainstCluster, clusterChoices} from './choices.ts'
import {providerNotMade} from './errors.ts'

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
  const all = merged === undefined ? errors : [...merged.errors, ...locateErrors(errors, merged.positions)]
  if (all.length > 0) throw invalidAnswers(all, manifest.name)
}

/** Everything that is wrong with answers, providers included: what `app validate` tells and what a form shows at its fields. */
export async function checkAnswers(kube: Kube, around: Surroundings, merged: MergedAnswers): Promise<FieldError[]> {
  const shared = await lookUpShared(kube, around.ref.namespace, merged.answers)
  const answered = await resolveAnswers(merged.answers, {...around, shared}, {})
  const {errors} = answered
  const [wrong, ...providers] = await Promise.all([
    checkAgainstCluster(kube, around.ref, answered),
    ...answered.bindings.map(need => checkProvider(kube, around.ref, need)),
  ])
  return [...merged.errors, ...locateErrors([...errors, ...wrong, ...providers.flat()], merged.positions)]
}

async function checkProvider(kube: Kube, consumer: AppRef, need: BindingNeed): Promise<FieldError[]> {
  const {provider} = need
  if ('$literal' in provider) return []
  try {
    if (!('$app' in provider)) throw providerNotMade(need.parameter)
    await findOffer(kube, {...need, provider}, consumer)
    return []
  } catch (error) {
    // Whoever grants the binding will look at the provider.
    if (isForbidden(error)) return []
    if (!(error instanceof UserError)) throw error
    return [{field: `/${need.parameter}`, code: error.code, message: error.message, got: provider}]
  }
}

/** What a front end draws a form from: the plain JSON Schema, and the fields in order, each with what is answered; never a secret. */
export interface Form {
  package: {name: string; version: string; appVersion: string | null; title: string; description: string | null}
  app: AppRef
  schema: object
  fields: FormField[]
}

/** The form of a package, for these answers. Choices come from the cluster, as far as it may be asked. */
export async function describeForm(kube: Kube, around: Surroundings, answers: Answers): Promise<Form> {
  const {pkg, ref} = around
  const {manifest, interfaces} = pkg
  const {name, version, appVersion, title, description} = manifest
  return {
    package: {name, version, appVersion: appVersion ?? null, title: title ?? name, description: description ?? null},
    app: ref,
    schema: exportSchema(manifest.parameters, interfaces),
    fields: await fieldsFor(kube, around, answers),
  }
}

/** The fields alone; asked again after each answer. */
export async function fieldsFor(kube: Kube, around: Surroundings, answers: Answers): Promise<FormField[]> {
  const shared = await lookUpShared(kube, around.ref.namespace, answers)
  const context = contextOf({...around, shared}, {})
  return formFields(around.pkg.manifest.parameters, answers, context, clusterChoices(kube, around.ref))
}
