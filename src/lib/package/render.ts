import {
  createBudget,
  ExpressionError,
  evaluateExpression,
  holdsSecret,
  maskSecrets,
  OMIT,
  type Position,
  type Scope,
} from '../expr/index.ts'
import {assemble, selectorOf} from './assemble.ts'
import {Collection} from './collection.ts'
import {endpointObjects, type ResolvedEndpoint, resolveEndpoints} from './endpoints.ts'
import {invalidPackage, shownSecret, templateFailed} from './errors.ts'
import {groupKind, hasFixedName, isClusterScoped} from './kinds.ts'
import {findReaches} from './needs.ts'
import {describeObject, isFields} from './objects.ts'
import {programOf} from './program.ts'
import {Renderer} from './renderer.ts'
import {earlyScope, filesOf, mapRecord, typesOf} from './scope.ts'
import {refuseStraySecrets} from './secrets.ts'
import type {TemplateNode} from './template.ts'
import type {ManifestObject, Package, RenderedObject, RenderScope} from './types.ts'

/**
 * All objects of an app: the package's templates with what berth adds to them, then a Service per endpoint and what publishes it, in
 * the order they were written. The same scope gives the same objects, whenever and wherever.
 * @throws UserError `package.invalid` for templates that cannot be parsed, `template.failed` for one that cannot be evaluated, gives no
 * object, gives one twice, or lets a secret out of a Secret
 * @param onFault takes what is wrong with a single object, and the others are rendered; without it, the first fault is thrown
 */
export function renderPackage(
  pkg: Package,
  scope: RenderScope,
  onFault: (fault: ExpressionError) => void = fault => {
    throw fault
  },
): RenderedObject[] {
  const {manifest} = pkg
  const {documents, parser} = programOf(pkg)
  const errors = parser.findings.filter(({severity}) => severity === 'error')
  if (errors.length > 0) throw invalidPackage(errors)
  const {values, renderer, endpoints} = begin(pkg, scope)
  const collection = new Collection()
  const parts: Scope = {}
  for (const document of documents) {
    if (document.kind !== 'part') continue
    // A part sees the parts written before it; reading a later one says that it is not there.
    const value = renderer.value(document.body, {...values, parts: {...parts}})
    parts[document.name] = value === OMIT ? null : value
  }
  for (const document of documents) {
    if (document.kind === 'part') continue
    const {component, task, position, clusterScope} = document
    attempt(() => {
      for (const value of renderer.values(document.body, {...values, parts})) {
        const object = asObject(value, position)
        attempt(() => refuseMisplaced(object, position, clusterScope, scope))
        const assembled = assemble(place(object, clusterScope, scope), component, manifest, scope)
        refuseStraySecrets(assembled.object, position)
        collection.add({...assembled, component, task, position})
      }
    })
  }
  for (const endpoint of endpoints) {
    const {
      endpoint: {component},
      position,
    } = endpoint
    attempt(() => {
      for (const object of endpointObjects(endpoint, scope)) {
        const placed = {...object, metadata: {...object.metadata, namespace: scope.app.namespace}}
        collection.add({...assemble(placed, component, manifest, scope), component, task: undefined, position})
      }
    })
  }
  for (const [component, position] of spread(collection.objects)) {
    const budget = disruptionBudget(scope.app, component)
    collection.add({...assemble(budget, component, manifest, scope), component, task: undefined, position})
  }
  for (const fault of undeclaredNeeds(pkg, collection.objects)) onFault(fault)
  return collection.objects

  function attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      // Where all of them together are too much, each would be.
      if (!(error instanceof ExpressionError) || error.problem.rule === 'limit') throw error
      onFault(error)
    }
  }
}

/** Components that run several times and whose package says nothing of how many may be missing, and where their pods are written. */
function spread(objects: RenderedObject[]): Map<string, Position> {
  const budgeted = new Set(
    objects.filter(({object}) => groupKind(object) === 'PodDisruptionBudget.policy').map(({component}) => component),
  )
  return new Map(
    objects.flatMap(({component, replicas = 0, position}) =>
      component === undefined || replicas < 2 || budgeted.has(component) || budgeted.has(undefined)
        ? []
        : [[component, position]],
    ),
  )
}

/** One pod at a time leaves a node that is emptied. A pod that is not ready holds nobody up. */
const disruptionBudget = ({name, namespace}: RenderScope['app'], component: string): ManifestObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: {name: `${name}-${component}`, namespace},
  spec: {maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow'},
})

/** What people read after an install. */
export interface ShownTexts {
  notes: string | undefined
  /** `secret` is the name of a secret parameter, shown on demand. */
  outputs: Record<string, {title: string; value: unknown; secret: string | undefined}>
}

/**
 * Notes and outputs of an app.
 * @throws ExpressionError `template.failed`, also where a secret would be shown
 */
