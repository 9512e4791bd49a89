import {type RenderedApp, type Rendering, showRendered} from '../app/index.ts'
import {defaultScale, type Package, providedScope, standIn} from '../package/index.ts'
import {
  type BindingNeed,
  type BindingValue,
  type ClusterScope,
  faultsOf,
  type Interfaces,
  invalidAnswers,
  type MergedAnswers,
  type ReadSource,
  resolveParameters,
} from '../params/index.ts'

export interface PreviewOptions {
  app: {name: string; namespace: string}
  answers: MergedAnswers
  cluster: ClusterScope
  read: ReadSource
}

/** What an install would apply, as far as it can be known without a cluster: the rest is `<parameter>.<output>.known-later`. */
export type Preview = RenderedApp

/**
 * Renders a package with answers and without a cluster. Providers of bindings are not asked: their outputs are stand-ins.
 * @throws UserError `params.invalid` with every wrong field, `template.failed`
 */
export async function previewPackage(pkg: Package, {app, answers, cluster, read}: PreviewOptions): Promise<Preview> {
  const {manifest} = pkg
  const secretName = `${app.name}-secrets`
  const context = {
    app: {...app, revision: 1},
    cluster,
    images: manifest.images,
    kept: new Set<string>(),
    interfaces: pkg.interfaces,
    provides: providedScope(pkg, {app: {...app, revision: 1}, cluster}),
    read,
    secretName,
  }
  const resolve = (bindings: Record<string, BindingValue>) =>
    resolveParameters({parameters: manifest.parameters, rules: manifest.rules, let: manifest.let}, answers.answers, {
      ...context,
      bindings,
    })
  const first = await resolve({})
  const bindings = Object.fromEntries(first.bindings.flatMap(need => unasked(need, pkg.interfaces)))
  const resolution = first.bindings.length === 0 ? first : await resolve(bindings)
  const errors = faultsOf(answers, resolution.errors)
  if (errors.length > 0) throw invalidAnswers(errors, manifest.name)

  const scale = defaultScale(manifest)
  const target: Rendering = {
    ref: app,
    pkg,
    revision: {number: 1, cluster, scale, bindings, patches: {}, autoscalers: {}},
    resolution,
  }
  return showRendered(target)
}

/** A provider that nobody has asked; a literal says its own. */
function unasked(
  {parameter, interface: name, provider}: BindingNeed,
  interfaces: Interfaces,
): [string, BindingValue][] {
  const known = interfaces[name]
  if ('$literal' in provider || known === undefined) return []
  return [[parameter, standIn(known, output => `${parameter}.${output}.known-later`)]]
}
