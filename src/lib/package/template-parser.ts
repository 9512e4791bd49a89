import {
  type Expression,
  ExpressionError,
  isTemplate,
  type Locator,
  type Position,
  parseExpression,
  parseTemplate,
  type Template,
} from '../expr/index.ts'
import {didYouMean} from '../nearest.ts'
import {
  type Edit,
  type Finding,
  finding,
  plainValue,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
} from '../yaml/index.ts'
import {findingOf} from './errors.ts'
import type {Directive, TemplateDocument, TemplateEntry, TemplateNode} from './template.ts'

const inside = ['$if', '$for', '$value', '$items', '$let', '$raw']
const atTop = ['$component', '$task', '$part', '$scope']

/** YAML to templates. Never throws for what a file says: that is in `findings`. */
export class TemplateParser {
  readonly findings: Finding[] = []
  /** All that was parsed: they say what a package reads. */
  readonly expressions: Expression[] = []

  document(root: YamlNode): TemplateDocument | undefined {
    const {position} = root
    if (root.kind !== 'map') {
      this.error('document', position, 'a document is an object: a map with apiVersion and kind')
      return undefined
    }
    const named = new Map(root.entries.filter(({key}) => atTop.includes(key)).map(entry => [entry.key, entry]))
    const body = this.node({...root, entries: root.entries.filter(({key}) => !named.has(key))})
    const [component, task, name, scope] = ['$component', '$task', '$part', '$scope'].map(key =>
      this.#name(named.get(key)),
    )
    if (name !== undefined) {
      const other = [...named.keys()].find(key => key !== '$part')
      if (other !== undefined)
        this.error('directive', position, `$part and ${other} in one document`, 'a part is a value, no object')
      return {kind: 'part', name, position, body}
    }
    if (scope !== undefined && scope !== 'cluster' && scope !== 'namespace')
      this.error('directive', position, `$scope is ${scope}`, 'write cluster or namespace')
    return {kind: 'object', component, task, clusterScope: scope === 'cluster', position, body}
  }