export function renderShown(pkg: Package, scope: RenderScope): ShownTexts {
  const {notes, outputs} = programOf(pkg)
  const {values, renderer} = begin(pkg, scope)
  const show = (node: TemplateNode | undefined): unknown => {
    const value = node && renderer.value(node, {...values, parts: {}})
    if (node !== undefined && holdsSecret(value)) throw templateFailed(node.position, 'secret', ...shownSecret)
    return value
  }
  return {
    notes: notes && String(show(notes)),
    outputs: mapRecord(pkg.manifest.outputs, ({title, secret}, name) => ({
      title,
      value: show(outputs.get(name)),
      secret,
    })),
  }
}

/**
 * Does a task run? Without `when` it does. `changed(params.x)` compares with `previous`; without that everything has changed.
 * @throws ExpressionError `template.failed`
 */
export function evaluateTaskCondition(pkg: Package, task: string, scope: RenderScope, previous?: RenderScope): boolean {
  const condition = programOf(pkg).conditions.get(task)
  if (condition === undefined) return true
  const before = previous === undefined ? {} : {previous: earlyScope(pkg, previous)}
  const options = {types: typesOf(pkg).early, budget: createBudget(), ...before}
  return evaluateExpression(condition, earlyScope(pkg, scope), options) === true
}

/** What templates, outputs and notes see, but for parts. */
function begin(pkg: Package, scope: RenderScope): {values: Scope; renderer: Renderer; endpoints: ResolvedEndpoint[]} {
  const renderer = new Renderer(typesOf(pkg).full)
  const endpoints = resolveEndpoints(pkg, scope, renderer)
  const values: Scope = {
    ...earlyScope(pkg, scope),
    provides: Object.fromEntries(endpoints.map(({name, address}) => [name, address])),
    components: mapRecord(pkg.manifest.components, (component, name) => ({
      replicas: scope.scale[name] ?? component.scale?.default ?? 1,
      selector: selectorOf(scope.app.name, name),
    })),
    files: filesOf(pkg),
  }
  return {values, renderer, endpoints}
}

/** Users agree to what is under `needs`; so what is not there must not be rendered, whatever the answers. */
function undeclaredNeeds({manifest}: Package, objects: readonly RenderedObject[]): ExpressionError[] {
  const declared = new Set(manifest.needs.map(({what}) => what))
  const missing = findReaches(objects).filter(({what}) => !declared.has(what))
  return missing.map(({what, object, position}) => {
    const message = `${object} reaches beyond its namespace (${what}), and package.yaml does not say so`
    return templateFailed(position, 'needs', message, `needs: [{what: ${what}, why: …}]`)
  })
}

function asObject(value: unknown, position: Position): ManifestObject {
  const refuse = (message: string, fix: string) => templateFailed(position, 'object', message, fix)
  if (!isFields(value)) throw refuse('the document is no object', 'write apiVersion, kind and metadata')
  const {apiVersion, kind, metadata} = value
  if (typeof apiVersion !== 'string' || !/^([a-z0-9.-]+\/)?v\d[a-z0-9]*$/.test(apiVersion))
    throw refuse(`apiVersion is ${show(apiVersion)}`, 'such as v1 or apps/v1')
  if (typeof kind !== 'string' || !/^[A-Z][A-Za-z0-9]*$/.test(kind))
    throw refuse(`kind is ${show(kind)}`, 'such as Deployment')
  if (kind === 'Namespace' && apiVersion === 'v1') {
    const fix = 'berth creates the namespace with --create-namespace'
    throw templateFailed(position, 'namespace', 'a Namespace is no member of an app', fix)
  }
  const name = isFields(metadata) ? metadata.name : undefined
  if (typeof name !== 'string' || !/^(?=.{1,253}$)[a-z0-9]([a-z0-9.:-]*[a-z0-9])?$/.test(name)) {
    const fix = 'lower-case letters, digits, dashes and dots: "${app.name}-web"'
    throw refuse(`metadata.name of the ${kind} is ${show(maskSecrets(name))}`, fix)
  }
  return value as ManifestObject
}

/** Into the app's namespace, unless it is the cluster's. */
function place(object: ManifestObject, wide: boolean, {app}: RenderScope): ManifestObject {
  if (wide || isClusterScoped(object)) return object
  return {...object, metadata: {...object.metadata, namespace: app.namespace}}
}

/** An app has its namespace, and in the cluster what has a name that is the app's alone. */
function refuseMisplaced(object: ManifestObject, position: Position, wide: boolean, {app}: RenderScope): void {
  const described = describeObject(object)
  const refuse = (rule: string, message: string, fix: string) => templateFailed(position, rule, message, fix)
  const {name, namespace} = object.metadata
  if (wide || isClusterScoped(object)) {
    if (namespace !== undefined)
      throw refuse('namespace', `${described} has a namespace, and its kind has none`, 'remove metadata.namespace')
    if (!hasFixedName(object) && !(name.includes(app.name) && name.includes(app.namespace))) {
      const message = `${described} is seen by the whole cluster, and its name has not both namespace and app in it`
      throw refuse('cluster-name', message, 'name: "${app.namespace}-${app.name}-…"')
    }
    return
  }
  if (namespace !== undefined && namespace !== app.namespace) {
    const message = `${described} is for the namespace ${show(namespace)}, the app is in ${app.namespace}`
    throw refuse('namespace', message, 'leave metadata.namespace out: an app lives in one namespace')
  }
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'missing'
}
