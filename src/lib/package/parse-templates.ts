import {isTemplate, type Position} from '../expr/index.ts'
import {nearest} from '../nearest.ts'
import {bare, parseLets, parseLoop, textTemplate} from './bare.ts'
import {finding} from './errors.ts'
import {textOf} from './load.ts'
import type {Directive, TemplateDocument, TemplateEntry, TemplateNode} from './template-tree.ts'
import {plainValue} from './tree.ts'
import type {Finding, Package} from './types.ts'
import {parseYamlFile, type YamlEntry, type YamlNode} from './yaml.ts'

/** All templates of a package, and what is wrong with their text: YAML, directives, syntax of expressions. */
export interface ParsedTemplates {
  documents: TemplateDocument[]
  findings: Finding[]
}

const parsed = new WeakMap<Package, ParsedTemplates>()

/** Parses `resources/**.yaml`; once per package. Never throws for what the files say. */
export function parseTemplates(pkg: Package): ParsedTemplates {
  const known = parsed.get(pkg)
  if (known !== undefined) return known
  const documents: TemplateDocument[] = []
  const findings: Finding[] = []
  for (const [file, bytes] of pkg.files) {
    if (!/^resources\/.+/.test(file)) continue
    const start = {file, line: 1, column: 1}
    const text = textOf(bytes)
    if (!/\.ya?ml$/.test(file))
      findings.push(finding('error', 'resources', start, 'resources/ takes .yaml files only', 'move it to files/'))
    else if (text === undefined) findings.push(finding('error', 'resources', start, 'the file is no UTF-8 text'))
    else {
      const yaml = parseYamlFile(file, text)
      findings.push(...yaml.findings)
      for (const node of yaml.documents) {
        const document = parseDocument(node, findings)
        if (document !== undefined) documents.push(document)
      }
    }
  }
  const result = {documents, findings}
  parsed.set(pkg, result)
  return result
}

const inside = ['$if', '$for', '$value', '$items', '$let', '$raw']
const atTop = ['$component', '$task', '$part', '$scope']

function parseDocument(root: YamlNode, findings: Finding[]): TemplateDocument | undefined {
  if (root.kind !== 'map') {
    findings.push(
      finding('error', 'document', root.position, 'a document is an object: a map with apiVersion and kind'),
    )
    return undefined
  }
  const {position} = root
  const named = new Map(root.entries.filter(({key}) => atTop.includes(key)).map(entry => [entry.key, entry]))
  const body = parseNode({...root, entries: root.entries.filter(({key}) => !named.has(key))}, findings)
  const name = (directive: string) => nameOf(named.get(directive), findings)
  const part = name('$part')
  if (part !== undefined) {
    const other = ['$component', '$task', '$scope'].find(directive => named.has(directive))
    if (other !== undefined)
      findings.push(
        finding('error', 'directive', position, `$part and ${other} in one document`, 'a part is a value, no object'),
      )
    return {kind: 'part', name: part, position, body}
  }
  const scope = name('$scope')
  if (scope !== undefined && scope !== 'cluster' && scope !== 'namespace') {
    findings.push(finding('error', 'directive', position, `$scope is ${scope}`, 'write cluster or namespace'))
  }
  return {
    kind: 'object',
    component: name('$component'),
    task: name('$task'),
    clusterScope: scope === 'cluster',
    position,
    body,
  }
}

function nameOf(entry: YamlEntry | undefined, findings: Finding[]): string | undefined {
  if (entry === undefined) return undefined
  if (entry.value.kind === 'scalar' && typeof entry.value.value === 'string' && !isTemplate(entry.value.value))
    return entry.value.value
  findings.push(
    finding(
      'error',
      'directive',
      entry.value.position,
      `${entry.key} takes a name`,
      `${entry.key}: name, without \${}`,
    ),
  )
  return undefined
}

function parseNode(node: YamlNode, findings: Finding[]): TemplateNode {
  const {position} = node
  switch (node.kind) {
    case 'scalar': {
      const {value} = node
      if (typeof value !== 'string' || !value.includes('${')) return {k: 'value', value, position}
      const template = textTemplate(value, position, node.locate, findings)
      return template === undefined ? {k: 'value', value, position} : {k: 'text', template, position}
    }
    case 'list':
      return {k: 'list', items: node.items.map(item => parseNode(item, findings)), position}
    case 'map':
      return node.entries.some(({key}) => key.startsWith('$') && !key.startsWith('${') && !key.startsWith('$$'))
        ? parseDirective(node, findings)
        : {k: 'map', entries: parseEntries(node.entries, findings), position}
  }
}

function parseEntries(entries: YamlEntry[], findings: Finding[]): TemplateEntry[] {
  return entries.map(({key, keyPosition, keyLocate, value}) => {
    const template = key.includes('${') ? textTemplate(key, keyPosition, keyLocate, findings) : undefined
    return {key: template ?? key, keyPosition, value: parseNode(value, findings)}
  })
}

function parseDirective(node: Extract<YamlNode, {kind: 'map'}>, findings: Finding[]): TemplateNode {
  const {position} = node
  const directives = new Map(node.entries.filter(({key}) => /^\$[^{$]/.test(key)).map(entry => [entry.key, entry]))
  const fields = node.entries.filter(({key}) => !directives.has(key))
  const report = (at: Position, message: string, fix?: string) =>
    findings.push(finding('error', 'directive', at, message, fix))
  for (const {key, keyPosition} of directives.values()) {
    if (inside.includes(key)) continue
    const guess = nearest(key, inside)
    if (atTop.includes(key)) report(keyPosition, `${key} stands at a document's top only`)
    else
      report(
        keyPosition,
        `there is no directive ${key}`,
        guess === undefined
          ? `directives: ${inside.join(', ')}; if the field is really called so, put the map into {$raw: …}`
          : `did you mean ${guess}?`,
      )
  }
  const raw = directives.get('$raw')
  if (raw !== undefined) {
    if (node.entries.length > 1) report(position, '$raw stands alone in its map', 'a: {$raw: "text"}')
    return {k: 'value', value: plainValue(raw.value), position: raw.value.position}
  }
  const value = directives.get('$value')
  const items = directives.get('$items')
  if (value !== undefined && items !== undefined) report(position, '$value and $items in one map', 'keep one')
  if ((value !== undefined || items !== undefined) && fields[0] !== undefined) {
    report(
      fields[0].keyPosition,
      `the field ${fields[0].key} beside ${value === undefined ? '$items' : '$value'}`,
      'the whole is said already: remove one',
    )
  }
  return {
    k: 'directive',
    position,
    loop: parseLoop(directives.get('$for'), findings),
    lets: parseLets(directives.get('$let'), findings),
    condition: bare(directives.get('$if'), findings),
    content: content(value, items, fields, findings),
  }
}

function content(
  value: YamlEntry | undefined,
  items: YamlEntry | undefined,
  fields: YamlEntry[],
  findings: Finding[],
): Directive['content'] {
  if (value !== undefined) return {as: 'value', value: parseNode(value.value, findings)}
  if (items === undefined) return {as: 'entries', entries: parseEntries(fields, findings)}
  if (items.value.kind !== 'list') {
    findings.push(
      finding(
        'error',
        'directive',
        items.value.position,
        '$items takes a list',
        '$value splices nothing: use it for a single element',
      ),
    )
    return {as: 'items', items: []}
  }
  return {as: 'items', items: items.value.items.map(item => parseNode(item, findings))}
}
