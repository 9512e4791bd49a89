import {
  assumeTrue,
  checkExpression,
  checkTemplate,
  type Expression,
  type ExprType,
  type Position,
  type Template,
  type TypeScope,
  typeName,
} from '../expr/index.ts'
import {entryOf, type Finding, finding, nodeAt, type YamlNode} from '../yaml/index.ts'
import {findingOf, inOrder, shownSecret} from './errors.ts'
import {manifestStart} from './manifest.ts'
import {oncePerPackage} from './once.ts'
import {programOf} from './program.ts'
import {typesOf} from './scope.ts'
import type {Directive, TemplateDocument, TemplateEntry, TemplateNode} from './template.ts'
import type {Package} from './types.ts'

/**
 * Checks every expression of a package, in templates and in the manifest, without evaluating any: syntax, names, types, guards for what
 * may be null, and names of components, tasks and parts.
 */
export const checkTemplates = oncePerPackage((pkg: Package): Finding[] => {
  const {manifest, root, warnings} = pkg
  const {parser, documents, conditions, publish, outputs, notes} = programOf(pkg)
  const {base, early, full, findings: inLets} = typesOf(pkg)
  const checker = new Checker()

  for (const index of manifest.rules.keys()) bare(nodeAt(root, ['rules', index]), 'check', early)
  const old = {old: {t: 'dyn'}} satisfies TypeScope
  for (const index of manifest.migrations.keys()) values(nodeAt(root, ['migrations', index, 'set']), old)
  for (const condition of conditions.values()) checker.condition('a condition', condition, early, true)
  parameters(nodeAt(root, ['parameters', 'properties']))
  for (const node of publish.values()) checker.visit(node, early)
  const shown = {...full, parts: {t: 'object', fields: {}}} satisfies TypeScope
  for (const node of outputs.values()) checker.visitShown(node, shown)
  if (notes !== undefined) checker.visitShown(notes, shown)
  for (const {body} of documents) checker.visit(body, full)
  return inOrder([...warnings, ...inLets, ...parser.findings, ...checkNames(pkg, documents), ...checker.findings])

  function bare(node: YamlNode | undefined, key: string, scope: TypeScope): void {
    const expression = parser.bare(entryOf(node, key))
    if (expression !== undefined) checker.condition('a condition', expression, scope)
  }

  function values(node: YamlNode | undefined, scope: TypeScope): void {
    for (const entry of node?.kind === 'map' ? node.entries : []) {
      const expression = parser.bare(entry)
      if (expression !== undefined) checker.value(expression, scope)
    }
  }

  /** `when` at any depth; defaults and requests as templates. */
  function parameters(properties: YamlNode | undefined): void {
    if (properties?.kind !== 'map') return
    for (const {value} of properties.entries) {
      bare(value, 'when', base)
      for (const [key, scope] of [
        ['default', base],
        ['request', full],
        ['hosts', base],
      ] as const) {
        const entry = entryOf(value, key)
        if (entry !== undefined) checker.visit(parser.node(entry.value), scope)
      }
      parameters(entryOf(value, 'properties')?.value)
    }
  }
})

/** Walks templates with the types that are in scope. */
class Checker {
  readonly findings: Finding[] = []

  visit(node: TemplateNode, scope: TypeScope): void {
    if (node.k === 'text') this.#text(node.template, scope)
    else if (node.k === 'list') for (const item of node.items) this.visit(item, scope)
    else if (node.k === 'map') for (const entry of node.entries) this.#entry(entry, scope)
    else if (node.k === 'directive') this.#directive(node, scope)
  }

  /** What people read: never a secret. */
  visitShown(node: TemplateNode, scope: TypeScope): void {
    const type = node.k === 'text' ? this.#text(node.template, scope) : undefined
    if (type?.t === 'secret') this.#error('secret', node.position, ...shownSecret)
  }

  value(expression: Expression, scope: TypeScope): void {
    this.#expression(expression, scope)
  }

  condition(what: string, expression: Expression, scope: TypeScope, changed = false): void {
    const type = this.#expression(expression, scope, changed)
    if (type.t !== 'bool' && type.t !== 'dyn')
      this.#error('type-mismatch', expression.position, `${what} is ${typeName(type)}, not bool`)
  }

