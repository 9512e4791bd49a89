import {
  checkExpression,
  checkTemplate,
  type Expression,
  type Template,
  type TypeScope,
  typeName,
} from '../expr/index.ts'
import {expression, textTemplate} from './bare.ts'
import {finding, findingOf} from './errors.ts'
import {textOf} from './load.ts'
import {manifestFile, parseManifest} from './manifest.ts'
import {baseTypes, letTypes, templateTypes} from './template-scope.ts'
import {entryOf, nodeAt} from './tree.ts'
import type {Finding, Package} from './types.ts'
import type {YamlNode} from './yaml.ts'

/** The types of `let`, and what is wrong. */
export interface CheckedManifest {
  lets: TypeScope
  findings: Finding[]
}

const checked = new WeakMap<Package, CheckedManifest>()

/** The expressions of `package.yaml`: let, rules, when, defaults, requests, publish, conditions of tasks, outputs, notes. Once per package. */
export function checkManifestExpressions(pkg: Package): CheckedManifest {
  const known = checked.get(pkg)
  if (known !== undefined) return known
  const result = check(pkg)
  checked.set(pkg, result)
  return result
}

function check(pkg: Package): CheckedManifest {
  const {manifest} = pkg
  const {root, warnings} = parseManifest(textOf(pkg.files.get(manifestFile) ?? new Uint8Array()) ?? '')
  const findings: Finding[] = [...warnings]
  const base = baseTypes(manifest)

  const letNode = entryOf(root, 'let')?.value
  const parsed = new Map<string, Expression>()
  for (const {key, value} of letNode?.kind === 'map' ? letNode.entries : []) {
    const bare = celOf(value)
    if (bare !== undefined) parsed.set(key, bare)
  }
  const {types: lets, findings: inLets} = letTypes(base, parsed)
  findings.push(...inLets)
  const early: TypeScope = {...base, ...lets}
  const full = templateTypes(pkg, lets, {})

  for (const index of manifest.rules.keys()) condition(nodeAt(root, ['rules', index, 'check']), early)
  for (const name of Object.keys(manifest.tasks)) condition(nodeAt(root, ['tasks', name, 'when']), early, true)
  parameters(nodeAt(root, ['parameters', 'properties']))
  for (const name of Object.keys(manifest.provides)) texts(nodeAt(root, ['provides', name, 'publish']), early)
  for (const name of Object.keys(manifest.outputs)) shown(nodeAt(root, ['outputs', name, 'value']), full)
  shown(nodeAt(root, ['notes']), full)
  return {lets, findings}

  function celOf(node: YamlNode | undefined): Expression | undefined {
    if (node?.kind !== 'scalar') return undefined
    const source = typeof node.value === 'string' ? node.value : node.source
    if (/^\s*\$\{/.test(source)) {
      findings.push(
        finding(
          'error',
          'syntax',
          node.position,
          'an expression here is bare, without ${}',
          source.trim().replace(/^\$\{([\s\S]*)\}$/, '$1'),
        ),
      )
      return undefined
    }
    return expression(source, node.locate(0), node.locate, findings)
  }

  function condition(node: YamlNode | undefined, scope: TypeScope, changed = false): void {
    const bare = celOf(node)
    if (bare === undefined) return
    const {type, problems} = checkExpression(bare, scope, {changed})
    findings.push(...problems.map(findingOf))
    if (problems.length === 0 && type.t !== 'bool' && type.t !== 'dyn')
      findings.push(finding('error', 'type-mismatch', bare.position, `a condition is ${typeName(type)}, not bool`))
  }

  /** `when` at any depth; defaults and requests as templates. */
  function parameters(properties: YamlNode | undefined): void {
    if (properties?.kind !== 'map') return
    for (const {value} of properties.entries) {
      condition(entryOf(value, 'when')?.value, base)
      texts(entryOf(value, 'default')?.value, base)
      texts(entryOf(value, 'request')?.value, full)
      parameters(entryOf(value, 'properties')?.value)
    }
  }

  /** Templates in all scalars below a node. */
  function texts(node: YamlNode | undefined, scope: TypeScope): void {
    if (node?.kind === 'list') for (const item of node.items) texts(item, scope)
    else if (node?.kind === 'map') for (const {value} of node.entries) texts(value, scope)
    else template(node, scope)
  }

  /** What people read: never a secret. */
  function shown(node: YamlNode | undefined, scope: TypeScope): void {
    const type = template(node, scope)
    if (type === 'secret' && node !== undefined)
      findings.push(
        finding(
          'error',
          'secret',
          node.position,
          'a secret in a text that is shown',
          'name the parameter instead: secret: password',
        ),
      )
  }

  function template(node: YamlNode | undefined, scope: TypeScope): string | undefined {
    if (node?.kind !== 'scalar' || typeof node.value !== 'string' || !node.value.includes('${')) return undefined
    const parsed: Template | undefined = textTemplate(node.value, node.position, node.locate, findings)
    if (parsed === undefined) return undefined
    const {type, problems} = checkTemplate(parsed, scope)
    findings.push(...problems.map(findingOf))
    return type.t
  }
}
