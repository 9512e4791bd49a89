import {
  type Expression,
  isTemplate,
  parseExpression,
  parseTemplate,
  referencesIn,
  type Template,
} from '../expr/index.ts'
import {parseTemplates} from './parse-templates.ts'
import type {Directive, TemplateNode} from './template-tree.ts'
import type {Package} from './types.ts'

/** Every path that a package's expressions read: `params.smtp.host`, `images.app`, `jobs`. What cannot be parsed is left out. */
export function readPaths(pkg: Package): Set<string> {
  const found = new Set<string>()
  for (const {body} of parseTemplates(pkg).documents) node(body)
  const {manifest} = pkg
  for (const source of Object.values(manifest.let)) bare(source)
  for (const {check} of manifest.rules) bare(check)
  for (const {when} of Object.values(manifest.tasks)) bare(when)
  texts(manifest.provides)
  texts(manifest.outputs)
  texts(manifest.notes)
  texts(manifest.parameters)
  return found

  function node(of: TemplateNode): void {
    if (of.k === 'text') template(of.template)
    else if (of.k === 'list') for (const item of of.items) node(item)
    else if (of.k === 'map') entries(of.entries)
    else if (of.k === 'directive') directive(of)
  }

  function directive({loop, lets, condition, content}: Directive): void {
    for (const expression of [loop?.range, condition, ...lets.map(binding => binding.expression)])
      if (expression !== undefined) add(expression)
    if (content.as === 'entries') entries(content.entries)
    else for (const item of content.as === 'value' ? [content.value] : content.items) node(item)
  }

  function entries(list: Extract<TemplateNode, {k: 'map'}>['entries']): void {
    for (const {key, value} of list) {
      if (typeof key !== 'string') template(key)
      node(value)
    }
  }

  function template({parts}: Template): void {
    for (const part of parts) if ('expression' in part) add(part.expression)
  }

  function add(expression: Expression): void {
    for (const path of referencesIn(expression))
      for (let length = 1; length <= path.length; length++) found.add(path.slice(0, length).join('.'))
  }

  function bare(source: string | undefined): void {
    if (source !== undefined) attempt(() => add(parseExpression(source, nowhere)))
  }

  /** Templates at any depth, and the conditions of parameters. */
  function texts(value: unknown): void {
    if (typeof value === 'string') {
      if (isTemplate(value)) attempt(() => template(parseTemplate(value, nowhere)))
    } else if (Array.isArray(value)) for (const item of value) texts(item)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (key === 'when' && typeof item === 'string') bare(item)
        texts(item)
      }
    }
  }
}

const nowhere = {file: '', line: 1, column: 1}

function attempt(work: () => void): void {
  try {
    work()
  } catch {
    // The checker reports what cannot be parsed; here only what is read counts.
  }
}