  #directive({loop, lets, condition, content}: Directive, outer: TypeScope): void {
    let scope = loop === undefined ? outer : this.#loop(loop, outer)
    for (const {name, expression} of lets) scope = {...scope, [name]: this.#expression(expression, scope)}
    if (condition !== undefined) {
      this.condition('$if', condition, scope)
      scope = assumeTrue(condition, scope)
    }
    for (const node of content.as === 'items' ? content.items : [content.node]) this.visit(node, scope)
  }

  #loop({key, variable, range}: NonNullable<Directive['loop']>, scope: TypeScope): TypeScope {
    const type = this.#expression(range, scope)
    const source = range.source.trim()
    if (type.t === 'nullable' || type.t === 'null') {
      const message = `$for goes over \`${source}\`, which may be null`
      this.#error('unguarded-null', range.position, message, `${source} != null ? ${source} : []`)
    } else if (!['list', 'map', 'object', 'dyn'].includes(type.t)) {
      const message = `$for goes over a list or a map, not ${typeName(type)}`
      this.#error('type-mismatch', range.position, message)
    }
    const [first, second] = elementTypes(type)
    if (key === undefined) return {...scope, [variable]: type.t === 'list' ? second : first}
    return {...scope, [key]: first, [variable]: second}
  }

  #entry({key, value}: TemplateEntry, scope: TypeScope): void {
    if (typeof key !== 'string') {
      const type = this.#text(key, scope)
      if (type.t === 'secret')
        this.#error('secret', key.position, 'a secret in a key', 'use secrets as values of a Secret')
      else if (!['string', 'dyn', 'omit'].includes(type.t))
        this.#error('type-mismatch', key.position, `a key is ${typeName(type)}; keys are strings`, 'string(x)')
    }
    this.visit(value, scope)
  }

  #text(template: Template, scope: TypeScope): ExprType {
    const {type, problems} = checkTemplate(template, scope)
    this.findings.push(...problems.map(findingOf))
    return type
  }

  #expression(expression: Expression, scope: TypeScope, changed = false): ExprType {
    const {type, problems} = checkExpression(expression, scope, {changed})
    this.findings.push(...problems.map(findingOf))
    return problems.length > 0 ? {t: 'dyn'} : type
  }

  #error(rule: string, position: Position, message: string, fix?: string): void {
    this.findings.push(finding('error', rule, position, message, fix))
  }
}

/** Of the two variables of a loop: index or key, and element. */
function elementTypes(type: ExprType): [ExprType, ExprType] {
  if (type.t === 'nullable') return elementTypes(type.of)
  if (type.t === 'list') return [{t: 'int'}, type.of]
  if (type.t === 'map') return [{t: 'string'}, type.of]
  return [{t: type.t === 'object' ? 'string' : 'dyn'}, {t: 'dyn'}]
}

/** Components, tasks and parts that templates name, and Jobs that tasks name. */
function checkNames({manifest}: Package, documents: readonly TemplateDocument[]): Finding[] {
  const {components, tasks} = manifest
  const jobs = new Set(Object.values(tasks).map(({job}) => job))
  const seen = {part: new Set<string>(), task: new Set<string>()}
  const findings = documents.flatMap(document => {
    const error = (rule: string, message: string, fix?: string) =>
      finding('error', rule, document.position, message, fix)
    const twice = (kind: 'part' | 'task', name: string) => {
      if (seen[kind].has(name)) return [error(`duplicate-${kind}`, `$${kind}: ${name} is there twice`)]
      seen[kind].add(name)
      return []
    }
    if (document.kind === 'part') return twice('part', document.name)
    const {component, task} = document
    const found = task === undefined ? [] : twice('task', task)
    if (component !== undefined && !Object.hasOwn(components, component)) {
      const message = `$component: ${component} is not among the components`
      found.push(error('unknown-component', message, `add ${component}: {} to components in package.yaml`))
    }
    if (task !== undefined && !jobs.has(task)) {
      const fix = `add it to tasks in package.yaml: {on: [install], job: ${task}}`
      found.push(error('unknown-task', `$task: ${task} is the job of no task`, fix))
    }
    return found
  })
  const missing = Object.entries(tasks).filter(([, {job}]) => !seen.task.has(job))
  for (const [name, {job}] of missing) {
    const message = `the task ${name} runs the job ${job}, which no template has`
    const fix = `write $task: ${job} at the top of a Job in resources/`
    findings.push(finding('error', 'missing-job', manifestStart, message, fix))
  }
  return findings
}
