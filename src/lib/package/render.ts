import {createBudget, maskSecrets, OMIT, type Position, type Scope} from '../expr/index.ts'
import {assemble} from './assemble.ts'
import {checkManifestExpressions} from './check-manifest.ts'
import {partTypes} from './check-templates.ts'
import {endpointObjects, type ResolvedEndpoint, resolveEndpoints} from './endpoints.ts'
import {invalidPackage, templateFailed} from './errors.ts'
import {groupKind, hasFixedName, isClusterScoped} from './kinds.ts'
import {selectorOf} from './labels.ts'
import {limits} from './limits.ts'
import {findReaches} from './needs.ts'
import {describeObject, isFields} from './objects.ts'
import {parseTemplates} from './parse-templates.ts'
import {type Rendering, renderItem, renderNode} from './render-tree.ts'
import {refuseStraySecrets} from './secrets.ts'
import {baseScope, filesOf, mapRecord, templateTypes} from './template-scope.ts'
import type {TemplateDocument} from './template-tree.ts'
import type {ManifestObject, Package, RenderedObject, RenderScope} from './types.ts'

/**
 * All objects of an app: the package's templates with what berth adds to them, then a Service per endpoint and what publishes it, in
 * the order they were written. The same scope gives the same objects, whenever and wherever.
 * @throws UserError `package.invalid` for templates that cannot be parsed, `template.failed` for one that cannot be evaluated, gives no
 * object, gives one twice, or lets a secret out of a Secret
 */
export function renderPackage(pkg: Package, scope: RenderScope): RenderedObject[] {
  const {manifest} = pkg
  const {documents, findings} = parseTemplates(pkg)
  const errors = findings.filter(({severity}) => severity === 'error')
  if (errors.length > 0) throw invalidPackage(errors)
  const {values, rendering, endpoints} = renderContext(pkg, scope)
  values.parts = renderParts(documents, values, rendering)

  const collected = new Collection()
  for (const document of documents) {
    if (document.kind === 'part') continue
    for (const value of renderItem(document.body, values, rendering)) {
      const object = place(asObject(value, document.position), document, scope)
      const {object: assembled, replicas} = assemble(object, document.component, manifest, scope)
      refuseStraySecrets(assembled, document.position)
      collected.add({
        object: assembled,
        component: document.component,
        task: document.task,
        replicas,
        position: document.position,
      })
    }
  }
  for (const endpoint of endpoints) {
    const position = {file: `package.yaml (provides.${endpoint.name})`, line: 1, column: 1}
    for (const object of endpointObjects(endpoint, scope)) {
      const placed = {...object, metadata: {...object.metadata, namespace: scope.app.namespace}}
      const {component} = endpoint.endpoint
      collected.add({
        object: assemble(placed, component, manifest, scope).object,
        component,
        task: undefined,
        replicas: undefined,
        position,
      })
    }
  }
  refuseUndeclaredNeeds(pkg, collected.objects)
  return collected.objects
}

/** What templates, outputs and notes see, but for parts. */
export function renderContext(
  pkg: Package,
  scope: RenderScope,
): {values: Scope; rendering: Rendering; endpoints: ResolvedEndpoint[]} {
  const {manifest} = pkg
  const types = templateTypes(pkg, checkManifestExpressions(pkg).lets, partTypes(parseTemplates(pkg).documents))
  const rendering: Rendering = {types, budget: createBudget(), nodes: {remaining: limits.yamlNodes * 4}}
  const endpoints = resolveEndpoints(manifest, scope, types, rendering.budget)
  const values: Scope = {
    ...baseScope(manifest, scope),
    provides: Object.fromEntries(endpoints.map(({name, address}) => [name, address])),
    components: mapRecord(manifest.components, (component, name) => ({
      replicas: scope.scale[name] ?? component.scale?.default ?? 1,
      selector: selectorOf(scope.app.name, name),
    })),
    files: filesOf(pkg),
  }
  return {values, rendering, endpoints}
}

/** Users agree to what is under `needs`; so what is not there must not be rendered, whatever the answers. */
function refuseUndeclaredNeeds({manifest}: Package, objects: RenderedObject[]): void {
  const declared = new Set(manifest.needs.map(({what}) => what))
  const missing = findReaches(objects).find(({what}) => !declared.has(what))
  if (missing === undefined) return
  const {what, object, position} = missing
  throw templateFailed(
    position,
    'needs',
    `${object} reaches beyond its namespace (${what}), and package.yaml does not say so`,
    `needs: [{what: ${what}, why: …}]`,
  )
}

