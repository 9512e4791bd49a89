import type {Anchor, AppRef, PackageRef} from '../anchor/index.ts'
import {findAnchor, formatRef, isAppName, sameApp} from '../anchor/index.ts'
import type {FieldError} from '../errors.ts'
import type {Package} from '../package/index.ts'
import type {BindingNeed, MergedAnswers, NewProvider} from '../params/index.ts'
import {mergeAnswers} from '../params/index.ts'
import {shortHash} from '../short-hash.ts'
import {badName, newProviderExists, newProviderRefused, unfinished} from './errors.ts'
import type {Consumer, Lib} from './types.ts'

export type NewNeed = BindingNeed & {provider: NewProvider}

export const isNew = (need: BindingNeed): need is NewNeed => '$new' in need.provider

/** An app that an answer has installed first: what of, under which name, with which answers. */
export interface Wanted {
  parameter: string
  ref: AppRef
  pkg: Package
  origin: PackageRef
  answers: MergedAnswers
  /** Whom it is installed for, the nearest last. */
  consumers: Consumer[]
}

/** So many apps are installed for one another at most. */
const deepest = 4

/** Who asks: an app that is going to be installed or changed. */
interface Asking {
  ref: AppRef
  pkg: Package
  consumers?: Consumer[]
}

/**
 * What `{$new: package}` means, and whether it is there: one that was installed for the same consumer is taken as it is, so that an
 * install that was cut off can be run again.
 * @throws UserError as {@link describeWanted}; `app.exists`, `app.unfinished`
 */
export async function findWanted(lib: Lib, asking: Asking, need: NewNeed): Promise<Wanted & {isThere: boolean}> {
  const wanted = await describeWanted(lib, asking, need)
  const {ref, pkg} = wanted
  const there = await findAnchor(lib.kube, ref, lib.signal)
  const isThere = there?.current !== undefined && isMadeFor(there, asking.ref, pkg.manifest.name)
  if (!isThere && there?.pending !== undefined) throw unfinished(ref, there.pending.kind)
  if (!isThere && there?.current !== undefined) throw newProviderExists(need.parameter, ref, there.package)
  return {...wanted, isThere}
}

const isMadeFor = ({installedFor, package: pkg}: Anchor, consumer: AppRef, name: string): boolean =>
  installedFor !== undefined && sameApp(installedFor, consumer) && pkg?.name === name

/**
 * The package in the operator's repositories, and the name that the app would have.
 * @throws UserError `package.not-found` and what else reading a package throws, `binding.refused`, `usage.invalid`
 */
export async function describeWanted(
  lib: Lib,
  {ref: consumer, pkg: user, consumers: before = []}: Asking,
  {parameter, interface: kind, provider: {$new, name, namespace, answers = {}}}: NewNeed,
): Promise<Wanted> {
  const {pkg, origin} = await lib.findPackage($new)
  const {manifest, interfaces} = pkg
  const consumers = [...before, {ref: consumer, package: user.manifest.name}]
  const ref = {
    namespace: namespace ?? consumer.namespace,
    name: name ?? providerName(consumer.name, parameter),
  }
  if (!isAppName(ref.name)) throw badName(ref.name)
  const way = [...consumers.map(each => each.package), manifest.name].join(' → ')
  const refuse = (why: string) => newProviderRefused(parameter, manifest.name, why)
  if (consumers.some(each => each.package === manifest.name || sameApp(each.ref, ref)))
    throw refuse(`it would be installed for itself (${way})`)
  if (consumers.length > deepest) throw refuse(`more than ${deepest} apps would be installed for one another (${way})`)
  if (!Object.values(manifest.provides).some(endpoint => endpoint.interface === kind))
    throw refuse(`it provides nothing that speaks ${kind}`)
  const file = {answers, positions: new Map()}
  const merged = mergeAnswers(manifest.parameters, {file, interfaces})
  return {parameter, ref, pkg, origin, answers: merged, consumers}
}

/** `news-database`: the same each time. What is too long for a name is cut, and told apart by a hash. */
export function providerName(app: string, parameter: string): string {
  const name = `${app}-${parameter.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
  if (isAppName(name)) return name
  const hash = shortHash(`${app}#${parameter}`, 6)
  return `${name.slice(0, 33).replace(/-+$/, '')}-${hash}`
}

/** Errors in answers to a package that is installed first, at their places in the consumer's answers. */
export const atProvider = (parameter: string, errors: readonly FieldError[]): FieldError[] =>
  errors.map(error => ({...error, field: `${answersAt(parameter)}${error.field}`}))

export const answersAt = (parameter: string): string => `/${parameter.replaceAll('.', '/')}/answers`

/** @throws UserError `binding.refused` where two answers make one app */
export function refuseTwice(wanted: Wanted[]): void {
  for (const [index, {ref, parameter, pkg}] of wanted.entries()) {
    const other = wanted.slice(0, index).find(each => sameApp(each.ref, ref))
    if (other !== undefined)
      throw newProviderRefused(
        parameter,
        pkg.manifest.name,
        `${formatRef(ref)} would be installed for ${other.parameter} already: give one of them another name`,
      )
  }
}
