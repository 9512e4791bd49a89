import {
  type Budget,
  createBudget,
  type Expression,
  evaluateExpression,
  evaluateTemplate,
  OMIT,
  type Position,
  type Scope,
  type TypeScope,
} from '../expr/index.ts'
import {templateFailed} from './errors.ts'
import {limits} from './limits.ts'
import type {Directive, TemplateEntry, TemplateNode} from './template.ts'

/** Turns templates into values. What it may cost is shared by all that one renderer makes. */
export class Renderer {
  readonly #types: TypeScope
  readonly #budget: Budget = createBudget()
  #nodes: number = limits.renderedNodes

  constructor(types: TypeScope) {
    this.#types = types
  }

  /** The value of a template, or {@link OMIT} where its condition does not hold. @throws ExpressionError `template.failed` */
  value(node: TemplateNode, scope: Scope): unknown {
    this.#count(node)
    switch (node.k) {
      case 'value':
        // A copy: what is rendered is the caller's, the tree is every render's.
        return typeof node.value === 'object' ? structuredClone(node.value) : node.value
      case 'text':
        return evaluateTemplate(node.template, scope, {types: this.#types, budget: this.#budget})
      case 'list':
        return node.items.flatMap(item => this.values(item, scope))
      case 'map':
        return this.#fields({}, node.entries, scope)
      case 'directive':
        return this.#directive(node, scope)
    }
  }

  /** All values that a node stands for in a list, or at the top of a file: a loop is several, a false condition none. */
  values(node: TemplateNode, scope: Scope): unknown[] {
    if (node.k !== 'directive') {
      const value = this.value(node, scope)
      return value === OMIT ? [] : [value]
    }
    this.#count(node)
    const {content} = node
    return this.#rounds(node, scope).flatMap(inner => {
      if (content.as === 'items') return content.items.flatMap(item => this.values(item, inner))
      const value = this.value(content.node, inner)
      return value === OMIT ? [] : [value]
    })
  }

  /**
   * A directive as the value of a field. A loop makes a list of its `$value`s or `$items`, or one map of its fields: that is what a loop
   * over environment variables or labels wants.
   */
  #directive(node: Directive, scope: Scope): unknown {
    const {content, loop} = node
    const scopes = this.#rounds(node, scope)
    if (loop === undefined && scopes.length === 0) return OMIT
    if (content.as === 'items') return scopes.flatMap(inner => content.items.flatMap(item => this.values(item, inner)))
    if (content.as === 'map' && content.node.k === 'map') {
      const fields: Record<string, unknown> = {}
      for (const inner of scopes) this.#fields(fields, content.node.entries, inner)
      return fields
    }
    const values = scopes.map(inner => this.value(content.node, inner))
    return loop === undefined ? values[0] : values.filter(value => value !== OMIT)
  }

  /** The scopes in which the content is rendered: one, none, or one per round of the loop. */
  #rounds({loop, lets, condition}: Directive, scope: Scope): Scope[] {
    const scopes = loop === undefined ? [scope] : this.#loop(loop, scope)
    return scopes.flatMap(before => {
      const inner = {...before}
      for (const {name, expression} of lets) inner[name] = this.#evaluate(expression, inner)
      const holds = condition === undefined || this.#evaluate(condition, inner)
      if (condition !== undefined && typeof holds !== 'boolean')
        throw templateFailed(condition.position, 'type-mismatch', `$if is ${typeof holds}, not true or false`)
      return holds ? [inner] : []
    })
  }

  #loop({key, variable, range}: NonNullable<Directive['loop']>, scope: Scope): Scope[] {
    const value = this.#evaluate(range, scope)
    if (value === null || typeof value !== 'object') {
      const message = `$for goes over a list or a map, not ${value === null ? 'null' : typeof value}`
      throw templateFailed(range.position, 'type-mismatch', message)
    }
    const pairs: [unknown, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
    this.#count(range, pairs.length)
    return pairs.map(([at, element]) => {
      if (key !== undefined) return {...scope, [key]: at, [variable]: element}
      return {...scope, [variable]: Array.isArray(value) ? element : at}
    })
  }

  #fields(fields: Record<string, unknown>, entries: TemplateEntry[], scope: Scope): Record<string, unknown> {
    for (const {key, keyPosition, value} of entries) {
      const name =
        typeof key === 'string' ? key : evaluateTemplate(key, scope, {types: this.#types, budget: this.#budget})
      if (name === OMIT) continue
      if (typeof name !== 'string') {
        const message = `a key is ${name === null ? 'null' : typeof name}; keys are strings`
        throw templateFailed(keyPosition, 'type-mismatch', message, 'string(x)')
      }
      const rendered = this.value(value, scope)
      if (rendered === OMIT) continue
      if (Object.hasOwn(fields, name))
        throw templateFailed(keyPosition, 'duplicate-key', `the key ${JSON.stringify(name)} comes twice`)
      // An ordinary own field whatever its name: `__proto__`, too.
      Object.defineProperty(fields, name, {value: rendered, enumerable: true, writable: true, configurable: true})
    }
    return fields
  }

  #evaluate(expression: Expression, scope: Scope): unknown {
    return evaluateExpression(expression, scope, {types: this.#types, budget: this.#budget})
  }

  #count({position}: {position: Position}, nodes = 1): void {
    this.#nodes -= nodes
    if (this.#nodes < 0)
      throw templateFailed(position, 'limit', 'the templates render to too much', 'make fewer objects')
  }
}