/** `parts`, in the order they need one another; each sees those it reads. */
function renderParts(documents: readonly TemplateDocument[], scope: Scope, rendering: Rendering): Scope {
  const parts: Scope = {}
  // A part sees the parts written before it; reading a later one says that it is not there.
  for (const document of documents) {
    if (document.kind !== 'part') continue
    const value = renderNode(document.body, {...scope, parts: {...parts}}, rendering)
    parts[document.name] = value === OMIT ? null : value
  }
  return parts
}

function asObject(value: unknown, position: Position): ManifestObject {
  if (!isFields(value))
    throw templateFailed(position, 'object', 'the document is no object', 'write apiVersion, kind and metadata')
  const {apiVersion, kind, metadata} = value
  if (typeof apiVersion !== 'string' || !/^([a-z0-9.-]+\/)?v\d[a-z0-9]*$/.test(apiVersion))
    throw templateFailed(position, 'object', `apiVersion is ${show(apiVersion)}`, 'such as v1 or apps/v1')
  if (typeof kind !== 'string' || !/^[A-Z][A-Za-z0-9]*$/.test(kind))
    throw templateFailed(position, 'object', `kind is ${show(kind)}`, 'such as Deployment')
  const name = isFields(metadata) ? metadata.name : undefined
  if (typeof name !== 'string' || name.length > 253 || !/^[a-z0-9]([a-z0-9.:-]*[a-z0-9])?$/.test(name)) {
    throw templateFailed(
      position,
      'object',
      `metadata.name of the ${kind} is ${show(maskSecrets(name))}`,
      'lower-case letters, digits, dashes and dots: "${app.name}-web"',
    )
  }
  return value as ManifestObject
}

/** Into the app's namespace, or the cluster with a name that is the app's alone. */
function place(
  object: ManifestObject,
  {kind, position, ...document}: TemplateDocument,
  {app}: RenderScope,
): ManifestObject {
  if (object.kind === 'Namespace' && object.apiVersion === 'v1')
    throw templateFailed(
      position,
      'namespace',
      'a Namespace is no member of an app',
      'berth creates the namespace with --create-namespace',
    )
  if (kind === 'object' && 'clusterScope' in document && (document.clusterScope || isClusterScoped(object))) {
    const {name, namespace} = object.metadata
    if (namespace !== undefined)
      throw templateFailed(
        position,
        'namespace',
        `${describeObject(object)} has a namespace, and its kind has none`,
        'remove metadata.namespace',
      )
    if (!hasFixedName(object) && !(name.includes(app.name) && name.includes(app.namespace))) {
      throw templateFailed(
        position,
        'cluster-name',
        `${describeObject(object)} is seen by the whole cluster, and its name has not both namespace and app in it`,
        'name: "${app.namespace}-${app.name}-…"',
      )
    }
    return object
  }
  const {namespace = app.namespace} = object.metadata
  if (namespace !== app.namespace) {
    throw templateFailed(
      position,
      'namespace',
      `${describeObject(object)} is for the namespace ${show(namespace)}, the app is in ${app.namespace}`,
      'leave metadata.namespace out: an app lives in one namespace',
    )
  }
  return {...object, metadata: {...object.metadata, namespace}}
}

/** Rendered objects so far, within the limits, none twice. */
class Collection {
  readonly objects: RenderedObject[] = []
  readonly #seen = new Map<string, Position>()
  #bytes = 0

  add(rendered: RenderedObject): void {
    const {object, position} = rendered
    const identity = [groupKind(object), object.metadata.namespace ?? '', object.metadata.name].join(' ')
    const first = this.#seen.get(identity)
    if (first !== undefined)
      throw templateFailed(
        position,
        'duplicate-object',
        `${describeObject(object)} is rendered twice, first by ${first.file}:${first.line}`,
      )
    this.#seen.set(identity, position)
    const bytes = Buffer.byteLength(JSON.stringify(object))
    this.#bytes += bytes
    if (bytes > limits.objectBytes)
      throw templateFailed(
        position,
        'limit',
        `${describeObject(object)} has ${bytes} bytes, ${limits.objectBytes} are allowed`,
      )
    if (this.#bytes > limits.renderedBytes)
      throw templateFailed(position, 'limit', `the objects have more than ${limits.renderedBytes} bytes together`)
    if (this.#seen.size > limits.objects) throw templateFailed(position, 'limit', `more than ${limits.objects} objects`)
    this.objects.push(rendered)
  }
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'missing'
}
