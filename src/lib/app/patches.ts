import type {Revision} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import type {KubeObject} from '../kube/index.ts'
import {parseYamlFile, plainValue} from '../yaml/index.ts'
import type {DesiredObject} from './types.ts'

type Fields = Record<string, unknown>

/**
 * What a user changes in an app's objects beside its answers: per component, per object (`Deployment`, or `Deployment/name` where a
 * component has several), a fragment that is merged into it.
 */
export type Patches = Revision['patches']

/** Reads patches in YAML or JSON. @throws UserError `patch.invalid` */
export function readPatches(text: string, name: string): Patches {
  const {documents, findings} = parseYamlFile(name, text)
  const [wrong] = findings.filter(({severity}) => severity === 'error')
  if (wrong !== undefined) throw invalid(`${name}:${wrong.position.line}: ${wrong.message}`)
  const [document, another] = documents
  const patches = document === undefined ? {} : plainValue(document)
  const shape = another === undefined && isFields(patches) && Object.values(patches).every(isFields)
  if (!shape) throw invalid(`${name} holds no patches: write {component: {Kind: {fields}}}`)
  for (const [component, objects] of Object.entries(patches as Record<string, Fields>))
    for (const [target, fragment] of Object.entries(objects))
      refuseForbidden(`${component}: ${target}`, target, fragment)
  return patches as Patches
}

/** What berth decides, or what would put a secret where it can be read. */
function refuseForbidden(where: string, target: string, fragment: unknown): void {
  if (!isFields(fragment)) throw invalid(`${where}: write the fields to change`)
  if (/^Secret(\/|$)/.test(target))
    throw invalid(`${where}: secrets are parameters, so that they are kept in Secrets only`)
  const {metadata = {}, spec} = fragment
  const fixed = ['apiVersion', 'kind', 'status'].find(field => field in fragment)
  if (fixed !== undefined) throw invalid(`${where}: ${fixed} cannot be patched`)
  const meta = isFields(metadata) ? Object.keys(metadata).find(key => !['labels', 'annotations'].includes(key)) : ''
  if (meta !== undefined) throw invalid(`${where}: of metadata only labels and annotations can be patched`)
  const owned = isFields(spec) ? ['replicas', 'selector'].find(field => field in spec) : undefined
  if (owned !== undefined) throw invalid(`${where}: spec.${owned} is not for a patch`)
}

/** The objects with their patches. @throws UserError `patch.invalid` where one is for nothing that the app has */
export function applyPatches(patches: Patches, objects: DesiredObject[]): DesiredObject[] {
  const patched = new Map<DesiredObject, KubeObject>()
  const components = [...new Set(objects.flatMap(({component}) => component ?? []))]
  for (const [component, byTarget] of Object.entries(patches)) {
    if (!components.includes(component))
      throw invalid(`there is no component ${component}: it has ${components.join(', ') || 'none'}`)
    for (const [target, fragment] of Object.entries(byTarget)) {
      const [kind, name] = target.split('/')
      const matching = objects.filter(
        ({component: own, object}) =>
          own === component && object.kind === kind && (name === undefined || object.metadata.name === name),
      )
      const [found, another] = matching
      if (found === undefined || found.object.kind === 'Secret')
        throw invalid(`component ${component} has no ${target}: it has ${namesOf(objects, component)}`)
      if (another !== undefined) throw invalid(`component ${component} has several of ${target}: write ${target}/NAME`)
      patched.set(found, merge(patched.get(found) ?? found.object, fragment) as KubeObject)
    }
  }
  return objects.map(each => ({...each, object: patched.get(each) ?? each.object}))
}

const namesOf = (objects: DesiredObject[], component: string): string =>
  objects
    .filter(each => each.component === component)
    .map(({object}) => `${object.kind}/${object.metadata.name}`)
    .join(', ')

/** Maps are merged and null takes away; lists whose entries have names are merged by them, others replaced. */
function merge(base: unknown, over: unknown): unknown {
  if (isFields(base) && isFields(over)) {
    const merged = {...base}
    for (const [key, value] of Object.entries(over)) {
      if (value === null) delete merged[key]
      else merged[key] = merge(merged[key], value)
    }
    return merged
  }
  if (!isNamed(base) || !isNamed(over)) return over
  const changed = base.map(entry => merge(entry, over.find(({name}) => name === entry.name) ?? {}))
  return [...changed, ...over.filter(({name}) => !base.some(entry => entry.name === name))]
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isNamed = (value: unknown): value is Fields[] =>
  Array.isArray(value) && value.every(entry => isFields(entry) && typeof entry.name === 'string')

const invalid = (message: string) => new UserError('patch.invalid', {message})
