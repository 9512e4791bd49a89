import {
  checkExpression,
  type Expression,
  type ExprType,
  referencesIn,
  type Scope,
  type TypeScope,
} from '../expr/index.ts'
import {paramTypes} from '../params/index.ts'
import {finding, findingOf} from './errors.ts'
import {textOf} from './load.ts'
import type {Finding, Manifest, Package, RenderScope} from './types.ts'

const string: ExprType = {t: 'string'}
const int: ExprType = {t: 'int'}

/** What is in scope before endpoints and components are known: in `let`, `rules`, `when`, defaults, `publish`. */
export function baseTypes(manifest: Manifest): TypeScope {
  return {
    params: paramTypes(manifest.parameters),
    app: {t: 'object', fields: {name: string, namespace: string, revision: int}},
    cluster: {
      t: 'object',
      fields: {
        domain: string,
        kubernetes: string,
        ingressClass: {t: 'nullable', of: string},
        storageClass: {t: 'nullable', of: string},
      },
    },
    images: {t: 'object', fields: mapRecord(manifest.images, () => string)},
  }
}

/** Everything that templates, outputs and notes see. `lets` come from {@link letTypes}. */
export function templateTypes(pkg: Package, lets: TypeScope, parts: TypeScope): TypeScope {
  const {manifest} = pkg
  const endpoint: ExprType = {
    t: 'object',
    fields: {host: string, port: int, url: string, internalUrl: string, published: {t: 'bool'}},
  }
  const component: ExprType = {t: 'object', fields: {replicas: int, selector: {t: 'map', of: string}}}
  return {
    ...baseTypes(manifest),
    ...lets,
    provides: {t: 'object', fields: mapRecord(manifest.provides, () => endpoint)},
    components: {t: 'object', fields: mapRecord(manifest.components, () => component)},
    files: {
      t: 'object',
      fields: mapRecord(filesOf(pkg), content => ({t: typeof content === 'string' ? 'string' : 'bytes'})),
    },
    parts: {t: 'object', fields: parts},
  }
}

/** The values of {@link baseTypes} and the lets. */
export function baseScope(manifest: Manifest, {params, lets, app, cluster}: RenderScope): Scope {
  return {params, app, cluster, images: manifest.images, ...lets}
}

/** `files/**` by the path below it: text, or bytes (for `base64`) where it is none. */
export function filesOf(pkg: Package): Record<string, string | Uint8Array> {
  const files = [...pkg.files].filter(([path]) => path.startsWith('files/'))
  return Object.fromEntries(files.map(([path, bytes]) => [path.slice('files/'.length), textOf(bytes) ?? bytes]))
}

/**
 * The types of `let`, each with those it reads in scope, whatever their order; a cycle is a fault.
 * Names that hide something of the scope are faults, too.
 */
export function letTypes(
  base: TypeScope,
  lets: ReadonlyMap<string, Expression>,
): {types: TypeScope; findings: Finding[]} {
  const types: TypeScope = {}
  const findings: Finding[] = []
  const open = new Set<string>()
  for (const name of lets.keys()) visit(name)
  return {types, findings}

  function visit(name: string): void {
    const expression = lets.get(name)
    if (expression === undefined || Object.hasOwn(types, name)) return
    if (reserved.includes(name))
      findings.push(finding('error', 'let', expression.position, `let ${name} hides ${name}`, 'take another name'))
    if (open.has(name)) {
      findings.push(finding('error', 'cycle', expression.position, `let ${name} reads itself in the end`))
      types[name] = {t: 'dyn'}
      return
    }
    open.add(name)
    for (const [root = ''] of referencesIn(expression)) if (root !== name || lets.has(root)) visit(root)
    const {type, problems} = checkExpression(expression, {...base, ...types})
    findings.push(...problems.map(findingOf))
    types[name] ??= type
  }
}

const reserved = ['params', 'app', 'cluster', 'images', 'provides', 'components', 'files', 'parts', 'strings']

export function mapRecord<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]))
}
