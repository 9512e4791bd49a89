import {checkExpression, type ExprType, referencesIn, type Scope, type TypeScope} from '../expr/index.ts'
import {paramTypes} from '../params/index.ts'
import {type Finding, finding} from '../yaml/index.ts'
import {findingOf} from './errors.ts'
import {textOf} from './files.ts'
import type {Manifest} from './manifest-schema.ts'
import {oncePerPackage} from './once.ts'
import {type Program, programOf} from './program.ts'
import type {Package, RenderScope} from './types.ts'

/** The types of what expressions see, by where they stand. */
export interface ScopeTypes {
  /** In `let`, and in conditions and defaults of parameters. */
  base: TypeScope
  /** In rules, conditions of tasks and `publish`: before endpoints and components are known. */
  early: TypeScope
  /** In templates, outputs, notes and requests. */
  full: TypeScope
  /** What is wrong with `let`. */
  findings: Finding[]
}

const string: ExprType = {t: 'string'}
const int: ExprType = {t: 'int'}
const endpoint = objectType({host: string, port: int, url: string, internalUrl: string, published: {t: 'bool'}})
const component = objectType({replicas: int, selector: {t: 'map', of: string}})
const classes: ExprType = {t: 'nullable', of: string}
const cluster = objectType({domain: string, kubernetes: string, ingressClass: classes, storageClass: classes})

export const typesOf = oncePerPackage((pkg: Package): ScopeTypes => {
  const {manifest} = pkg
  const program = programOf(pkg)
  const base: TypeScope = {
    params: paramTypes(manifest.parameters, pkg.interfaces),
    app: objectType({name: string, namespace: string, revision: int}),
    cluster,
    images: objectType(mapRecord(manifest.images, () => string)),
  }
  const findings: Finding[] = []
  const early = {...base, ...letTypes(base, program, findings)}
  const parts = program.documents.flatMap(document => (document.kind === 'part' ? [document.name] : []))
  const full: TypeScope = {
    ...early,
    provides: objectType(mapRecord(manifest.provides, () => endpoint)),
    components: objectType(mapRecord(manifest.components, () => component)),
    files: objectType(mapRecord(filesOf(pkg), file => ({t: typeof file === 'string' ? 'string' : 'bytes'}))),
    // Parts are what they are where they are used.
    parts: objectType(Object.fromEntries(parts.map(name => [name, {t: 'dyn'}]))),
  }
  return {base, early, full, findings}
})

const reserved = ['params', 'app', 'cluster', 'images', 'provides', 'components', 'files', 'parts', 'strings']

/** The types of `let`, each with those it reads in scope, whatever their order. */
function letTypes(base: TypeScope, {lets}: Program, findings: Finding[]): TypeScope {
  const types: TypeScope = {}
  const open = new Set<string>()
  for (const name of lets.keys()) visit(name)
  return types

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
    for (const [root = ''] of referencesIn(expression)) visit(root)
    const {type, problems} = checkExpression(expression, {...base, ...types})
    findings.push(...problems.map(findingOf))
    types[name] ??= type
  }
}

/** The values of {@link ScopeTypes.early}. */
export function earlyScope({manifest}: Package, {params, lets, app, cluster}: RenderScope): Scope {
  return {params, app, cluster, images: manifest.images, ...lets}
}

/** `files/**` by the path below it: text, or bytes (for `base64`) where it is none. */
export const filesOf = oncePerPackage(({files}: Package): Record<string, string | Uint8Array> => {
  const below = [...files].filter(([path]) => path.startsWith('files/'))
  return Object.fromEntries(below.map(([path, bytes]) => [path.slice('files/'.length), textOf(bytes) ?? bytes]))
})

function objectType(fields: Record<string, ExprType>): ExprType {
  return {t: 'object', fields}
}

export function mapRecord<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]))
}

/** Replicas of an app that nobody has scaled. */
export function defaultScale({components}: Manifest): Record<string, number> {
  return mapRecord(components, ({scale}) => scale?.default ?? 1)
}
