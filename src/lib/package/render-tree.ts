import {
  type Budget,
  type Expression,
  evaluateExpression,
  evaluateTemplate,
  OMIT,
  type Position,
  type Scope,
  type Template,
  type TypeScope,
} from '../expr/index.ts'
import {templateFailed} from './errors.ts'
import {limits} from './limits.ts'
import type {Directive, TemplateEntry, TemplateNode} from './template-tree.ts'

/** What the evaluation of one document needs: cost is shared by a whole package. */
export interface Rendering {
  types: TypeScope
  budget: Budget
  /** Nodes that may still be made. */
  nodes: {remaining: number}
}

/**
 * The value of a template, or {@link OMIT} where its condition does not hold.
 * @throws ExpressionError `template.failed`
 */
export function renderNode(node: TemplateNode, scope: Scope, rendering: Rendering): unknown {
  count(node, rendering)
  switch (node.k) {
    case 'value':
      // A copy: what is rendered is the caller's, the tree is every render's.
      return structuredClone(node.value)
    case 'text':
      return text(node.template, scope, rendering)
    case 'list':
      return node.items.flatMap(item => renderItem(item, scope, rendering))
    case 'map':
      return renderEntries(node.entries, scope, rendering)
    case 'directive':
      return renderDirective(node, scope, rendering)
  }
}

/** All values that a node stands for in a list, or at the top of a file: a loop is several, a false condition none. */
export function renderItem(node: TemplateNode, scope: Scope, rendering: Rendering): unknown[] {
  if (node.k !== 'directive') {
    const value = renderNode(node, scope, rendering)
    return value === OMIT ? [] : [value]
  }
  count(node, rendering)
  return rounds(node, scope, rendering).flatMap(inner => {
    const {content} = node
    if (content.as === 'items') return content.items.flatMap(item => renderItem(item, inner, rendering))
    const value =
      content.as === 'value'
        ? renderNode(content.value, inner, rendering)
        : renderEntries(content.entries, inner, rendering)
    return value === OMIT ? [] : [value]
  })
}

/**
 * A directive as the value of a field. A loop makes a list of its `$value`s or `$items`, or one map of its fields: that is what a loop
 * over environment variables or labels wants.
 */
function renderDirective(node: Directive & {position: Position}, scope: Scope, rendering: Rendering): unknown {
  const {content, loop} = node
  const scopes = rounds(node, scope, rendering)
  if (loop === undefined && scopes.length === 0) return OMIT
  if (content.as === 'entries') {
    const fields: Record<string, unknown> = {}
    for (const inner of scopes) addEntries(fields, content.entries, inner, rendering)
    return fields
  }
  if (content.as === 'items')
    return scopes.flatMap(inner => content.items.flatMap(item => renderItem(item, inner, rendering)))
  const values = scopes.map(inner => renderNode(content.value, inner, rendering))
  return loop === undefined ? values[0] : values.filter(value => value !== OMIT)
}

/** The scopes in which the content is rendered: one, none, or one per round of the loop. */
function rounds(node: Directive & {position: Position}, scope: Scope, rendering: Rendering): Scope[] {
  const {loop, lets, condition} = node
  const scopes = loop === undefined ? [scope] : loopScopes(loop, scope, rendering)
  return scopes.flatMap(before => {
    const inner = {...before}
    for (const {name, expression} of lets) inner[name] = evaluate(expression, inner, rendering)
    if (condition === undefined) return [inner]
    const holds = evaluate(condition, inner, rendering)
    if (typeof holds !== 'boolean')
      throw templateFailed(condition.position, 'type-mismatch', `$if is ${typeof holds}, not true or false`)
    return holds ? [inner] : []
  })
}

function loopScopes(
  {key, variable, range}: NonNullable<Directive['loop']>,
  scope: Scope,
  rendering: Rendering,
): Scope[] {
  const value = evaluate(range, scope, rendering)
  if (value === null || typeof value !== 'object')
    throw templateFailed(
      range.position,
      'type-mismatch',
      `$for goes over a list or a map, not ${value === null ? 'null' : typeof value}`,
    )
  const pairs: [unknown, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  if (pairs.length > limits.yamlNodes)
    throw templateFailed(range.position, 'limit', `$for over ${pairs.length} elements`)
  return pairs.map(([at, element]) => {
    if (key !== undefined) return {...scope, [key]: at, [variable]: element}
    return {...scope, [variable]: Array.isArray(value) ? element : at}
  })
}

function renderEntries(entries: TemplateEntry[], scope: Scope, rendering: Rendering): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  addEntries(fields, entries, scope, rendering)
  return fields
}

function addEntries(
  fields: Record<string, unknown>,
  entries: TemplateEntry[],
  scope: Scope,
  rendering: Rendering,
): void {
  for (const {key, keyPosition, value} of entries) {
    const name = typeof key === 'string' ? key : text(key, scope, rendering)
    if (name === OMIT) continue
    if (typeof name !== 'string')
      throw templateFailed(
        keyPosition,
        'type-mismatch',
        `a key is ${name === null ? 'null' : typeof name}; keys are strings`,
        'string(x)',
      )
    const rendered = renderNode(value, scope, rendering)
    if (rendered === OMIT) continue
    if (Object.hasOwn(fields, name))
      throw templateFailed(keyPosition, 'duplicate-key', `the key ${JSON.stringify(name)} comes twice`)
    // An ordinary own field whatever its name: `__proto__`, too.
    Object.defineProperty(fields, name, {value: rendered, enumerable: true, writable: true, configurable: true})
  }
}

function evaluate(expression: Expression, scope: Scope, {types, budget}: Rendering): unknown {
  return evaluateExpression(expression, scope, {types, budget})
}

function text(template: Template, scope: Scope, {types, budget}: Rendering): unknown {
  return evaluateTemplate(template, scope, {types, budget})
}

function count(node: TemplateNode, {nodes}: Rendering): void {
  nodes.remaining -= 1
  if (nodes.remaining < 0)
    throw templateFailed(node.position, 'limit', 'the templates render to too much', 'make fewer objects')
}
