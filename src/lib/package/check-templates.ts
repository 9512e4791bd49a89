import {
  assumeTrue,
  checkExpression,
  checkTemplate,
  type Expression,
  type ExprType,
  type Template,
  type TypeScope,
  typeName,
} from '../expr/index.ts'
import {checkManifestExpressions} from './check-manifest.ts'
import {finding, findingOf} from './errors.ts'
import {parseTemplates} from './parse-templates.ts'
import {templateTypes} from './template-scope.ts'
import type {Directive, TemplateDocument, TemplateEntry, TemplateNode} from './template-tree.ts'
import type {Finding, Package} from './types.ts'

/**
 * Checks every expression of a package, in templates and in the manifest, without evaluating any: syntax, names, types, guards for what
 * may be null, and names of components, tasks and parts.
 */
export function checkTemplates(pkg: Package): Finding[] {
  const {documents, findings: faults} = parseTemplates(pkg)
  const {lets, findings: inManifest} = checkManifestExpressions(pkg)
  const checker = createTreeChecker()
  const scope = templateTypes(pkg, lets, partTypes(documents))
  for (const {body} of documents) checker.visit(body, scope)
  return [...inManifest, ...faults, ...checkNames(pkg, documents), ...checker.findings]
}

/** Parts have any type: they are what they are where they are used. */
export function partTypes(documents: readonly TemplateDocument[]): TypeScope {
  return Object.fromEntries(
    documents.flatMap(document => (document.kind === 'part' ? [[document.name, {t: 'dyn'} satisfies ExprType]] : [])),
  )
}

function createTreeChecker() {
  const findings: Finding[] = []
  return {findings, visit}

  function visit(node: TemplateNode, scope: TypeScope): void {
    switch (node.k) {
      case 'value':
        return
      case 'text':
        text(node.template, scope)
        return
      case 'list':
        for (const item of node.items) visit(item, scope)
        return
      case 'map':
        entries(node.entries, scope)
        return
      case 'directive':
        directive(node, scope)
    }
  }

  function directive({loop, lets, condition, content}: Directive, outer: TypeScope): void {
    let scope = loop === undefined ? outer : loopScope(loop, outer)
    for (const {name, expression} of lets) scope = {...scope, [name]: expressionType(expression, scope)}
    if (condition !== undefined) {
      const type = expressionType(condition, scope)
      if (type.t !== 'bool' && type.t !== 'dyn')
        findings.push(finding('error', 'type-mismatch', condition.position, `$if is ${typeName(type)}, not bool`))
      scope = assumeTrue(condition, scope)
    }
    if (content.as === 'entries') entries(content.entries, scope)
    else if (content.as === 'value') visit(content.value, scope)
    else for (const item of content.items) visit(item, scope)
  }

  function loopScope({key, variable, range}: NonNullable<Directive['loop']>, scope: TypeScope): TypeScope {
    const type = expressionType(range, scope)
    if (type.t === 'nullable' || type.t === 'null') {
      findings.push(
        finding(
          'error',
          'unguarded-null',
          range.position,
          `$for goes over \`${range.source.trim()}\`, which may be null`,
          `${range.source.trim()} != null ? ${range.source.trim()} : []`,
        ),
      )
    } else if (!['list', 'map', 'object', 'dyn'].includes(type.t)) {
      findings.push(
        finding('error', 'type-mismatch', range.position, `$for goes over a list or a map, not ${typeName(type)}`),
      )
    }
    const [first, second] = elementTypes(type)
    if (key === undefined) return {...scope, [variable]: type.t === 'list' ? second : first}
    return {...scope, [key]: first, [variable]: second}
  }

  function entries(list: TemplateEntry[], scope: TypeScope): void {
    for (const {key, value} of list) {
      if (typeof key !== 'string') {
        const type = text(key, scope)
        if (type.t === 'secret')
          findings.push(
            finding('error', 'secret', key.position, 'a secret in a key', 'use secrets as values of a Secret'),
          )
        else if (type.t !== 'string' && type.t !== 'dyn' && type.t !== 'omit')
          findings.push(
            finding(
              'error',
              'type-mismatch',
              key.position,
              `a key is ${typeName(type)}; keys are strings`,
              'string(x)',
            ),
          )
      }
      visit(value, scope)
    }
  }

  function text(template: Template, scope: TypeScope): ExprType {
    const {type, problems} = checkTemplate(template, scope)
    findings.push(...problems.map(findingOf))
    return type
  }

  function expressionType(expression: Expression, scope: TypeScope): ExprType {
    const {type, problems} = checkExpression(expression, scope)
    findings.push(...problems.map(findingOf))
    return problems.length > 0 ? {t: 'dyn'} : type
  }
}

/** Of the two variables of a loop: index or key, and element. */
function elementTypes(type: ExprType): [ExprType, ExprType] {
  switch (type.t) {
    case 'nullable':
      return elementTypes(type.of)
    case 'list':
      return [{t: 'int'}, type.of]
    case 'map':
      return [{t: 'string'}, type.of]
    case 'object':
      return [{t: 'string'}, {t: 'dyn'}]
    default:
      return [{t: 'dyn'}, {t: 'dyn'}]
  }
}

function checkNames({manifest}: Package, documents: readonly TemplateDocument[]): Finding[] {
  const findings: Finding[] = []
  const parts = new Set<string>()
  const jobs = new Set(Object.values(manifest.tasks).map(({job}) => job))
  const found = new Set<string>()
  for (const document of documents) {
    const {position} = document
    if (document.kind === 'part') {
      if (parts.has(document.name))
        findings.push(finding('error', 'duplicate-part', position, `the part ${document.name} is there twice`))
      parts.add(document.name)
      continue
    }
    const {component, task} = document
    if (component !== undefined && !Object.hasOwn(manifest.components, component)) {
      findings.push(
        finding(
          'error',
          'unknown-component',
          position,
          `$component: ${component} is not among the components`,
          `add ${component}: {} to components in package.yaml`,
        ),
      )
    }
    if (task === undefined) continue
    if (!jobs.has(task))
      findings.push(
        finding(
          'error',
          'unknown-task',
          position,
          `$task: ${task} is the job of no task`,
          `add it to tasks in package.yaml: {on: [install], job: ${task}}`,
        ),
      )
    if (found.has(task)) findings.push(finding('error', 'duplicate-task', position, `$task: ${task} is there twice`))
    found.add(task)
  }
  for (const [name, {job}] of Object.entries(manifest.tasks)) {
    if (!found.has(job))
      findings.push(
        finding(
          'error',
          'missing-job',
          {file: 'package.yaml', line: 1, column: 1},
          `the task ${name} runs the job ${job}, which no template has`,
          `write $task: ${job} at the top of a Job in resources/`,
        ),
      )
  }
  return findings
}