  node(node: YamlNode): TemplateNode {
    const {position} = node
    if (node.kind === 'scalar') {
      const {value, locate, rest} = node
      const template = typeof value === 'string' ? this.#template(value, position, locate, rest) : undefined
      return template === undefined ? {k: 'value', value, position} : {k: 'text', template, position}
    }
    if (node.kind === 'list') return {k: 'list', items: node.items.map(item => this.node(item)), position}
    const directives = new Map(node.entries.filter(({key}) => /^\$[^{$]/.test(key)).map(entry => [entry.key, entry]))
    const fields = node.entries.filter(({key}) => !directives.has(key))
    if (directives.size > 0) return this.#directive(node, directives, fields)
    return {k: 'map', entries: fields.map(entry => this.#entry(entry)), position}
  }

  /** A value that is CEL without `${}`. YAML has made numbers and booleans of some: their source is CEL as well. */
  bare(entry: YamlEntry | undefined): Expression | undefined {
    const found = this.#bareText(entry)
    return found && this.#expression(found.text, found.locate)
  }

  error(rule: string, position: Position, message: string, fix?: string): void {
    this.findings.push(finding('error', rule, position, message, fix))
  }

  #entry({key, keyPosition, keyLocate, value}: YamlEntry): TemplateEntry {
    return {key: this.#template(key, keyPosition, keyLocate) ?? key, keyPosition, value: this.node(value)}
  }

  #directive({position, entries}: YamlMap, directives: Map<string, YamlEntry>, fields: YamlEntry[]): TemplateNode {
    for (const {key, keyPosition} of directives.values()) {
      const field = `directives: ${inside.join(', ')}; if the field is really called so, put the map into {$raw: …}`
      if (atTop.includes(key)) this.error('directive', keyPosition, `${key} stands at a document's top only`)
      else if (!inside.includes(key))
        this.error('directive', keyPosition, `there is no directive ${key}`, didYouMean(key, inside) ?? field)
    }
    const [raw, value, items] = ['$raw', '$value', '$items'].map(key => directives.get(key))
    if (raw !== undefined) {
      if (entries.length > 1) this.error('directive', position, '$raw stands alone in its map', 'a: {$raw: "text"}')
      return {k: 'value', value: plainValue(raw.value), position: raw.value.position}
    }
    const whole = value ?? items
    if (value !== undefined && items !== undefined)
      this.error('directive', position, '$value and $items in one map', 'keep one')
    if (whole !== undefined && fields[0] !== undefined) {
      const {key, keyPosition} = fields[0]
      const message = `the field ${key} beside ${whole.key}`
      this.error('directive', keyPosition, message, 'the whole is said already: remove one')
    }
    return {
      k: 'directive',
      position,
      loop: this.#loop(directives.get('$for')),
      lets: this.#lets(directives.get('$let')),
      condition: this.bare(directives.get('$if')),
      content:
        whole === undefined
          ? {as: 'map', node: {k: 'map', entries: fields.map(entry => this.#entry(entry)), position}}
          : whole === value
            ? {as: 'value', node: this.node(whole.value)}
            : {as: 'items', items: this.#items(whole.value)},
    }
  }

  #items({position, ...node}: YamlNode): TemplateNode[] {
    if (node.kind === 'list') return node.items.map(item => this.node(item))
    this.error('directive', position, '$items takes a list', '$value splices nothing: use it for a single element')
    return []
  }

  /** `x in expr` or `k, v in expr`: of a list the element, or index and element; of a map the key, or key and value. */
  #loop(entry: YamlEntry | undefined): Directive['loop'] {
    const found = this.#bareText(entry)
    if (found === undefined) return undefined
    const match = /^(\s*(?:([A-Za-z_]\w*)\s*,\s*)?([A-Za-z_]\w*)\s+in\s+)([\s\S]+)$/.exec(found.text)
    const [, head = '', key, variable, source] = match ?? []
    if (variable === undefined || source === undefined) {
      const fix = '$for: x in expression, or $for: key, value in expression'
      this.error('directive', found.locate(0), `$for is ${JSON.stringify(found.text)}`, fix)
      return undefined
    }
    const range = this.#expression(source, offset => found.locate(head.length + offset))
    return range === undefined ? undefined : {key, variable, range}
  }

  #lets(entry: YamlEntry | undefined): Directive['lets'] {
    if (entry === undefined) return []
    const {value} = entry
    if (value.kind !== 'map') {
      this.error('directive', value.position, '$let takes a map', '$let: {name: expression}')
      return []
    }
    return value.entries.flatMap(binding => {
      const {key, keyPosition} = binding
      if (!/^[A-Za-z_]\w*$/.test(key))
        this.error('directive', keyPosition, `${JSON.stringify(key)} is no name`, 'letters, digits and _')
      const expression = this.bare(binding)
      return expression === undefined ? [] : [{name: key, expression}]
    })
  }

  #name(entry: YamlEntry | undefined): string | undefined {
    if (entry === undefined) return undefined
    const {key, value} = entry
    if (value.kind === 'scalar' && typeof value.value === 'string' && !isTemplate(value.value)) return value.value
    this.error('directive', value.position, `${key} takes a name`, `${key}: name, without \${}`)
    return undefined
  }

  #bareText(entry: YamlEntry | undefined): {text: string; locate: Locator} | undefined {
    if (entry === undefined) return undefined
    const {key, value: node} = entry
    if (node.kind !== 'scalar') {
      const fix = `quote it: YAML reads ${node.kind === 'map' ? '{' : '['} as a ${node.kind}`
      this.error('syntax', node.position, `${key} takes an expression`, fix)
      return undefined
    }
    const text = typeof node.value === 'string' ? node.value : node.source
    if (/^\s*\$\{[\s\S]*\}\s*$/.test(text)) {
      const bare = text.trim().slice(2, -1).trim()
      const edit = {was: node.source, text: bare}
      const message = `${key} takes a bare expression, without \${}`
      this.findings.push(finding('error', 'syntax', node.position, message, `${key}: ${bare}`, edit))
      return undefined
    }
    return {text, locate: node.locate}
  }

  #expression(source: string, locate: Locator): Expression | undefined {
    const expression = this.#try(() => parseExpression(source, locate(0), locate))
    if (expression !== undefined) this.expressions.push(expression)
    return expression
  }

  /** Undefined for a plain text, which most are, and for a faulty one. */
  #template(text: string, position: Position, locate: Locator, rest?: string): Template | undefined {
    if (!isTemplate(text)) return undefined
    const template = this.#try(() => parseTemplate(text, position, locate), position, quoted(rest))
    for (const part of template?.parts ?? []) if ('expression' in part) this.expressions.push(part.expression)
    return template
  }

  /** @param edit of what stands at `position`, where that is what mends an expression without an end */
  #try<T>(parse: () => T, position?: Position, edit?: Edit): T | undefined {
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      const found = findingOf(error.problem)
      const cut = position !== undefined && edit !== undefined && found.rule === 'unterminated'
      this.findings.push(cut ? {...found, position, edit} : found)
      return undefined
    }
  }
}

/** A text that a comment has cut, in quotes up to the end of its expression. */
function quoted(rest: string | undefined): Edit | undefined {
  const [was] = /^[^#]*?\$\{(?:[^"'{}]|"[^"]*"|'[^']*')*\}[^\s,\]}#]*/.exec(rest ?? '') ?? []
  return was === undefined ? undefined : {was, text: `'${was.replaceAll("'", "''")}'`}
}
